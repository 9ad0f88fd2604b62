#include "app/ratdeckctl/progress.h"

#include "app/ratdeckctl/output.h"
#include "core/base/duration.h"
#include "core/base/plain_text.h"
#include "core/rollout/sentence.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ratdeck {

namespace {

// At most so many bytes, with no character cut in two.
size_t wholeCharacters(const std::string& utf8, size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(utf8[bytes]) & 0xC0) == 0x80)
    --bytes;
  return bytes;
}

// The age and the countdown stand before what is only explained, since a terminal may be narrow.
std::string waitText(const WaitReason& reason, Instant now) {
  const auto cut =
      reason.code == "runs" ? std::min(reason.text.find(" ("), reason.text.size()) : reason.text.size();
  auto text = plainText(reason.text.substr(0, cut));
  if (reason.oldest)
    text +=
        ", the oldest " + toHumanString(std::chrono::floor<std::chrono::seconds>(now.boot - *reason.oldest));
  if (reason.until && *reason.until > now.boot)
    text += " (" + toHumanString(std::chrono::ceil<std::chrono::seconds>(*reason.until - now.boot)) + " -> " +
            reason.then + ")";
  return text + plainText(reason.text.substr(cut));
}

} // namespace

Progress::Progress(Style style) : m_style(style) {}

Progress::~Progress() {
  clearWaiting();
}

void Progress::clearWaiting() {
  if (m_hasWaiting)
    printText("\r\x1b[K");
  m_hasWaiting = false;
}

void Progress::line(const std::string& text) {
  if (m_style.isSilent)
    return;
  clearWaiting();
  printText(text + "\n");
}

void Progress::show(const Event& event, const RolloutState& state) {
  auto sentence = plainText(sentenceOf(event, state));
  if (sentence.empty() || m_style.isSilent)
    return;
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), "%7.1f s  ",
                std::chrono::duration<double>(event.at.boot - state.startedAt.boot).count());
  bool isBad = event.type == EventType::GateFailed || event.type == EventType::ServingWentBad ||
               event.type == EventType::ServiceFailed || event.type == EventType::ServiceUndoFailed ||
               event.type == EventType::UndoStarted || event.type == EventType::EngineFaulted ||
               event.type == EventType::TaskFailed || event.type == EventType::TaskUndoFailed;
  line(time.data() + (isBad && m_style.hasColor ? "\x1b[33m" + sentence + "\x1b[0m" : sentence));
}

void Progress::showWaiting(const RolloutState& state, Instant now) {
  if (!m_style.isTerminal || m_style.isSilent || state.phase == RolloutPhase::New)
    return;
  std::string text = "  ... ";
  auto reasons = reasonsOf(state);
  for (size_t i = 0; i < reasons.size() && i < 3; ++i)
    text += (i ? " | " : "") + waitText(reasons[i], now);
  winsize size{};
  size_t width = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79u;
  if (text.size() > width)
    text.resize(wholeCharacters(text, width));
  clearWaiting();
  printText(text);
  m_hasWaiting = true;
}

} // namespace ratdeck

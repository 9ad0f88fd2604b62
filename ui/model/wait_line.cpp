#include "ui/model/wait_line.h"

#include "core/rollout/rollout.h"
#include "ui/model/countdown.h"
#include "ui/model/plain.h"

#include <QCoreApplication>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr Duration nearby = std::chrono::seconds(30);

QString tr(const char* text) {
  return QCoreApplication::translate("WaitLine", text);
}

// People first, then the end of a countdown.
int rankOf(const WaitReason& reason) {
  if (reason.code == "approval" || (reason.code == "runs" && !reason.until))
    return 0;
  if (reason.code == "held" || reason.code == "away")
    return 1;
  if (reason.code == "retry")
    return 2;
  return 3;
}

} // namespace

std::vector<WaitLine> waitLinesOf(const RolloutState& state, Instant now) {
  auto reasons = reasonsOf(state);
  std::stable_sort(reasons.begin(), reasons.end(), [](const WaitReason& a, const WaitReason& b) {
    if (rankOf(a) != rankOf(b))
      return rankOf(a) < rankOf(b);
    return a.until && (!b.until || *a.until < *b.until);
  });
  std::vector<WaitLine> lines;
  for (const auto& reason : reasons) {
    WaitLine line;
    line.code = plain(reason.code);
    line.service = plain(reason.service);
    line.text = plain(reason.text);
    line.since = tr("for %1").arg(durationText(now.boot - reason.since.boot));
    const auto left = countdownText(reason.until, plain(reason.then), now);
    line.countdown = left.isEmpty() ? tr("until somebody decides") : tr("in %1").arg(left);
    if (reason.code == "away")
      line.countdown = tr("until it answers again");
    line.isNear = rankOf(reason) == 0 || (reason.until && *reason.until - now.boot <= nearby);
    lines.push_back(std::move(line));
  }
  return lines;
}

} // namespace ratdeck

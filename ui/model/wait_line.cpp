#include "ui/model/wait_line.h"

#include "core/rollout/rollout.h"
#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr Duration nearby = std::chrono::seconds(30);

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

// What ends the wait.
QString endText(const WaitReason& reason, bool isAway, Instant now) {
  const auto left = countdownText(reason.until, plain(reason.then), now);
  if (!left.isEmpty())
    return tr("in %1").arg(left);
  if (reason.code == "away")
    return tr("until it answers again");
  const bool isOfPeople = reason.code == "approval" || reason.code == "held" || reason.then.empty();
  return isAway && !isOfPeople ? tr("its deadline waits too") : tr("until somebody decides");
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
    if (reason.oldest)
      line.text += tr(", the oldest %1 old").arg(durationText(now.boot - *reason.oldest));
    line.since = tr("%1 so far").arg(durationText(now.boot - reason.since.boot));
    line.countdown = endText(reason, state.isAway, now);
    line.isNear = rankOf(reason) <= 1 || (reason.until && *reason.until - now.boot <= nearby);
    lines.push_back(std::move(line));
  }
  return lines;
}

} // namespace ratdeck

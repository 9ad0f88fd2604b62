#include "ui/model/users_verdict.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QLocale>

namespace ratdeck {

namespace {

QString number(long long value) {
  return QLocale(QLocale::English).toString(value);
}

UsersVerdict verdict(UsersState state, Mood mood, const QString& word, const QString& detail) {
  return {state, {mood, word, detail}};
}

QString counted(const TrafficCount& count) {
  return failedText(count.failed(), count.requests());
}

// "all from ratd 2.4.0", or the worst one.
QString blame(const TrafficCount& count) {
  const auto& culprits = count.culprits();
  if (culprits.empty())
    return {};
  auto worst = culprits.begin();
  for (auto it = culprits.begin(); it != culprits.end(); ++it)
    if (it->second > worst->second)
      worst = it;
  const auto who = plain(worst->first);
  return culprits.size() == 1 ? tr(", all from %1").arg(who) : tr(", most from %1").arg(who);
}

// So long after the last failure nobody is being hurt any more.
constexpr Duration hurtingTime = std::chrono::seconds(5);

UsersVerdict noData(const UsersFacts& facts, std::optional<Instant> since) {
  auto detail =
      since ? tr("for %1").arg(durationText(facts.now.boot - since->boot)) : tr("nothing has been heard yet");
  if (facts.count->requests() > 0)
    detail += QStringLiteral(" · ") + tr("before that %1").arg(counted(*facts.count));
  return verdict(UsersState::NoData, Mood::Unknown, tr("NO DATA"),
                 detail + QStringLiteral(" · ") + tr("commands may not arrive"));
}

// Nobody asked, so nobody can be said to be well.
UsersVerdict noRequests(const QString& seen) {
  return verdict(UsersState::NotMeasured, Mood::Unknown, tr("NO USERS SEEN"),
                 tr("no request so far") + QStringLiteral(" · ") + seen);
}

UsersVerdict measured(const TrafficCount& count, Instant now) {
  const auto age = now.boot - count.lastSample()->boot;
  const auto seen = tr("seen at the router %1 ago").arg(durationText(age));
  if (count.requests() == 0)
    return noRequests(seen);
  if (count.failed() == 0)
    return verdict(UsersState::Ok, Mood::Ok, tr("USERS OK"), counted(count) + QStringLiteral(" · ") + seen);
  const auto sinceLast = now.boot - count.lastFailure()->boot;
  const auto what = counted(count) + blame(count) + QStringLiteral(" · ");
  if (sinceLast <= hurtingTime) {
    const auto first = durationText(now.boot - count.firstFailure()->boot);
    auto hurt = verdict(UsersState::Hurt, Mood::Failed, tr("USERS HURT"),
                        what + tr("first %1 ago, last %2 ago").arg(first, durationText(sinceLast)));
    hurt.hurtSince = count.firstFailure()->boot;
    return hurt;
  }
  return verdict(UsersState::WereHurt, Mood::Caution, tr("USERS WERE HURT"),
                 what + tr("none in the last %1").arg(durationText(sinceLast)));
}

} // namespace

UsersVerdict endVerdict(const TrafficCount& count, Instant end) {
  if (!count.lastSample())
    return verdict(UsersState::NotMeasured, Mood::Unknown, tr("USERS NOT MEASURED"),
                   tr("no router was seen"));
  if (end.boot - count.lastSample()->boot > sampleLifetime)
    return verdict(UsersState::NoData, Mood::Unknown, tr("NO DATA"),
                   counted(count) + QStringLiteral(" · ") +
                       tr("nothing was seen in the last %1 of it")
                           .arg(durationText(end.boot - count.lastSample()->boot)));
  const auto when = tr("over the whole rollout, seen at the router");
  if (count.requests() == 0)
    return noRequests(when);
  const auto during = QStringLiteral(" · ") + when;
  if (count.failed() == 0 && count.unseen() > Duration::zero())
    return verdict(UsersState::NoData, Mood::Unknown, tr("NO DATA"),
                   counted(count) + QStringLiteral(" · ") +
                       tr("nothing was seen for %1 of it").arg(durationText(count.unseen())));
  if (count.failed() == 0)
    return verdict(UsersState::Ok, Mood::Ok, tr("USERS WERE OK"), counted(count) + during);
  return verdict(UsersState::WereHurt, Mood::Failed, tr("USERS WERE HURT"),
                 counted(count) + blame(count) + during);
}

QString failedText(long long failed, long long requests) {
  return tr("%1 of %2 failed").arg(number(failed), number(requests));
}

UsersVerdict usersVerdict(const UsersFacts& facts) {
  const TrafficCount& count = *facts.count;
  if (!facts.isConnected)
    return noData(facts, count.lastSample() ? count.lastSample() : facts.silence);
  if (!count.lastSample() && !facts.hasRouter)
    return verdict(UsersState::NotMeasured, Mood::Unknown, tr("USERS NOT MEASURED"),
                   tr("no router is seen here"));
  const auto since = count.lastSample() ? count.lastSample() : facts.silence;
  if (since && facts.now.boot - since->boot > sampleLifetime)
    return noData(facts, since);
  if (!count.lastSample())
    return verdict(UsersState::NotMeasured, Mood::Unknown, tr("USERS NOT MEASURED"), tr("no sample yet"));
  return measured(count, facts.now);
}

} // namespace ratdeck

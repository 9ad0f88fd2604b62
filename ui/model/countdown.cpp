#include "ui/model/countdown.h"

#include "ui/model/tr.h"

#include <QDateTime>
#include <QLocale>

namespace ratdeck {

namespace {

QDateTime dateTimeOf(WallTime time, bool isUtc) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return QDateTime::fromMSecsSinceEpoch(milliseconds, isUtc ? Qt::UTC : Qt::LocalTime);
}

} // namespace

QString durationText(Duration duration) {
  const auto seconds = std::max<long long>(0, std::chrono::round<std::chrono::seconds>(duration).count());
  if (seconds < 60)
    return tr("%1 s").arg(seconds);
  if (seconds < 3600)
    return seconds % 60 == 0 ? tr("%1 min").arg(seconds / 60)
                             : tr("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
  if (seconds >= 48 * 3600)
    return tr("%1 days").arg(seconds / 86400);
  return tr("%1 h %2 min").arg(seconds / 3600).arg(seconds / 60 % 60);
}

// Never as a clock would show it: 14:33 is a time of day to whoever reads it in a hurry.
QString countdownText(Duration left) {
  return durationText(std::chrono::ceil<std::chrono::seconds>(left));
}

QString countdownText(const std::optional<BootTime>& until, const QString& then, Instant now) {
  if (!until || then.isEmpty())
    return {};
  return countdownText(*until - now.boot) + QStringLiteral(" → ") + then;
}

QString clockText(WallTime time, bool isUtc) {
  const auto moment = dateTimeOf(time, isUtc);
  return moment.toString(QStringLiteral("HH:mm:ss ")) + moment.timeZoneAbbreviation();
}

QString dateText(WallTime time, bool isUtc) {
  const auto moment = dateTimeOf(time, isUtc);
  return QLocale::c().toString(moment, QStringLiteral("ddd d MMM HH:mm ")) + moment.timeZoneAbbreviation();
}

} // namespace ratdeck

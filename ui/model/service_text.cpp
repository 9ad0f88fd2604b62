#include "ui/model/service_text.h"

#include "core/base/duration.h"
#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QLocale>

#include <algorithm>

namespace ratdeck {

namespace {

QString versionOr(const QString& version, const QString& otherwise) {
  return version.isEmpty() ? otherwise : plain(version, 80);
}

QString rateNumber(double perSecond) {
  const double rate = std::max(0.0, perSecond);
  const bool isSmall = rate > 0 && rate < 10;
  return QLocale(QLocale::English).toString(rate, 'f', isSmall ? 1 : 0);
}

QString rateLine(const ServiceRow& row) {
  return row.requestRate ? tr("%1 requests/s").arg(rateNumber(*row.requestRate)) : QString();
}

QString dependencyLine(const ServiceRow& row) {
  return row.dependsOn.isEmpty() ? QString()
                                 : tr("depends on %1").arg(plain(row.dependsOn.join(QStringLiteral(", "))));
}

} // namespace

QString versionsText(const ServiceRow& row) {
  const auto old = versionOr(row.oldVersion, tr("none"));
  if (row.newVersion.isEmpty() || row.newVersion == row.oldVersion)
    return old;
  return old + QStringLiteral(" → ") + versionOr(row.newVersion, {});
}

QString stateText(const ServiceRow& row) {
  const auto status = plain(row.status);
  const auto health = plain(row.health);
  if (status.isEmpty() || health.isEmpty() || status == health)
    return status.isEmpty() ? health : status;
  return status + QStringLiteral(" · ") + health;
}

QString inFlightText(const ServiceRow& row) {
  return row.inFlight ? tr("%1 in flight").arg(QLocale(QLocale::English).toString(*row.inFlight)) : QString();
}

QString rateText(const ServiceRow& row) {
  return row.requestRate ? tr("%1/s").arg(rateNumber(*row.requestRate)) : QString();
}

QString untilText(const ServiceRow& row, Instant now) {
  if (!row.until)
    return row.waitingFor.isEmpty() ? QString() : tr("no deadline");
  return row.then.isEmpty() ? countdownText(*row.until - now.boot)
                            : countdownText(row.until, plain(row.then), now);
}

std::optional<double> waitLeft(const ServiceRow& row, Instant now) {
  if (!row.until || !row.since || *row.until <= *row.since)
    return std::nullopt;
  return std::clamp(seconds(*row.until - now.boot) / seconds(*row.until - *row.since), 0.0, 1.0);
}

QStringList serviceLines(const ServiceRow& row, Instant now) {
  QStringList lines = {plain(row.name)};
  if (row.wave > 0)
    lines += tr("wave %1").arg(row.wave);
  lines += {versionsText(row), stateText(row),        plain(row.copies),   inFlightText(row),
            rateLine(row),     plain(row.waitingFor), untilText(row, now), dependencyLine(row)};
  lines.removeAll(QString());
  return lines;
}

} // namespace ratdeck

#include "ui/widgets/chart_text.h"

#include "ui/model/tr.h"

#include <QLocale>

#include <array>
#include <cmath>

namespace ratdeck {

namespace {

constexpr double room = 1.08; // above the greatest value

bool isCount(Measure measure) {
  return measure == Measure::InFlight || measure == Measure::ActiveRuns;
}

// The least that an axis shows: a trifle should not look like a mountain.
double leastTop(Measure measure) {
  switch (measure) {
  case Measure::RequestRate:
  case Measure::ResponseTime:
    return 4;
  case Measure::ErrorRatio:
    return 1;
  case Measure::InFlight:
  case Measure::ActiveRuns:
    return 4;
  }
  return 1;
}

QString numberText(Measure measure, double value) {
  const QLocale locale;
  if (isCount(measure))
    return locale.toString(value, 'f', 0);
  const int decimals = measure == Measure::ErrorRatio ? (value < 10 ? 2 : 1) : (value < 10 ? 1 : 0);
  const double least = std::pow(10.0, -decimals);
  if (value > 0 && value < least)
    return QLatin1Char('<') + locale.toString(least, 'f', decimals);
  return locale.toString(value, 'f', value == 0 ? 0 : decimals);
}

// Beside a value.
QString unitOf(Measure measure) {
  switch (measure) {
  case Measure::RequestRate:
    return QStringLiteral("/s");
  case Measure::ErrorRatio:
    return QStringLiteral("%");
  case Measure::ResponseTime:
    return QStringLiteral("ms");
  case Measure::InFlight:
  case Measure::ActiveRuns:
    return {};
  }
  return {};
}

} // namespace

QString titleOf(Measure measure) {
  switch (measure) {
  case Measure::RequestRate:
    return tr("Requests");
  case Measure::ErrorRatio:
    return tr("Answered 5xx");
  case Measure::InFlight:
    return tr("In flight");
  case Measure::ResponseTime:
    return tr("Response time");
  case Measure::ActiveRuns:
    return tr("Active runs");
  }
  return {};
}

QString sideWord(Side side) {
  switch (side) {
  case Side::Total:
    return tr("total");
  case Side::Old:
    return tr("old");
  case Side::New:
    return tr("new");
  }
  return {};
}

QString axisUnitOf(Measure measure) {
  switch (measure) {
  case Measure::RequestRate:
    return tr("per second");
  case Measure::ErrorRatio:
    return tr("% of requests");
  case Measure::ResponseTime:
    return tr("ms to the first byte");
  case Measure::InFlight:
    return tr("requests");
  case Measure::ActiveRuns:
    return {};
  }
  return {};
}

QString valueText(Measure measure, double value) {
  const QString unit = unitOf(measure);
  return numberText(measure, value) + (unit.isEmpty() ? QString() : QChar(0x202F) + unit);
}

double topOf(Measure measure, double greatest) {
  const double wanted = std::max(leastTop(measure), isCount(measure) ? greatest + 1 : greatest * room);
  const double decade = std::pow(10.0, std::floor(std::log10(wanted)));
  for (double step : {1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0})
    if (step * decade >= wanted * (1 - 1e-9) && !(isCount(measure) && std::fmod(step * decade, 2) != 0))
      return step * decade;
  return 10 * decade;
}

int decimalsOf(double top) {
  const double half = top / 2;
  for (int decimals = 0; decimals < 4; ++decimals)
    if (const double scaled = half * std::pow(10.0, decimals); std::abs(scaled - std::round(scaled)) < 1e-9)
      return decimals;
  return 4;
}

} // namespace ratdeck

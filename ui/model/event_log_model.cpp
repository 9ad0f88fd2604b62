#include "ui/model/event_log_model.h"

#include "core/base/plain_text.h"
#include "ui/model/plain.h"
#include "ui/model/tr.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr Duration longestSlice = std::chrono::milliseconds(5);
constexpr int linesBetweenLooksAtTheClock = 8;
constexpr qsizetype longestCopy = 32 << 20; // characters
constexpr size_t longestService = 200;      // bytes

size_t bytesOf(const std::string& shown, const std::unique_ptr<std::string>& whole) {
  return shown.size() + (whole ? whole->size() : 0);
}

QString sizeText(size_t bytes) {
  return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

} // namespace

EventLogModel::EventLogModel(const Clock& clock, Bounds bounds, QObject* parent)
    : QAbstractTableModel(parent), m_clock(clock), m_bounds(bounds) {
  m_slice.setSingleShot(true);
  m_slice.setInterval(0);
  connect(&m_slice, &QTimer::timeout, this, [this] { lookFurther(); });
}

std::uint32_t EventLogModel::serviceIndex(const std::string& name) {
  const auto [place, isNew] = m_serviceIndex.try_emplace(name.substr(0, longestService), m_services.size());
  if (isNew)
    m_services.push_back(plain(name, longestService));
  return place->second;
}

EventLogModel::Line EventLogModel::toLine(LogRow row) {
  Line line{row.time, {}, {}, serviceIndex(row.service), row.type, row.mood};
  if (row.what.size() <= longestShown) {
    line.shown = plainText(row.what);
    return line;
  }
  line.shown = plainText(std::string_view(row.what).substr(0, longestShown)) +
               tr(" … (cut: %1)").arg(sizeText(row.what.size())).toStdString();
  if (row.what.size() > longestKept)
    row.what.resize(longestKept);
  line.whole = std::make_unique<std::string>(std::move(row.what));
  return line;
}

void EventLogModel::append(std::vector<LogRow> rows) {
  const size_t skipped = rows.size() - std::min(rows.size(), m_bounds.lines);
  std::vector<Line> lines;
  lines.reserve(rows.size() - skipped);
  size_t bytes = 0;
  for (size_t i = skipped; i < rows.size(); ++i) {
    lines.push_back(toLine(std::move(rows[i])));
    bytes += bytesOf(lines.back().shown, lines.back().whole);
  }
  if (lines.empty())
    return;
  makeRoom(lines.size(), bytes);
  const bool isShown = !isFiltered();
  if (isShown)
    beginInsertRows({}, static_cast<int>(m_lines.size()),
                    static_cast<int>(m_lines.size() + lines.size()) - 1);
  std::move(lines.begin(), lines.end(), std::back_inserter(m_lines));
  m_bytes += bytes;
  if (isShown)
    endInsertRows();
  else if (!m_slice.isActive())
    m_slice.start();
  Q_EMIT countsChanged();
}

// A view pays for every removal with all of its rows, so that room is made seldom and much of it.
void EventLogModel::makeRoom(size_t lines, size_t bytes) {
  size_t dropped = 0;
  if (m_lines.size() + lines > m_bounds.lines)
    dropped = std::max(m_lines.size() + lines - m_bounds.lines, m_bounds.lines / 64);
  size_t freed = 0, count = 0;
  for (const Line& line : m_lines) {
    if (count >= dropped && m_bytes + bytes - freed <= m_bounds.bytes)
      break;
    freed += bytesOf(line.shown, line.whole);
    ++count;
  }
  if (count > 0)
    dropOldest(count);
}

void EventLogModel::dropOldest(size_t count) {
  const std::uint64_t first = m_first + count;
  size_t rows = count;
  if (isFiltered())
    rows = static_cast<size_t>(std::lower_bound(m_shown.begin(), m_shown.end(), first) - m_shown.begin());
  if (rows > 0)
    beginRemoveRows({}, 0, static_cast<int>(rows) - 1);
  for (size_t i = 0; i < count; ++i) {
    m_bytes -= bytesOf(m_lines.front().shown, m_lines.front().whole);
    m_lines.pop_front();
  }
  m_first = first;
  m_looked = std::max(m_looked, m_first);
  if (isFiltered())
    m_shown.erase(m_shown.begin(), m_shown.begin() + static_cast<std::ptrdiff_t>(rows));
  if (rows > 0)
    endRemoveRows();
}

void EventLogModel::clear() {
  beginResetModel();
  m_first = m_looked = end();
  m_lines.clear();
  m_shown.clear();
  m_bytes = m_costly = 0;
  endResetModel();
  Q_EMIT countsChanged();
}

void EventLogModel::setUtc(bool isUtc) {
  if (m_isUtc == isUtc)
    return;
  m_isUtc = isUtc;
  Q_EMIT headerDataChanged(Qt::Horizontal, Time, Time);
  if (rowCount() > 0)
    Q_EMIT dataChanged(index(0, Time), index(rowCount() - 1, Time), {Qt::DisplayRole});
}

void EventLogModel::setFilter(const QString& text, bool isExpression) {
  LineMatcher matcher(text, isExpression);
  const bool changesRows = isFiltered() || !matcher.passesAll();
  if (changesRows)
    beginResetModel();
  m_matcher = std::move(matcher);
  m_shown.clear();
  m_looked = m_first;
  m_costly = 0;
  if (changesRows)
    endResetModel();
  if (isFiltered())
    m_slice.start();
  else
    m_slice.stop();
  Q_EMIT countsChanged();
}

void EventLogModel::lookFurther() {
  if (!isFiltered())
    return;
  const BootTime until = m_clock.now().boot + longestSlice;
  std::vector<std::uint64_t> passed;
  for (int looked = 1; m_looked < end(); ++looked, ++m_looked) {
    if (looked % linesBetweenLooksAtTheClock == 0 && m_clock.now().boot >= until)
      break;
    if (passes(m_lines[m_looked - m_first]))
      passed.push_back(m_looked);
  }
  if (!passed.empty()) {
    const int row = static_cast<int>(m_shown.size());
    beginInsertRows({}, row, row + static_cast<int>(passed.size()) - 1);
    m_shown.insert(m_shown.end(), passed.begin(), passed.end());
    endInsertRows();
  }
  if (isLooking())
    m_slice.start();
  Q_EMIT countsChanged();
}

bool EventLogModel::passes(const Line& line) {
  m_looking.resize(0);
  m_looking += m_services[line.service];
  m_looking += QLatin1Char(' ');
  m_looking += QString::fromUtf8(line.shown.data(), static_cast<qsizetype>(line.shown.size()));
  m_looking += QLatin1Char(' ');
  m_looking += QLatin1String(toString(line.type));
  const auto verdict = m_matcher.verdict(m_looking);
  m_costly += verdict == LineMatcher::Verdict::TooCostly ? 1 : 0;
  return verdict != LineMatcher::Verdict::Fails;
}

const EventLogModel::Line& EventLogModel::lineAt(int row) const {
  const auto place = static_cast<size_t>(row);
  return m_lines[isFiltered() ? m_shown[place] - m_first : place];
}

int EventLogModel::rowCount(const QModelIndex& parent) const {
  if (parent.isValid())
    return 0;
  return static_cast<int>(isFiltered() ? m_shown.size() : m_lines.size());
}

int EventLogModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

QString EventLogModel::timeText(WallTime time, const QString& format) const {
  const auto sinceEpoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  return QDateTime::fromMSecsSinceEpoch(sinceEpoch.count(), m_isUtc ? Qt::UTC : Qt::LocalTime)
      .toString(format);
}

QString EventLogModel::textOf(const Line& line, int column) const {
  switch (column) {
  case Time:
    return timeText(line.time, QStringLiteral("HH:mm:ss.zzz"));
  case Service:
    return m_services[line.service];
  case What:
    return QString::fromStdString(line.shown);
  case Kind:
    return QLatin1String(toString(line.type));
  default:
    return {};
  }
}

namespace {

// What stands out by its colour is said.
QVariant spoken(Mood mood, const QString& text) {
  switch (mood) {
  case Mood::Failed:
    return tr("failed: %1").arg(text);
  case Mood::Waiting:
    return tr("waiting: %1").arg(text);
  case Mood::Caution:
    return tr("caution: %1").arg(text);
  case Mood::Idle:
  case Mood::Ok:
  case Mood::Running:
  case Mood::Unknown:
    break;
  }
  return {};
}

} // namespace

QVariant EventLogModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid())
    return {};
  const Line& line = lineAt(index.row());
  if (role == Qt::DisplayRole)
    return textOf(line, index.column());
  if (role == MoodRole)
    return static_cast<int>(line.mood);
  if (role == Qt::AccessibleTextRole && index.column() == What)
    return spoken(line.mood, textOf(line, What));
  return {};
}

QVariant EventLogModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return {};
  switch (section) {
  case Time:
    return m_isUtc ? tr("Time (UTC)") : tr("Time");
  case Service:
    return tr("Service");
  case What:
    return tr("What happened");
  case Kind:
    return tr("Event");
  default:
    return {};
  }
}

QString EventLogModel::plainTextOf(const std::vector<std::pair<int, int>>& rows) const {
  QString text;
  qsizetype left = 0;
  for (const auto& [first, last] : rows) {
    for (int row = std::max(0, first); row <= std::min(last, rowCount() - 1); ++row) {
      if (text.size() > longestCopy) {
        ++left;
        continue;
      }
      const Line& line = lineAt(row);
      const QString what = line.whole ? plain(*line.whole, longestKept) : textOf(line, What);
      text += timeText(line.time, QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz t")) + QLatin1Char('\t') +
              textOf(line, Service) + QLatin1Char('\t') + what + QLatin1Char('\t') + textOf(line, Kind) +
              QLatin1Char('\n');
    }
  }
  if (left > 0)
    text += tr("… %1 more lines were not copied\n").arg(QLocale().toString(left));
  return text;
}

} // namespace ratdeck

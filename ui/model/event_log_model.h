// The event log: a ring of lines, and those of them that pass a filter, as rows of a table. A new filter
// looks through the lines in slices of a few milliseconds, one a turn of the event loop; rows come as they
// are found. Text from outside is neutralised; a long line is cut on the screen, and whole when it is copied.
// GUI thread.
#pragma once

#include "ui/model/line_matcher.h"
#include "ui/model/log_row.h"

#include <QAbstractTableModel>
#include <QTimer>

#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace ratdeck {

class EventLogModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { Time, Service, What, Kind, Columns };
  enum Role { MoodRole = Qt::UserRole }; // int of Mood

  struct Bounds {
    size_t lines = 1'000'000;
    size_t bytes = size_t(256) << 20; // of text, all lines together
  };
  static constexpr size_t longestShown = 4096;           // bytes; what is beyond is not filtered either
  static constexpr size_t longestKept = size_t(1) << 20; // bytes of one line

  // `clock` measures slices and outlives this object.
  EventLogModel(const Clock& clock, Bounds bounds, QObject* parent = nullptr);

  // Where there is no room, a run of the oldest lines goes.
  void append(std::vector<LogRow> rows);
  void clear();
  void setUtc(bool isUtc);
  // "" = all lines. What is no regular expression filters nothing: see filterProblem.
  void setFilter(const QString& text, bool isExpression);

  QString filterProblem() const { return m_matcher.problem(); }
  bool isFiltered() const { return !m_matcher.passesAll(); }
  bool isLooking() const { return isFiltered() && m_looked < end(); }
  // Lines that the expression was given up on; they are shown.
  size_t costlyLines() const { return m_costly; }
  size_t lines() const { return m_lines.size(); }
  // For the clipboard: the rows [first, last] of each range, one a line. Bounded; says so where it ends
  // early.
  QString plainTextOf(const std::vector<std::pair<int, int>>& rows) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
  // Of lines, shown ones, or the filter's progress.
  void countsChanged();

private:
  struct Line {
    WallTime time;
    std::string shown;                  // neutralised
    std::unique_ptr<std::string> whole; // as it came, of a line that is cut
    std::uint32_t service = 0;
    EventType type = EventType::Sampled;
    Mood mood = Mood::Idle;
  };

  std::uint64_t end() const { return m_first + m_lines.size(); }
  const Line& lineAt(int row) const;
  Line toLine(LogRow row);
  std::uint32_t serviceIndex(const std::string& name);
  void makeRoom(size_t lines, size_t bytes);
  void dropOldest(size_t count);
  void lookFurther();
  bool passes(const Line& line);
  QString textOf(const Line& line, int column) const;
  QString timeText(WallTime time, const QString& format) const;

  const Clock& m_clock;
  Bounds m_bounds;
  std::deque<Line> m_lines;
  size_t m_bytes = 0;
  std::uint64_t m_first = 0; // the number of the oldest line; lines are numbered as they come
  std::vector<QString> m_services;
  std::map<std::string, std::uint32_t> m_serviceIndex;
  bool m_isUtc = false;

  LineMatcher m_matcher;
  std::deque<std::uint64_t> m_shown; // of a filter: the numbers of lines that passed
  std::uint64_t m_looked = 0;        // the next line to look at
  size_t m_costly = 0;
  QString m_looking; // a line as the matcher sees it; kept for its memory
  QTimer m_slice;
};

} // namespace ratdeck

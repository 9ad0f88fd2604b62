// One service as a card of the graph: shape and name, versions, state, health, copies, and what it waits for
// with a ring that runs out. Remembers its texts and how they are laid out; GUI thread.
#pragma once

#include "ui/model/service_row.h"
#include "ui/widgets/card_style.h"

#include <QStaticText>
#include <QString>

#include <array>

namespace ratdeck {

class ServiceCard {
public:
  enum class Look { Plain, Selected, Focused };

  // Whether it looks different now.
  bool show(const ServiceRow& row, Instant now);
  const ServiceRow& row() const { return m_row; }

  // Fills `box`; where that is too small for all lines, it shows those that matter most.
  void paint(QPainter& painter, const QRectF& box, const CardStyle& style, Look look);

private:
  enum Line { Name, Versions, State, Health, Copies, Wait, LineCount };
  struct Cut {
    QStaticText text;
    qreal width = -1; // that it was cut to
    int style = -1;   // CardStyle::id
  };

  bool setLine(Line line, const QString& text);
  void paintBox(QPainter& painter, const QRectF& box, const CardStyle& style, Look look) const;
  void paintLines(QPainter& painter, const QRectF& box, const CardStyle& style);
  QString textFor(Line line, const QFont& font, qreal width) const;
  void paintLine(QPainter& painter, Line line, QRectF box, const CardStyle& style);
  void paintRing(QPainter& painter, const QRectF& box, const Theme& theme) const;
  std::vector<Line> linesFor(int count) const;

  ServiceRow m_row;
  std::array<QString, LineCount> m_lines;
  std::array<QString, LineCount> m_shorter; // where there is no room for the line; "" = it is cut
  std::array<Cut, LineCount> m_cuts;
  int m_ring = -1; // how much of the wait is left, in steps of the ring; -1 = no ring
};

} // namespace ratdeck

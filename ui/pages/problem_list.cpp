#include "ui/pages/problem_list.h"

#include "ui/widgets/severity_mark.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QtMath>

#include <algorithm>

namespace ratdeck {

namespace {

// The message in lines of this width, broken within words only where they are too long. Answers with its
// height.
int layOut(QTextLayout& layout, int width) {
  QTextOption option;
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  layout.setTextOption(option);
  qreal height = 0;
  layout.beginLayout();
  for (auto line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(std::max(width, 1));
    line.setPosition({0, height});
    height += line.height();
  }
  layout.endLayout();
  return qCeil(height);
}

class ProblemDelegate : public QStyledItemDelegate {
public:
  explicit ProblemDelegate(ProblemList* list) : QStyledItemDelegate(list), m_list(list) {}

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    auto* style = option.widget ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);
    painter->save();
    const auto& row = rowOf(index);
    const bool isSelected = option.state & QStyle::State_Selected;
    painter->setPen(isSelected ? option.palette.color(QPalette::HighlightedText)
                               : themeOf(option.palette).text);
    if (row.isHeading) {
      painter->setFont(bold(option.font));
      painter->drawText(option.rect.adjusted(step, 0, -step, 0),
                        Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, row.title);
    } else {
      paintProblem(*painter, option, row);
    }
    painter->restore();
  }

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const auto& row = rowOf(index);
    const int line = option.fontMetrics.height();
    const int width = m_list->viewport()->width();
    if (row.isHeading)
      return {width, line + 2 * step};
    QTextLayout message(row.message, m_list->font());
    return {width, line + layOut(message, width - left(option) - step) + step};
  }

private:
  const ProblemListModel::Row& rowOf(const QModelIndex& index) const {
    return static_cast<const ProblemListModel*>(index.model())->rowAt(index.row());
  }

  static QFont bold(QFont font) {
    font.setBold(true);
    return font;
  }

  // Where the text begins, beside the mark.
  static int left(const QStyleOptionViewItem& option) { return option.fontMetrics.ascent() + 2 * step; }

  static void paintProblem(QPainter& painter, const QStyleOptionViewItem& option,
                           const ProblemListModel::Row& row) {
    const auto theme = themeOf(option.palette);
    const bool isSelected = option.state & QStyle::State_Selected;
    const int side = option.fontMetrics.ascent(), line = option.fontMetrics.height();
    const auto text = option.rect.adjusted(left(option), halfStep, -step, -halfStep);
    const QRectF mark(option.rect.left() + step, text.top() + (line - side) / 2.0, side, side);
    if (isSelected)
      paintMarkGround(painter, mark, theme);
    paintSeverity(painter, mark, theme, row.severity);
    const auto pen = painter.pen();
    auto head = QRect(text.left(), text.top(), text.width(), line);
    painter.setFont(bold(option.font));
    if (!isSelected)
      painter.setPen(severityColor(theme, row.severity));
    head = drawn(painter, head, severityWord(row.severity));
    painter.setFont(option.font);
    painter.setPen(pen);
    head = drawn(painter, head, row.title);
    painter.setPen(isSelected ? pen.color() : theme.muted);
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                     option.fontMetrics.elidedText(row.place, Qt::ElideLeft, head.width()));
    painter.setPen(pen);
    QTextLayout message(row.message, option.font);
    layOut(message, text.width());
    message.draw(&painter, QPointF(text.left(), text.top() + line));
  }

  // Draws one line and answers with what is left of it.
  static QRect drawn(QPainter& painter, QRect line, const QString& text) {
    const auto shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, line.width());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    line.setLeft(std::min(line.right(), line.left() + painter.fontMetrics().horizontalAdvance(shown) + step));
    return line;
  }

  ProblemList* m_list;
};

} // namespace

ProblemList::ProblemList(QWidget* parent) : QListView(parent), m_model(nullptr) {
  setObjectName(QStringLiteral("problemList"));
  setAccessibleName(tr("Problems of the plan"));
  setModel(&m_model);
  setItemDelegate(new ProblemDelegate(this));
  setResizeMode(QListView::Adjust);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
}

void ProblemList::setPlan(const PlanFacts* facts) {
  m_model.setPlan(facts);
  scrollToTop();
}

void ProblemList::changeEvent(QEvent* event) {
  QListView::changeEvent(event);
  if (event->type() == QEvent::FontChange)
    scheduleDelayedItemsLayout();
}

} // namespace ratdeck

// What can be read in a window now: the text of every widget that is visible, one a line.
#pragma once

#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/wait_list.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QHeaderView>
#include <QLineEdit>
#include <QTabBar>
#include <QWidget>

namespace ratdeck::test {

inline QStringList textsOf(const QAbstractItemView& view) {
  QStringList texts;
  const auto* model = view.model();
  for (int row = 0; model && row < model->rowCount(view.rootIndex()); ++row)
    for (int column = 0; column < model->columnCount(view.rootIndex()); ++column)
      texts << model->index(row, column, view.rootIndex()).data().toString();
  return texts;
}

inline QStringList textsOf(const QWidget& widget) {
  if (const auto* line = qobject_cast<const StatusLabel*>(&widget))
    return {line->line().word + QStringLiteral(" · ") + line->line().detail};
  if (const auto* waits = qobject_cast<const WaitList*>(&widget))
    return {waits->accessibleName()};
  if (const auto* label = qobject_cast<const PlainLabel*>(&widget))
    return {label->plain()};
  if (const auto* button = qobject_cast<const QAbstractButton*>(&widget))
    return {button->text()};
  if (const auto* edit = qobject_cast<const QLineEdit*>(&widget))
    return {edit->text().isEmpty() ? edit->placeholderText() : edit->text()};
  if (const auto* view = qobject_cast<const QAbstractItemView*>(&widget))
    return qobject_cast<const QHeaderView*>(view) ? QStringList() : textsOf(*view);
  QStringList tabs;
  if (const auto* bar = qobject_cast<const QTabBar*>(&widget))
    for (int i = 0; i < bar->count(); ++i)
      tabs << bar->tabText(i);
  return tabs;
}

inline QString seenText(const QWidget& window) {
  QStringList texts{window.windowTitle()};
  for (const auto* widget : window.findChildren<QWidget*>())
    if (widget->isVisible())
      texts += textsOf(*widget);
  texts.removeAll(QString());
  return texts.join(QLatin1Char('\n'));
}

} // namespace ratdeck::test

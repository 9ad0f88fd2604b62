// The choices above a column of charts: which services, and how much time. GUI thread.
#pragma once

#include "ui/model/line.h"

#include <QWidget>

class QButtonGroup;
class QComboBox;

namespace ratdeck {

class PlainLabel;

class ChartBar : public QWidget {
  Q_OBJECT
public:
  explicit ChartBar(QWidget* parent = nullptr);

  // Names of services; `scope` is the one in force, "" all user-facing ones together.
  void setScopes(const QStringList& services, const QString& scope);
  // Milliseconds; 0 = everything.
  void setWindow(ChartTime window);
  // What the axis spans, said where it is less than what was chosen.
  void setSpan(ChartTime span);

Q_SIGNALS:
  void scopeChosen(const QString& scope);
  void windowChosen(ratdeck::ChartTime window);

private:
  QComboBox* m_scopes;
  PlainLabel* m_span;
  QButtonGroup* m_windows;
};

} // namespace ratdeck

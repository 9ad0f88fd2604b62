#include "ui/widgets/chart_bar.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QToolButton>

namespace ratdeck {

ChartBar::ChartBar(QWidget* parent)
    : QWidget(parent), m_scopes(new QComboBox), m_span(new PlainLabel(PlainLabel::Fit::Elide)),
      m_windows(new QButtonGroup(this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(step, halfStep, 2 * step, halfStep);
  row->setSpacing(halfStep);
  m_scopes->setAccessibleName(tr("Services in the charts"));
  m_scopes->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  m_scopes->setMinimumContentsLength(19);
  m_span->setObjectName(QStringLiteral("shownSpan"));
  m_span->setMuted(true);
  m_span->setContentsMargins(0, 0, halfStep, 0);
  m_span->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  row->addWidget(m_scopes);
  row->addWidget(m_span, 1);
  const std::pair<QString, int> windows[] = {{tr("2 min"), 120'000}, {tr("10 min"), 600'000}, {tr("All"), 0}};
  for (const auto& [word, window] : windows) {
    auto* button = new QToolButton;
    button->setText(word);
    button->setCheckable(true);
    button->setAccessibleName(window > 0 ? tr("Show the last %1").arg(word) : tr("Show everything"));
    m_windows->addButton(button, window);
    row->addWidget(button);
  }
  setMouseTracking(true); // the charts see the mouse leave them
  for (auto* child : findChildren<QWidget*>())
    child->setMouseTracking(true);
  setScopes({}, {});
  connect(m_scopes, &QComboBox::activated, this,
          [this] { Q_EMIT scopeChosen(m_scopes->currentData().toString()); });
  connect(m_windows, &QButtonGroup::idClicked, this, [this](int window) { Q_EMIT windowChosen(window); });
}

void ChartBar::setScopes(const QStringList& services, const QString& scope) {
  QStringList scopes = QStringList{QString()} + services;
  if (!scopes.contains(scope))
    scopes << scope;
  QStringList current;
  for (int i = 0; i < m_scopes->count(); ++i)
    current << m_scopes->itemData(i).toString();
  if (current != scopes) {
    m_scopes->clear();
    for (const QString& name : scopes)
      m_scopes->addItem(name.isEmpty() ? tr("All user-facing services") : plain(name.toStdString()), name);
  }
  m_scopes->setCurrentIndex(static_cast<int>(scopes.indexOf(scope)));
}

void ChartBar::setSpan(ChartTime span) {
  const bool isLess = span > 0 && span < m_windows->checkedId();
  m_span->setPlain(isLess ? tr("shown: %1").arg(durationText(std::chrono::milliseconds(span))) : QString());
}

void ChartBar::setWindow(ChartTime window) {
  if (auto* button = m_windows->button(static_cast<int>(window)))
    button->setChecked(true);
}

} // namespace ratdeck

#include "ui/pages/rollout_page.h"

#include "ui/model/countdown.h"
#include "ui/model/next_step.h"
#include "ui/widgets/charts.h"
#include "ui/widgets/decision_strip.h"
#include "ui/widgets/event_log.h"
#include "ui/widgets/service_detail_view.h"
#include "ui/widgets/service_graph.h"
#include "ui/widgets/service_table.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/step_timeline_view.h"
#include "ui/widgets/target_band.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/wait_list.h"

#include <QSettings>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

constexpr int shownWaits = 2;

} // namespace

RolloutPage::RolloutPage(ConsoleModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(buildTop());
  m_rows = new QSplitter(Qt::Vertical, this);
  m_rows->setChildrenCollapsible(false);
  m_rows->addWidget(buildMiddle());
  m_rows->addWidget(buildBottom());
  m_rows->setStretchFactor(0, 5);
  m_rows->setStretchFactor(1, 3);
  m_rows->setSizes({340, 210}); // the steps of eight services, with their legend
  column->addWidget(m_rows, 1);
  refresh();
}

RolloutPage::~RolloutPage() = default;

QWidget* RolloutPage::buildTop() {
  auto* top = new QWidget(this);
  auto* column = new QVBoxLayout(top);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_band = new TargetBand(top);
  auto* lines = new QVBoxLayout;
  lines->setContentsMargins(2 * step, step, 2 * step, step);
  lines->setSpacing(halfStep);
  m_users = new StatusLabel(1.5, top);
  m_users->setObjectName(QStringLiteral("users"));
  m_headline = new StatusLabel(1.15, top);
  m_headline->setObjectName(QStringLiteral("headline"));
  m_waits = new WaitList(shownWaits, top);
  m_waits->setObjectName(QStringLiteral("waits"));
  m_decisions = new DecisionStrip(top);
  lines->addWidget(m_users);
  lines->addWidget(m_headline);
  lines->addWidget(m_waits);
  column->addWidget(m_band);
  column->addLayout(lines);
  column->addWidget(m_decisions);
  return top;
}

QWidget* RolloutPage::buildMiddle() {
  m_columns = new QSplitter(Qt::Horizontal, this);
  m_columns->setChildrenCollapsible(false);
  m_serviceTabs = new QTabWidget(m_columns);
  m_serviceTabs->setDocumentMode(true);
  m_graph = new ServiceGraph(m_serviceTabs);
  m_table = new ServiceTable(m_serviceTabs);
  m_serviceTabs->addTab(m_graph, tr("Graph"));
  m_serviceTabs->addTab(m_table, tr("Table"));
  m_charts = new Charts(m_columns);
  m_columns->addWidget(m_serviceTabs);
  m_columns->addWidget(m_charts);
  m_columns->setStretchFactor(0, 8);
  m_columns->setStretchFactor(1, 5);
  m_columns->setSizes({8 * 96, 5 * 96});
  connect(m_graph, &ServiceGraph::serviceChosen, this, [this](const QString& name) { choose(name); });
  connect(m_table, &ServiceTable::serviceChosen, this, [this](const QString& name) { choose(name); });
  m_charts->setHistory(&m_model.history());
  return m_columns;
}

QWidget* RolloutPage::buildBottom() {
  m_bottomTabs = new QTabWidget(this);
  m_bottomTabs->setDocumentMode(true);
  m_timeline = new StepTimelineView(m_bottomTabs);
  m_log = new EventLog(&m_model.log(), m_bottomTabs);
  m_log->setEmptyText(tr("What happens in a rollout is written here, line by line."));
  m_bottomTabs->addTab(m_timeline, tr("Steps"));
  m_bottomTabs->addTab(m_log, tr("Events"));
  m_detail = std::make_unique<ServiceDetailView>(*m_bottomTabs);
  connect(m_timeline, &StepTimelineView::serviceChosen, this, [this](const QString& name) { choose(name); });
  return m_bottomTabs;
}

void RolloutPage::choose(const QString& service) {
  m_service = service;
  m_graph->select(service);
  m_table->select(service);
  m_detail->setDetail(m_model.detailOf(service));
  if (m_bottomTabs->currentWidget() == m_timeline || m_bottomTabs->currentWidget() == m_log)
    m_bottomTabs->setCurrentIndex(m_bottomTabs->indexOf(m_log) + 1);
}

QString RolloutPage::idleDecision() const {
  switch (m_model.view().mode) {
  case ConsoleMode::Live:
    return m_model.view().decisions.empty() ? tr("No decision is awaited")
                                            : tr("A decision is awaited; this window is read-only");
  case ConsoleMode::Ended:
    return m_model.view().isOver ? tr("The rollout ended %1; its journal is kept")
                                       .arg(dateText(m_model.state().endedAt.wall, m_model.isUtc()))
                                 : tr("The rollout is unfinished; its journal is kept");
  case ConsoleMode::Idle:
    return m_model.view().hasUnfinished ? tr("A rollout was left unfinished; its journal is kept")
                                        : tr("Nothing is being rolled out");
  case ConsoleMode::NoTarget:
  case ConsoleMode::Preparing:
    return tr("Nothing is being rolled out");
  }
  return {};
}

QString RolloutPage::nextByItself() const {
  const auto& view = m_model.view();
  const bool isQuiet = view.mode == ConsoleMode::Idle || view.mode == ConsoleMode::Ended;
  if (isQuiet && view.hasUnfinished && !view.isOver)
    return view.canChange ? tr("Nothing is done by itself · Resume goes on where it stopped, Undo goes back")
                          : tr("Nothing is done by itself · Inspect shows what its journal tells");
  if (view.mode == ConsoleMode::Idle && view.canChange)
    return tr("Plan… shows what a deploy would change; nothing changes before you start it");
  const auto next = nextStepText(m_model.state());
  return view.stackNow.isEmpty() ? next : view.stackNow + QStringLiteral(" · ") + next;
}

void RolloutPage::showEmptyTexts() {
  const bool hasTarget = m_model.target().has_value();
  const auto none = hasTarget ? tr("This stack has no services.") : tr("No target is open: Target → Open…");
  m_graph->setEmptyText(none);
  m_table->setEmptyText(none);
  m_timeline->setEmptyText(tr("The steps of a rollout are drawn here while it goes on and after its end."));
  const bool lacksRouter =
      m_model.stack() && m_model.stack()->world.isReachable && !m_model.stack()->world.hasRouter;
  if (lacksRouter && !m_model.traffic().lastSample())
    return m_charts->setEmptyText(tr("This stack has no router: its requests are not counted."));
  m_charts->setEmptyText(
      hasTarget ? tr("Nothing was measured yet: what the router of this stack counts is drawn here.")
                : tr("No target is open."));
}

void RolloutPage::refresh() {
  const auto& view = m_model.view();
  const auto now = m_model.shownAt();
  showEmptyTexts();
  m_band->setView(view);
  m_users->setLine(view.users.line);
  m_headline->setLine(view.headline);
  m_waits->setLines(view.waits);
  m_decisions->setRequests(view.canChange ? view.decisions : std::vector<DecisionRequest>(), now,
                           idleDecision(), view.users.line.word, nextByItself());
  m_graph->setRows(view.rows, now);
  m_table->setRows(view.rows, now);
  m_timeline->setTimeline(m_model.timeline(), m_model.state(), now, m_model.unknownSince());
  m_charts->setUtc(m_model.isUtc());
  m_charts->setEnded(view.isOver);
  m_charts->follow(now);
  if (!m_service.isEmpty())
    m_detail->setDetail(m_model.detailOf(m_service));
}

void RolloutPage::focusFilter() {
  m_bottomTabs->setCurrentWidget(m_log);
  m_log->focusFilter();
}

void RolloutPage::showTable(bool isTable) {
  m_serviceTabs->setCurrentIndex(isTable ? 1 : 0);
}

void RolloutPage::saveLayout(QSettings& settings) const {
  settings.setValue(QStringLiteral("layout/rows"), m_rows->saveState());
  settings.setValue(QStringLiteral("layout/columns"), m_columns->saveState());
  settings.setValue(QStringLiteral("layout/services"), m_serviceTabs->currentIndex());
}

void RolloutPage::restoreLayout(const QSettings& settings) {
  m_rows->restoreState(settings.value(QStringLiteral("layout/rows")).toByteArray());
  m_columns->restoreState(settings.value(QStringLiteral("layout/columns")).toByteArray());
  m_serviceTabs->setCurrentIndex(settings.value(QStringLiteral("layout/services"), 0).toInt());
}

} // namespace ratdeck

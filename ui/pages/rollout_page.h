// The page of a rollout, live or over, and of the live stack while nothing rolls: first how users are, then
// what state this is, what is awaited and what would happen; below it the services, the steps, charts and
// events. Reads the console's model, emits what a person means. GUI thread.
#pragma once

#include "ui/model/console_model.h"
#include "ui/model/event_log_model.h"
#include "ui/model/sample_history.h"

#include <QWidget>

class QSettings;
class QSplitter;
class QTabWidget;

namespace ratdeck {

class Charts;
class DecisionStrip;
class EventLog;
class ServiceDetailView;
class ServiceGraph;
class ServiceTable;
class StatusLabel;
class StepTimelineView;
class TargetBand;
class WaitList;

class RolloutPage : public QWidget {
  Q_OBJECT
public:
  // `model` outlives the page.
  explicit RolloutPage(ConsoleModel& model, QWidget* parent = nullptr);
  ~RolloutPage() override;

  void refresh(); // shows what the model's view says now
  TargetBand& band() { return *m_band; }
  DecisionStrip& decisions() { return *m_decisions; }
  void focusFilter();
  void showTable(bool isTable);
  void saveLayout(QSettings& settings) const;
  void restoreLayout(const QSettings& settings);

private:
  QWidget* buildTop();
  QWidget* buildMiddle();
  QWidget* buildBottom();
  void choose(const QString& service);
  void showEmptyTexts();
  QString idleDecision() const;
  QString nextByItself() const;

  ConsoleModel& m_model;
  TargetBand* m_band;
  StatusLabel *m_users, *m_headline;
  WaitList* m_waits;
  DecisionStrip* m_decisions;
  QTabWidget *m_serviceTabs, *m_bottomTabs;
  ServiceGraph* m_graph;
  ServiceTable* m_table;
  StepTimelineView* m_timeline;
  Charts* m_charts;
  EventLog* m_log;
  std::unique_ptr<ServiceDetailView> m_detail;
  QSplitter *m_columns, *m_rows;
  QString m_service;
};

} // namespace ratdeck

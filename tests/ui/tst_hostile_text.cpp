// Whatever comes from outside, in whatever field: it is shown as the text that it is, and no turn of the
// event loop takes long for it.
#include "tests/support/cpu_time.h"
#include "tests/support/rollout_plans.h"
#include "tests/ui/hostile_texts.h"
#include "tests/ui/plainness.h"
#include "tests/ui/watched_window.h"
#include "ui/model/plain.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/graph_canvas.h"
#include "ui/widgets/key_sheet.h"
#include "ui/widgets/service_table.h"
#include "ui/widgets/step_timeline_view.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QDialog>
#include <QHelpEvent>
#include <QLineEdit>
#include <QTabWidget>
#include <QToolTip>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// Milliseconds of the thread's own time, which others on the machine do not spend: far above what a turn
// takes, far below the freeze that markup caused (14 s). With a megabyte in every field the rollout's own law
// has hundreds of them to copy.
qint64 longestTurn(size_t bytes) {
  return bytes < (1u << 16) ? 200 : 1000;
}

// ---- facts in which every text is the hostile one

Plan hostilePlan(const std::string& text) {
  auto one = servicePlan(text, 1), other = servicePlan("a", 2);
  for (auto* service : {&one, &other}) {
    service->fromVersion = service->toVersion = service->fromImage = service->toImage = text;
    service->orderReason = text;
    service->drain = DrainPolicy{true, 120s, DeadlineAction::Wait, 600s};
    service->gate.probes.emplace_back();
  }
  auto plan = planOf({one, other});
  plan.project = plan.runtime = plan.vantage = text;
  for (auto& wave : plan.waves)
    wave.title = text;
  plan.approvals = {{text, ApprovalSpec::When::Before, "", 1, 30min}};
  plan.steps = {{text, 1, text, StepKind::Gate, text, 30s, false}};
  plan.changes = {{text, text, text, {text, text}}};
  plan.unchanged = {text + "2"};
  plan.unchangedVersions[text + "2"] = text;
  plan.excluded = {{text, text}};
  for (auto severity : {Severity::Error, Severity::Warning, Severity::Info}) {
    plan.problems.push_back({severity, text, text, text, {text, 7, 7}});
    plan.baseline.push_back({severity, text, text, text, {text, 7, 7}});
  }
  sign(plan);
  return plan;
}

PastFacts hostilePast(const std::string& text) {
  PastFacts past;
  past.rollout = past.journal = past.actor = past.result = text;
  past.changes = {text, text};
  past.refusal = Error{ErrorKind::Refused, text, text, {text, 1, 1}};
  return past;
}

StackFacts hostileStack(const Plan& plan, const std::string& text) {
  auto stack = stackOf(plan, {});
  for (auto& copy : stack.world.instances) {
    copy.id = InstanceId(text);
    copy.image = copy.address = copy.healthDetail = text;
    copy.health = Health::Unhealthy;
    copy.changedByHand = {text};
  }
  stack.lastChange = hostilePast(text);
  stack.unfinished = {hostilePast(text)};
  stack.unfinished.front().refusal.reset(); // it can be undone, which asks
  stack.past = {hostilePast(text), hostilePast(text)};
  stack.pastProblem = Error{ErrorKind::Internal, text, text, {text, 1, 1}};
  return stack;
}

TargetFacts hostileTarget(const Plan& plan, const std::string& text) {
  auto target = targetOf(plan);
  target.choice.files = target.choice.envFiles = target.choice.profiles = target.choice.services = {text};
  target.choice.projectName = target.choice.sandbox = target.choice.context = text;
  target.title = target.runtime = text;
  target.warnings = {{ErrorKind::Input, text, text, {text, 1, 1}}};
  for (auto& [name, service] : target.stack.services)
    service.dependsOn[text + "2"] = {};
  return target;
}

// Everything that a detail may hold, under every key that is read somewhere.
Json hostileDetail(const std::string& text) {
  const Json copy = {{"requests", 7}, {"errors_5xx", 3}, {"in_flight", 1}, {"routing", text}};
  auto service = copy;
  service["instances"] = {{text, copy}, {"rat-" + text + "-2", copy}};
  Json detail = {{"count", 2},
                 {"attempt", 2},
                 {"retry_s", 1},
                 {"exit_code", 3},
                 {"seconds", 5},
                 {"took_s", 2},
                 {"output", {text, text}},
                 {"runs", {{{"id", text}, {"status", text}, {"age_s", 3}}, {{"id", text}}}},
                 {"services", {{text, service}, {"a", service}}}};
  for (const char* key : {"address", "approve", "boot_id", "cause", "command", "decision", "detail", "effect",
                          "message", "probe", "reason", "result", "role", "took_over", "why"})
    detail[key] = text;
  return detail;
}

Event hostileEvent(EventType type, Instant at, const std::string& service, const std::string& text) {
  Event event;
  event.type = type;
  event.at = at;
  event.service = service;
  event.instance = InstanceId("rat-" + service + "-2");
  event.gate = GateId(text);
  event.actor = event.reason = text;
  event.detail = hostileDetail(text);
  return event;
}

// ---- a window that is fed with it

class Fed {
public:
  explicit Fed(const std::string& text) : m_bound(longestTurn(text.size())), m_window(hostilePlan(text)) {}

  MainWindow& window() { return m_window.window; }
  WatchedRollout& watched() { return m_window.watched; }
  const QString& trouble() const { return m_trouble; }
  qint64 longest() const { return m_longest; }

  // Does it, and lets the window come to rest. What it holds, tells and paints then is looked at.
  template <class Act>
  void show(const char* what, Act act) {
    turn(what, act);
    turn(what, [this] { watched().show(); });
    for (int i = 0; i < 5; ++i)
      turn(what, [] {});
    look(what, m_window.window);
  }
  template <class Act>
  void turn(const char* what, Act act) {
    const auto begin = cpuTime();
    act();
    QCoreApplication::processEvents();
    const qint64 took = (cpuTime() - begin) / 1ms;
    m_longest = std::max(m_longest, took);
    if (took > m_bound)
      complain(what, QStringLiteral("a turn took %1 ms").arg(took));
  }
  void look(const char* what, QWidget& window) {
    complain(what, complaintOf(window));
    QStringList texts;
    turn(what, [&] { texts = paintedTexts(window); });
    for (const auto& painted : texts) {
      brackets += painted.contains(QLatin1Char('<')) ? 1 : 0;
      if (!isPlain(painted))
        complain(what, QStringLiteral("painted: ") + painted.left(80).toHtmlEscaped());
    }
  }
  // Every dialog that is open, and closes it.
  void lookAtDialogs(const char* what) {
    for (auto* dialog : window().findChildren<QDialog*>())
      if (dialog->isVisible()) {
        ++dialogs;
        look(what, *dialog);
        dialog->close();
      }
  }
  // What a mouse that rests tells.
  void rest(const char* what, QWidget& widget) {
    for (int x = 8; x < widget.width(); x += 60)
      for (int y = 8; y < widget.height(); y += 40) {
        const QPoint at(x, y);
        QHelpEvent help(QEvent::ToolTip, at, widget.mapToGlobal(at));
        turn(what, [&] { QCoreApplication::sendEvent(&widget, &help); });
        if (!QToolTip::text().isEmpty())
          ++tips;
        if (!isPlainTip(QToolTip::text()))
          complain(what, QStringLiteral("the tooltip is not plain: ") + QToolTip::text().left(80));
      }
    QToolTip::hideText();
  }

  int dialogs = 0, tips = 0; // that were looked at
  int brackets = 0;          // painted texts with a "<"

private:
  void complain(const char* what, const QString& trouble) {
    if (m_trouble.isEmpty() && !trouble.isEmpty())
      m_trouble = QLatin1String(what) + QStringLiteral(": ") + trouble;
  }

  qint64 m_bound;
  WatchedWindow m_window;
  QString m_trouble;
  qint64 m_longest = 0;
};

} // namespace

class HostileTextTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { applyTheme(*qApp, ThemeChoice::Dark); }

  // ---- the controls: each of these must be found

  void aLabelThatReadsMarkupIsFound() {
    QWidget window;
    auto* label = new QLabel(&window);
    label->setText(QStringLiteral("<b>bold</b>"));
    QVERIFY(complaintOf(window).contains(QStringLiteral("reads markup")));
    label->setTextFormat(Qt::PlainText);
    QCOMPARE(complaintOf(window), QString());
    label->setToolTip(QStringLiteral("<b>bold</b>"));
    QVERIFY(complaintOf(window).contains(QStringLiteral("toolTip")));
    label->setToolTip(QStringLiteral("<qt>a &lt;b&gt;<br>c</qt>"));
    QCOMPARE(complaintOf(window), QString());
    label->setToolTip(QStringLiteral("<qt>a <b>c</b></qt>"));
    QVERIFY(!complaintOf(window).isEmpty());
  }

  void aControlCharacterIsFoundWhereverItIs() {
    QWidget window;
    window.setAccessibleName(QStringLiteral("a\u202Eb"));
    QVERIFY(complaintOf(window).contains(QStringLiteral("accessibleName")));
    window.setAccessibleName({});
    window.setWindowTitle(QStringLiteral("a\033b"));
    QVERIFY(complaintOf(window).contains(QStringLiteral("windowTitle")));
    window.setWindowTitle({});
    auto* box = new QComboBox(&window);
    box->addItem(QStringLiteral("a\u0007b"));
    QVERIFY(!complaintOf(window).isEmpty());
    delete box;
    auto* action = new QAction(QStringLiteral("a\u009bb"), &window);
    QVERIFY(!complaintOf(window).isEmpty());
    delete action;
    QCOMPARE(complaintOf(window), QString());
  }

  void whatIsPaintedIsSeen() {
    QLabel label(QStringLiteral("<b>bold</b>"));
    label.resize(300, 40);
    QCOMPARE(paintedTexts(label).join(QString()), QStringLiteral("bold")); // it was read as markup
    label.setTextFormat(Qt::PlainText);
    QCOMPARE(paintedTexts(label).join(QString()), QStringLiteral("<b>bold</b>"));
    label.setText(QStringLiteral("a\u202Eb"));
    bool isFound = false;
    for (const auto& text : paintedTexts(label))
      isFound = isFound || !isPlain(text);
    QVERIFY(isFound);
  }

  // 259 bytes of nested tables hold a label that reads markup for seconds: the bound sees that.
  void aSlowTurnIsFound() {
    Fed fed("x");
    fed.turn("a slow turn", [] {
      const auto begin = cpuTime();
      while (cpuTime() - begin < (longestTurn(1) + 50) * 1ms) {
      }
    });
    QVERIFY(fed.trouble().contains(QStringLiteral("a turn took")));
  }

  // ---- the window

  void theLiveStack_data() { addHostileTexts(); }

  void theLiveStack() {
    QFETCH(QByteArray, bytes);
    const auto text = bytes.toStdString();
    const auto plan = hostilePlan(text);
    Fed fed(text);
    fed.show("target", [&] {
      fed.watched().model.showTarget(hostileTarget(plan, text));
      fed.window().showTarget(hostileTarget(plan, text));
    });
    fed.show("stack", [&] {
      const auto stack = hostileStack(plan, text);
      fed.window().showStack(stack);
      fed.watched().model.showStack(stack);
    });
    auto* table = fed.window().findChild<ServiceTable*>();
    for (int row = 0; row < table->model()->rowCount(); ++row)
      fed.show("detail", [&] {
        Q_EMIT table->serviceChosen(
            table->model()->index(row, 0).data(ServiceTableModel::NameRole).toString());
      });
    const Error error{ErrorKind::Input, text, text, {text, 1, 1}};
    for (const auto action : {ConsoleAction::Open, ConsoleAction::Plan, ConsoleAction::CarryOut,
                              ConsoleAction::Resume, ConsoleAction::Load})
      fed.show("failure", [&] { fed.window().showFailure(action, error); });
    const auto raw = QString::fromUtf8(bytes);
    fed.show("notice", [&] { fed.window().notice(Mood::Failed, raw); });
    fed.show("preparing", [&] { fed.window().showPreparing(raw); });
    fed.show("plan", [&] {
      PlanFacts facts;
      facts.plan = plan;
      facts.wish.choice = hostileTarget(plan, text).choice;
      facts.undoes = text;
      facts.warnings = {error};
      fed.window().showPlan(facts);
    });
    lookAtActions(fed);
    QVERIFY2(fed.trouble().isEmpty(), qPrintable(fed.trouble()));
    QVERIFY(fed.dialogs >= 4);
    QVERIFY(fed.window().minimumSizeHint().width() <= 1280);
    qInfo("longest turn %lld ms", fed.longest());
  }

  void aRollout_data() { addHostileTexts(); }

  void aRollout() {
    QFETCH(QByteArray, bytes);
    const auto text = bytes.toStdString();
    Fed fed(text);
    fed.watched().model.beginRollout(text);
    fed.watched().world.begin(); // the engine's work
    fed.show("begin", [] {});
    QCOMPARE(fed.watched().view().decisions.size(), size_t(1));
    fed.watched().world.send(approving(fed.watched().view().decisions.front(), true, text, text));
    fed.show("granted", [] {});
    lookAtActions(fed);
    fed.show("close", [&] { fed.window().close(); });
    fed.lookAtDialogs("leaving");
    for (const auto& service : {text, std::string("a")})
      feedEvents(fed, service, text);
    QVERIFY(fed.dialogs >= 4);
    QVERIFY(fed.tips >= 10);
    QVERIFY(fed.brackets > (text.starts_with("<") ? 100 : -1)); // it is there, and to be read
    QVERIFY2(fed.trouble().isEmpty(), qPrintable(fed.trouble()));
    qInfo("longest turn %lld ms, %d tooltips", fed.longest(), fed.tips);
  }

  // It stands in no plan, but an event may hold it.
  void whatIsNotEvenText() {
    Fed fed("x");
    fed.show("begin", [&] { fed.watched().begin(); });
    feedEvents(fed, "a", "\xC3(\xA0\xA1\xF0\x28\x8C\x28");
    QVERIFY2(fed.trouble().isEmpty(), qPrintable(fed.trouble()));
  }

private:
  // All that can be asked for, and what it asks in turn.
  void lookAtActions(Fed& fed) {
    for (const auto& entry : fed.window().actions().entries()) {
      if (!entry.action->isEnabled() || entry.action->text() == QStringLiteral("Quit"))
        continue;
      fed.show("action", [&] { entry.action->trigger(); });
      fed.lookAtDialogs("dialog");
    }
  }

  // Every type of event, with the text wherever there is room for some; what ends the rollout comes last.
  void feedEvents(Fed& fed, const std::string& service, const std::string& text) {
    std::vector<EventType> types;
    for (int i = 0; i <= static_cast<int>(EventType::Sampled); ++i)
      if (const auto type = static_cast<EventType>(i); type != EventType::RolloutStarted &&
                                                       type != EventType::UndoStarted &&
                                                       type != EventType::RolloutEnded)
        types.push_back(type);
    types.insert(types.end(),
                 {EventType::UndoStarted, EventType::ServiceUndoFailed, EventType::RolloutEnded});
    fed.show("chosen",
             [&] { Q_EMIT fed.window().findChild<ServiceTable*>()->serviceChosen(plainName(service)); });
    for (const auto type : types) {
      auto event = hostileEvent(type, fed.watched().world.now(), service, text);
      if (type == EventType::AwayNoticed) // else all that follows is judged as if nobody were there
        continue;
      fed.show(toString(type), [&] { fed.watched().model.addEvents({event}); });
    }
    for (auto* tabs : fed.window().findChildren<QTabWidget*>())
      for (int i = 0; i < tabs->count(); ++i)
        fed.show("tab", [&] { tabs->setCurrentIndex(i); });
    for (auto* view : fed.window().findChildren<QAbstractScrollArea*>())
      if (view->isVisible())
        fed.rest("a mouse that rests", *view->viewport());
    fed.show("end", [&] { fed.watched().model.endRollout(); });
    fed.show("left", [&] {
      fed.watched().model.leaveRollout();
      fed.watched().model.beginRollout(text);
    });
  }
  static QString plainName(const std::string& service) { return plain(service); }
};

QTEST_MAIN(HostileTextTest)
#include "tst_hostile_text.moc"

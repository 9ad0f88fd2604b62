#include "ui/pages/main_window.h"

#include "ui/model/plain.h"
#include "ui/model/users_verdict.h"
#include "ui/pages/plan_page.h"
#include "ui/pages/rollout_page.h"
#include "ui/widgets/attention.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/confirm_dialog.h"
#include "ui/widgets/decision_strip.h"
#include "ui/widgets/key_sheet.h"
#include "ui/widgets/leave_dialog.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/target_band.h"
#include "ui/widgets/target_dialog.h"

#include <QClipboard>
#include <QCloseEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>

namespace ratdeck {

namespace {

constexpr int refreshInterval = 100; // milliseconds; nothing is drawn more often
constexpr int longestNotice = 1000;  // characters

} // namespace

MainWindow::MainWindow(ConsoleModel& model, const std::string& actor, QWidget* parent)
    : QMainWindow(parent), m_model(model), m_actor(actor), m_actions(*this),
      m_attention(new Attention(*this)) {
  resize(1280, 800);
  buildPages();
  buildTargetActions();
  buildRolloutActions();
  buildViewActions();
  buildMenus();
  listenToStrip();
  m_palette = new CommandPalette(m_actions, this);
  connect(m_palette, &CommandPalette::copyWanted, this, [this](const QString& text) { copy(text); });
  connect(&m_refreshing, &QTimer::timeout, &m_model, &ConsoleModel::refresh);
  connect(&m_model, &ConsoleModel::viewChanged, this, [this] { refresh(); });
  connect(&m_model, &ConsoleModel::refused, this,
          [this](const QString& why) { notice(Mood::Failed, tr("refused: %1").arg(why)); });
  m_refreshing.start(refreshInterval);
  refresh();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildPages() {
  m_pages = new QStackedWidget(this);
  m_rolloutPage = new RolloutPage(m_model, m_pages);
  m_planPage = new PlanPage(m_pages);
  m_pages->addWidget(m_rolloutPage);
  m_pages->addWidget(m_planPage);
  setCentralWidget(m_pages);
  m_notice = new StatusLabel(1.0, this);
  m_notice->setObjectName(QStringLiteral("notice"));
  m_load = new StatusLabel(1.0, this);
  m_load->hide();
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(2 * step - 2, 0, 2 * step, 0);
  statusBar()->addWidget(m_notice, 3);
  statusBar()->addPermanentWidget(m_load, 2);
  connect(m_planPage, &PlanPage::planWanted, this, &MainWindow::planWanted);
  connect(m_planPage, &PlanPage::carryOutWanted, this, &MainWindow::carryOutWanted);
  connect(m_planPage, &PlanPage::cancelWanted, this, &MainWindow::cancelWanted);
  connect(m_planPage, &PlanPage::closed, this, [this] { showRollout(); });
}

void MainWindow::listenToStrip() {
  auto& band = m_rolloutPage->band();
  connect(&band, &TargetBand::planWanted, this, [this] { openPlan(PlanKind::Deploy); });
  connect(&band, &TargetBand::rollBackWanted, this, [this] { openPlan(PlanKind::Rollback); });
  connect(&band, &TargetBand::verbMeant, this, [this](const Verb& verb) { mean(verb); });
  connect(&band, &TargetBand::endSeen, &m_model, &ConsoleModel::leaveRollout);
  connect(&band, &TargetBand::resumeWanted, this, [this] { resumeNewest(false); });
  connect(&band, &TargetBand::undoUnfinishedWanted, this, [this] { resumeNewest(true); });
  connect(&band, &TargetBand::inspectWanted, this, [this] { inspectNewest(); });
  offerCopy(band.planButton(), commandOf("plan"));
  offerCopy(band.holdButton(), {});
  offerCopy(band.undoButton(), [this, rollBack = commandOf("rollback")] {
    return m_model.view().mode == ConsoleMode::Live ? QString() : rollBack();
  });
  auto& strip = m_rolloutPage->decisions();
  connect(&strip, &DecisionStrip::approved, this,
          [this](const DecisionRequest& request, const QString& note) {
            Q_EMIT commandMeant(approving(request, true, m_actor, note.toStdString()));
          });
  connect(&strip, &DecisionStrip::rejected, this,
          [this](const DecisionRequest& request, const QString& reason) {
            Q_EMIT commandMeant(approving(request, false, m_actor, reason.toStdString()));
          });
  connect(&strip, &DecisionStrip::drainDecided, this,
          [this](const DecisionRequest& request, DeadlineAction decision, const QString& reason,
                 Duration extendBy) {
            Q_EMIT commandMeant(decidingDrain(request, decision, m_actor, reason.toStdString(), extendBy));
          });
}

// The line that does the same from a shell; there is none without a target.
std::function<QString()> MainWindow::commandOf(const std::string& words) const {
  return [this, words] {
    return m_model.target() ? QString::fromStdString(commandLine(m_model.target()->choice, words))
                            : QString();
  };
}

void MainWindow::buildTargetActions() {
  const auto menu = tr("Target");
  m_actions.add({menu, tr("Open…"), QKeySequence::Open, [this] {
                   chooseTarget();
                 }});
  m_act.look = m_actions.add({menu, tr("Look again, or plan again"), QKeySequence(Qt::Key_F5), [this] {
                                lookAgain();
                              }});
  m_act.startLoad = m_actions.add({menu,
                                   tr("Start load on the sandbox"),
                                   {},
                                   [this] { Q_EMIT startLoadWanted(); },
                                   commandOf("sandbox load start")});
  m_act.stopLoad = m_actions.add(
      {menu, tr("Stop the load"), {}, [this] { Q_EMIT stopLoadWanted(); }, commandOf("sandbox load stop")});
  m_actions.add({menu, tr("Quit"), QKeySequence::Quit, [this] {
                   close();
                 }});
}

void MainWindow::buildRolloutActions() {
  const auto menu = tr("Rollout");
  m_act.plan = m_actions.add({menu, tr("Plan a deploy…"), QKeySequence(Qt::CTRL | Qt::Key_P),
                              [this] { openPlan(PlanKind::Deploy); }, commandOf("plan")});
  m_act.tryOut = m_actions.add({menu, tr("Try beside production…"), QKeySequence(Qt::CTRL | Qt::Key_T),
                                [this] { openPlan(PlanKind::Try); }, commandOf("deploy --try")});
  m_act.rollBack = m_actions.add({menu, tr("Roll back…"), QKeySequence(Qt::CTRL | Qt::Key_B),
                                  [this] { openPlan(PlanKind::Rollback); }, commandOf("rollback")});
  m_act.hold = m_actions.add({menu, tr("Hold"), QKeySequence(Qt::CTRL | Qt::Key_Period), [this] {
                                mean(m_model.view().hold);
                              }});
  m_act.goOn = m_actions.add({menu, tr("Continue"), {}, [this] {
                                mean(m_model.view().hold);
                              }});
  m_act.endWatch = m_actions.add({menu, tr("End the watch"), {}, [this] {
                                    mean(m_model.view().hold);
                                  }});
  m_act.undo = m_actions.add({menu, tr("Go to Undo"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_U), [this] {
                                m_rolloutPage->band().focusUndo();
                              }});
  m_act.stopHere = m_actions.add({menu, tr("Stop here, leave versions mixed…"), {}, [this] {
                                    mean(m_model.view().stopHere);
                                  }});
  m_act.reach =
      m_actions.add({menu, tr("Go to the decision"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A), [this] {
                       m_rolloutPage->decisions().focusRequest();
                     }});
  m_act.approve = m_actions.add(
      {menu, tr("Approve what is awaited"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Return), [this] {
         m_rolloutPage->decisions().approve();
       }});
  m_act.resume = m_actions.add({menu,
                                tr("Resume the unfinished rollout"),
                                {},
                                [this] { resumeNewest(false); },
                                commandOf("resume-unfinished --resume")});
  m_act.inspect = m_actions.add({menu, tr("Inspect the unfinished rollout"), {}, [this] {
                                   inspectNewest();
                                 }});
  m_act.undoUnfinished = m_actions.add({menu,
                                        tr("Undo the unfinished rollout…"),
                                        {},
                                        [this] { resumeNewest(true); },
                                        commandOf("resume-unfinished --roll-back")});
  m_act.takeBack = m_actions.add({menu, tr("Take it back from the background"), {}, [this] {
                                    takeBack();
                                  }});
  m_act.done = m_actions.add({menu, tr("Show what runs now"), {}, [this] {
                                m_model.leaveRollout();
                              }});
}

void MainWindow::buildViewActions() {
  const auto menu = tr("View");
  m_actions.add({menu, tr("Commands…"), QKeySequence(Qt::CTRL | Qt::Key_K), [this] {
                   m_palette->open();
                 }});
  m_actions.add({menu, tr("Keys"), QKeySequence(Qt::Key_Question), [this] {
                   showKeys();
                 }});
  m_actions.add({menu, tr("Filter the events"), QKeySequence(Qt::Key_Slash), [this] {
                   m_rolloutPage->focusFilter();
                 }});
  m_actions.add({menu, tr("Services as a graph"), QKeySequence(Qt::CTRL | Qt::Key_1), [this] {
                   m_rolloutPage->showTable(false);
                 }});
  m_actions.add({menu, tr("Services as a table"), QKeySequence(Qt::CTRL | Qt::Key_2), [this] {
                   m_rolloutPage->showTable(true);
                 }});
  m_actions.add({menu, tr("Times in UTC or local"), QKeySequence(Qt::CTRL | Qt::Key_U), [this] {
                   m_model.setUtc(!m_model.isUtc());
                   m_planPage->setUtc(m_model.isUtc());
                   notice(Mood::Idle, m_model.isUtc() ? tr("times are in UTC") : tr("times are local"));
                 }});
  m_actions.add({menu, tr("Theme of the system"), {}, [this] {
                   Q_EMIT themeWanted(ThemeChoice::System);
                 }});
  m_actions.add({menu, tr("Light theme"), {}, [this] {
                   Q_EMIT themeWanted(ThemeChoice::Light);
                 }});
  m_actions.add({menu, tr("Dark theme"), {}, [this] {
                   Q_EMIT themeWanted(ThemeChoice::Dark);
                 }});
}

void MainWindow::buildMenus() {
  for (const auto& title : m_actions.menus()) {
    auto* menu = menuBar()->addMenu(QLatin1Char('&') + title);
    for (const auto& entry : m_actions.entries())
      if (entry.menu == title)
        menu->addAction(entry.action);
  }
}

void MainWindow::setReadOnly(bool isReadOnly) {
  m_model.setReadOnly(isReadOnly);
  m_planPage->setReadOnly(isReadOnly);
}

void MainWindow::showTarget(const TargetFacts& target) {
  m_planPage->setTarget(target);
  if (m_targetDialog)
    m_targetDialog->accept();
  showRollout();
  for (const auto& warning : target.warnings)
    notice(Mood::Caution, plain(warning.toString()));
}

void MainWindow::showStack(const StackFacts& stack) {
  const bool wasUnfinished = m_model.stack() && !m_model.stack()->unfinished.empty();
  m_planPage->setStack(stack);
  if (!stack.unfinished.empty() && !wasUnfinished && m_model.view().mode == ConsoleMode::Idle)
    notice(Mood::Waiting, tr("rollout %1 is unfinished: Resume, Undo or Inspect it")
                              .arg(plain(stack.unfinished.front().rollout)));
}

void MainWindow::showPlan(const PlanFacts& plan) {
  m_planPage->showPlan(plan);
}

void MainWindow::showPreparing(const QString& words) {
  m_planPage->showPreparing(plain(words, longestNotice));
}

void MainWindow::showFailure(ConsoleAction action, const Error& error) {
  if (action == ConsoleAction::Plan || action == ConsoleAction::CarryOut)
    m_planPage->showFailure(error);
  if (action == ConsoleAction::Open && m_targetDialog)
    m_targetDialog->showTest(m_targetDialog->choice(), false, plain(error.toString()));
  notice(error.kind == ErrorKind::Cancelled ? Mood::Idle : Mood::Failed, plain(error.toString()));
}

void MainWindow::showTest(const StackChoice& choice, bool isReached, const QString& text) {
  if (m_targetDialog)
    m_targetDialog->showTest(choice, isReached, text);
}

void MainWindow::showLoad(const std::optional<LoadFacts>& load) {
  m_load->setVisible(load.has_value());
  if (!load)
    return;
  auto words = tr("%1 requests/s, %2")
                   .arg(load->requestsLastSecond, 0, 'f', 0)
                   .arg(failedText(load->failed, load->requests));
  if (load->p50Ms && load->p99Ms)
    words += tr(" · p50 %1 ms, p99 %2 ms").arg(*load->p50Ms, 0, 'f', 0).arg(*load->p99Ms, 0, 'f', 0);
  m_load->setLine({load->failed > 0 ? Mood::Failed : Mood::Ok, tr("Load"), words});
}

void MainWindow::showRollout() {
  m_pages->setCurrentWidget(m_rolloutPage);
}

void MainWindow::notice(Mood mood, const QString& text) {
  const auto word = mood == Mood::Failed    ? tr("Not done")
                    : mood == Mood::Unknown ? tr("No contact")
                                            : tr("Note");
  m_notice->setLine({mood, word, plain(text, longestNotice)});
}

void MainWindow::refresh() {
  const auto& view = m_model.view();
  setWindowTitle((view.band.isEmpty() ? QString() : view.band + QStringLiteral(" · ")) + view.title +
                 QStringLiteral(" — ratdeck"));
  m_rolloutPage->refresh();
  m_planPage->setUsers(view.users.line);
  m_attention->setView(view);
  refreshActions();
}

void MainWindow::refreshActions() {
  const auto& view = m_model.view();
  const bool isQuiet = view.canChange && (view.mode == ConsoleMode::Idle || view.mode == ConsoleMode::Ended);
  const bool isLive = view.canChange && view.mode == ConsoleMode::Live;
  for (auto* action : {m_act.plan, m_act.tryOut, m_act.rollBack})
    action->setEnabled(isQuiet);
  const bool isHeld = view.hold.kind == CommandKind::Continue;
  const bool isBaking = view.hold.kind == CommandKind::FinishBake;
  m_act.hold->setEnabled(isLive && view.hold.isPossible && !isHeld && !isBaking);
  m_act.endWatch->setEnabled(isLive && isBaking);
  m_act.goOn->setEnabled(isLive && view.hold.isPossible && isHeld);
  m_act.undo->setEnabled(isLive || isQuiet);
  m_act.stopHere->setEnabled(isLive && view.stopHere.isPossible);
  const bool isAsked = isLive && !view.decisions.empty();
  m_act.reach->setEnabled(isAsked);
  m_act.approve->setEnabled(isAsked && view.decisions.front().kind == DecisionRequest::Kind::Approval);
  m_act.resume->setEnabled(isQuiet && view.hasUnfinished);
  m_act.undoUnfinished->setEnabled(isQuiet && view.hasUnfinished);
  m_act.inspect->setEnabled(view.mode == ConsoleMode::Idle && view.hasUnfinished);
  m_act.look->setEnabled(view.mode == ConsoleMode::Idle || view.mode == ConsoleMode::Ended);
  m_act.takeBack->setEnabled(isQuiet && m_model.stack() && m_model.stack()->running);
  m_act.done->setEnabled(view.mode == ConsoleMode::Ended);
  const bool isSandbox = view.canChange && m_model.target() && m_model.target()->runtime == "sandbox";
  m_act.startLoad->setEnabled(isSandbox && m_load->isHidden());
  m_act.stopLoad->setEnabled(isSandbox && !m_load->isHidden());
}

void MainWindow::openPlan(PlanKind kind) {
  m_model.leaveRollout();
  m_planPage->begin(kind);
  m_pages->setCurrentWidget(m_planPage);
}

void MainWindow::submit(CommandKind kind, const QString& reason, const std::set<std::string>& pastSchema) {
  Command command;
  command.pastSchema = pastSchema;
  command.kind = kind;
  command.actor = m_actor;
  command.reason = reason.toStdString();
  Q_EMIT commandMeant(command);
}

void MainWindow::mean(const Verb& verb) {
  if (!verb.isPossible)
    return notice(Mood::Failed, verb.refusal);
  if (verb.question.isEmpty())
    return submit(verb.kind, {});
  auto label = verb.label;
  label.remove(QStringLiteral("…"));
  auto* dialog = new ConfirmDialog(label, verb.question, label + QStringLiteral(" · ") + verb.consequence,
                                   verb.kind == CommandKind::StopHere, this);
  if (!verb.pastSchema.empty())
    dialog->demand(verb.pastSchema);
  connect(dialog, &ConfirmDialog::confirmed, this,
          [this, verb](const QString& why) { submit(verb.kind, why, verb.pastSchema); });
  dialog->open();
}

void MainWindow::resumeNewest(bool undo) {
  if (!m_model.stack() || m_model.stack()->unfinished.empty())
    return;
  const auto* fit = resumable(*m_model.stack());
  if (!fit)
    return notice(Mood::Failed, plain(m_model.stack()->unfinished.front().refusal->toString()));
  const auto past = *fit;
  ResumeWish wish;
  wish.rollout = past.rollout;
  wish.undo = undo;
  if (!undo)
    return Q_EMIT resumeWanted(wish);
  auto* dialog = new ConfirmDialog(
      tr("Undo the unfinished rollout"),
      tr("Undo rollout %1? Services go back to what ran before it, in reverse order%2.")
          .arg(plain(past.rollout), past.left ? QStringLiteral(": ") + past.left->undo : QString()),
      tr("Undo it"), false, this);
  connect(dialog, &ConfirmDialog::confirmed, this, [this, wish] { Q_EMIT resumeWanted(wish); });
  dialog->open();
}

void MainWindow::inspectNewest() {
  if (m_model.stack() && !m_model.stack()->unfinished.empty())
    Q_EMIT inspectWanted(QString::fromStdString(m_model.stack()->unfinished.front().rollout));
}

// A live rollout tells by itself how it goes on.
void MainWindow::lookAgain() {
  if (m_pages->currentWidget() == m_planPage)
    return m_planPage->plan();
  Q_EMIT lookWanted();
  notice(Mood::Idle, tr("looking again at what runs here"));
}

void MainWindow::takeBack() {
  if (m_model.stack() && m_model.stack()->running)
    Q_EMIT resumeWanted({m_model.stack()->running->rollout, false, false});
}

void MainWindow::chooseTarget() {
  if (m_model.view().mode == ConsoleMode::Live)
    return notice(Mood::Failed, tr("a rollout goes on here; open another window for another target"));
  m_targetDialog = new TargetDialog(m_model.target() ? m_model.target()->choice : StackChoice(), this);
  m_targetDialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(m_targetDialog, &QObject::destroyed, this, [this] { m_targetDialog = nullptr; });
  connect(m_targetDialog, &TargetDialog::openWanted, this, &MainWindow::openWanted);
  connect(m_targetDialog, &TargetDialog::testWanted, this, &MainWindow::testWanted);
  m_targetDialog->open();
}

void MainWindow::copy(const QString& text) {
  QGuiApplication::clipboard()->setText(text);
  notice(Mood::Idle, tr("copied: %1").arg(text));
}

// A live rollout obeys its own window alone: ratdeckctl has no commands for that.
void MainWindow::offerCopy(QWidget& button, const std::function<QString()>& command) {
  button.setContextMenuPolicy(Qt::CustomContextMenu);
  connect(&button, &QWidget::customContextMenuRequested, this, [this, &button, command](const QPoint& at) {
    const auto text = command ? command() : QString();
    auto* menu = new QMenu(&button);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto* action = menu->addAction(text.isEmpty() ? tr("ratdeckctl has no command for this one")
                                                  : tr("Copy as command"));
    action->setEnabled(!text.isEmpty());
    connect(action, &QAction::triggered, this, [this, text] { copy(text); });
    menu->popup(button.mapToGlobal(at));
  });
}

void MainWindow::showKeys() {
  auto* sheet = new KeySheet(m_actions, this);
  sheet->setAttribute(Qt::WA_DeleteOnClose);
  sheet->open();
}

void MainWindow::askBeforeClosing() {
  auto* dialog = new LeaveDialog(m_model.state().isHeld, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &LeaveDialog::backgroundChosen, this,
          [this] { Q_EMIT closingChosen(ClosingWay::Background); });
  connect(dialog, &LeaveDialog::holdChosen, this, [this] { Q_EMIT closingChosen(ClosingWay::Hold); });
  dialog->open();
}

void MainWindow::setHandingOver(bool isHandingOver) {
  m_isHandingOver = isHandingOver;
}

void MainWindow::closeNow() {
  m_mayClose = true;
  close();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  const auto mode = m_model.view().mode;
  if (m_isHandingOver && !m_mayClose) {
    event->ignore();
    return notice(Mood::Running, tr("the rollout is being handed over; the window closes by itself"));
  }
  if (!m_mayClose && (mode == ConsoleMode::Live || mode == ConsoleMode::Preparing)) {
    event->ignore();
    return mode == ConsoleMode::Live
               ? askBeforeClosing()
               : notice(Mood::Waiting, tr("a rollout is about to begin; close once it has"));
  }
  event->accept();
  Q_EMIT closing();
}

void MainWindow::saveLayout(QSettings& settings) const {
  settings.setValue(QStringLiteral("layout/window"), saveGeometry());
  m_rolloutPage->saveLayout(settings);
}

void MainWindow::restoreLayout(const QSettings& settings) {
  restoreGeometry(settings.value(QStringLiteral("layout/window")).toByteArray());
  m_rolloutPage->restoreLayout(settings);
}

} // namespace ratdeck

#include "ui/pages/plan_form.h"

#include "ui/model/plain.h"
#include "ui/pages/rollback_choice.h"
#include "ui/pages/service_choice.h"
#include "ui/widgets/path_list.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/words.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

QString textOf(PlanKind kind) {
  switch (kind) {
  case PlanKind::Deploy:
    return PlanForm::tr("Rolls the stack to what the files say.");
  case PlanKind::Try:
    return PlanForm::tr("Starts the new copies beside what runs, waits for their gates, routes nothing to "
                        "them and removes them again.");
  case PlanKind::Rollback:
    return PlanForm::tr("Brings earlier versions back, as a rollout of its own.");
  }
  return {};
}

QString whenNoFile(const StackChoice& choice) {
  return choice.runtime == "sandbox" ? PlanForm::tr("none named: those of the sandbox, else Compose’s own")
                                     : PlanForm::tr("none named: Compose’s own default files");
}

} // namespace

PlanForm::PlanForm(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(step);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(buildParts());
  m_refusal = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_refusal->setMuted(true);
  m_plan = new QPushButton(tr("Plan"), this);
  m_plan->setObjectName(QStringLiteral("planButton"));
  m_plan->setAutoDefault(false);
  m_plan->setMinimumWidth(14 * step);
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(0, 0, step, 0);
  foot->addWidget(m_refusal, 1);
  foot->addWidget(m_plan);
  column->addWidget(scroll, 1);
  column->addLayout(foot);
  for (auto* button : {m_deploy, m_try, m_rollback})
    connect(button, &QRadioButton::toggled, this, [this](bool isChecked) {
      if (isChecked)
        showKind();
    });
  connect(this, &PlanForm::changed, this, &PlanForm::showButton);
  for (auto* list : {m_files, m_envFiles})
    connect(list, &PathList::pathsChanged, this, &PlanForm::changed);
  connect(m_profiles, &QLineEdit::textChanged, this, &PlanForm::changed);
  connect(m_profiles, &QLineEdit::returnPressed, this, &PlanForm::plan);
  connect(m_services, &ServiceChoice::changed, this, &PlanForm::changed);
  connect(m_goal, &RollbackChoice::changed, this, &PlanForm::changed);
  connect(m_plan, &QPushButton::clicked, this, &PlanForm::plan);
  showKind();
}

QWidget* PlanForm::buildParts() {
  auto* parts = new QWidget;
  auto* column = new QVBoxLayout(parts);
  column->setContentsMargins(0, 0, step, 0);
  column->setSpacing(step);
  auto* kinds = new QHBoxLayout;
  kinds->setSpacing(2 * step);
  m_deploy = new QRadioButton(tr("Deploy"), parts);
  m_try = new QRadioButton(tr("Try beside production"), parts);
  m_rollback = new QRadioButton(tr("Roll back"), parts);
  m_deploy->setChecked(true);
  for (auto* button : {m_deploy, m_try, m_rollback})
    kinds->addWidget(button);
  kinds->addStretch(1);
  m_kindText = new PlainLabel(PlainLabel::Fit::Wrap, parts);
  m_kindText->setMuted(true);

  m_filesPart = new QWidget(parts);
  auto* files = new QVBoxLayout(m_filesPart);
  files->setContentsMargins(0, 0, 0, 0);
  files->setSpacing(step);
  m_files = new PathList(tr("Compose files"), whenNoFile({}), m_filesPart);
  m_envFiles = new PathList(tr("Env files"), tr("none named: .env beside the first file"), m_filesPart);
  auto* profiles = new PlainLabel(PlainLabel::Fit::Elide, m_filesPart);
  profiles->setPlain(tr("Profiles"));
  profiles->setBold(true);
  m_profiles = new QLineEdit(m_filesPart);
  m_profiles->setObjectName(QStringLiteral("profiles"));
  m_profiles->setAccessibleName(tr("Profiles"));
  m_profiles->setPlaceholderText(tr("none; several are set apart by commas"));
  for (QWidget* part : std::initializer_list<QWidget*>{m_files, m_envFiles, profiles, m_profiles})
    files->addWidget(part);

  m_goal = new RollbackChoice(parts);
  m_services = new ServiceChoice(parts);
  column->addLayout(kinds);
  column->addWidget(m_kindText);
  column->addWidget(m_filesPart);
  column->addWidget(m_goal);
  column->addWidget(m_services, 1);
  return parts;
}

void PlanForm::setTarget(const TargetFacts& target) {
  m_choice = target.choice;
  m_files->setWhenEmpty(whenNoFile(m_choice));
  m_files->setPaths(m_choice.files);
  m_envFiles->setPaths(m_choice.envFiles);
  m_profiles->setText(joinedWords(m_choice.profiles));
  m_services->setStack(target.stack, m_choice);
}

void PlanForm::setStack(const StackFacts& stack) {
  m_goal->setStack(stack);
}

void PlanForm::setUtc(bool isUtc) {
  m_goal->setUtc(isUtc);
}

void PlanForm::addServicesOf(const Plan& plan) {
  std::map<std::string, std::string> images;
  for (const auto& [name, service] : plan.services)
    images[name] = service.toImage;
  for (const auto& name : plan.unchanged)
    images[name];
  for (const auto& item : plan.excluded)
    images[item.service];
  m_services->model().addServices(images);
}

void PlanForm::setKind(PlanKind kind) {
  auto* button = kind == PlanKind::Deploy ? m_deploy : kind == PlanKind::Try ? m_try : m_rollback;
  button->setChecked(true);
}

void PlanForm::setBusy(const QString& what) {
  m_busy = what;
  showButton();
}

PlanWish PlanForm::wish() const {
  PlanWish wish;
  wish.kind = m_rollback->isChecked() ? PlanKind::Rollback
              : m_try->isChecked()    ? PlanKind::Try
                                      : PlanKind::Deploy;
  wish.choice = m_choice;
  wish.choice.files = m_files->paths();
  wish.choice.envFiles = m_envFiles->paths();
  wish.choice.profiles = splitWords(m_profiles->text());
  wish.choice.setImages = m_services->model().setImages();
  wish.choice.services = m_services->model().services();
  if (wish.kind == PlanKind::Rollback)
    m_goal->fill(wish);
  return wish;
}

bool PlanForm::isComplete() const {
  return !m_services->isIncomplete();
}

void PlanForm::plan() {
  if (m_plan->isEnabled())
    Q_EMIT planWanted(wish());
}

void PlanForm::focusForm() {
  for (auto* button : {m_deploy, m_try, m_rollback})
    if (button->isChecked())
      button->setFocus(Qt::OtherFocusReason);
}

void PlanForm::showKind() {
  const auto kind = wish().kind;
  m_kindText->setPlain(textOf(kind));
  m_filesPart->setVisible(kind != PlanKind::Rollback);
  m_goal->setVisible(kind == PlanKind::Rollback);
  m_services->setSetsImages(kind != PlanKind::Rollback);
  Q_EMIT changed();
}

void PlanForm::showButton() {
  m_plan->setEnabled(m_busy.isEmpty() && isComplete());
  m_refusal->setPlain(!m_busy.isEmpty() ? m_busy
                      : !isComplete()   ? tr("check at least one service")
                                        : QString());
}

} // namespace ratdeck

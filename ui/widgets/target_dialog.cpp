#include "ui/widgets/target_dialog.h"

#include "ui/model/plain.h"
#include "ui/widgets/path_list.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/words.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

constexpr int answerLines = 3; // of room, so that nothing moves when it comes
constexpr char sandbox[] = "sandbox", docker[] = "docker";

PlainLabel* addCaption(QGridLayout& grid, int row, QWidget* parent, const QString& text) {
  auto* caption = new PlainLabel(PlainLabel::Fit::Elide, parent);
  caption->setPlain(text);
  caption->setBold(true);
  caption->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  grid.addWidget(caption, row, 0);
  return caption;
}

} // namespace

TargetDialog::TargetDialog(const StackChoice& choice, QWidget* parent)
    : QDialog(parent), m_prefilled(choice) {
  setWindowTitle(tr("Choose a target"));
  setObjectName(QStringLiteral("targetDialog"));
  build();
  fill();
  for (auto* button : {m_isSandbox, m_isDocker})
    connect(button, &QRadioButton::toggled, this, &TargetDialog::showRuntime);
  for (auto* edit : {m_sandbox, m_context, m_profiles, m_project})
    connect(edit, &QLineEdit::textChanged, this, &TargetDialog::forgetAnswer);
  for (auto* list : {m_files, m_envFiles})
    connect(list, &PathList::pathsChanged, this, &TargetDialog::forgetAnswer);
  connect(m_test, &QPushButton::clicked, this, [this] {
    ask(tr("asking the target…"));
    Q_EMIT testWanted(this->choice());
  });
  connect(m_open, &QPushButton::clicked, this, [this] {
    ask(tr("opening the target…"));
    Q_EMIT openWanted(this->choice());
  });
  connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
}

QLineEdit* TargetDialog::addField(QGridLayout& grid, int row, const QString& caption,
                                  const QString& whenEmpty, const char* name) {
  auto* edit = new QLineEdit(this);
  edit->setObjectName(QLatin1String(name));
  edit->setAccessibleName(caption);
  edit->setPlaceholderText(whenEmpty);
  grid.addWidget(edit, row, 1);
  m_captions[edit] = addCaption(grid, row, this, caption);
  return edit;
}

void TargetDialog::build() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2 * step, 2 * step, 2 * step, 2 * step);
  column->setSpacing(2 * step);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(2 * step);
  grid->setVerticalSpacing(step);
  m_isSandbox = new QRadioButton(tr("Sandbox"), this);
  m_isDocker = new QRadioButton(tr("Docker"), this);
  auto* runtimes = new QHBoxLayout;
  runtimes->setSpacing(2 * step);
  runtimes->addWidget(m_isSandbox);
  runtimes->addWidget(m_isDocker);
  runtimes->addStretch(1);
  addCaption(*grid, 0, this, tr("Runs in"));
  grid->addLayout(runtimes, 0, 1);
  m_sandbox = addField(*grid, 1, tr("Sandbox"), QString::fromStdString(StackChoice().sandbox), "sandbox");
  m_context =
      addField(*grid, 1, tr("Docker context"), tr("what DOCKER_HOST or the docker command says"), "context");
  m_project = addField(*grid, 2, tr("Project"), tr("as the files say"), "project");
  m_profiles = addField(*grid, 3, tr("Profiles"), tr("none; several are set apart by commas"), "profiles");
  m_files = new PathList(tr("Compose files"), {}, this);
  m_envFiles = new PathList(tr("Env files"), tr("none named: .env beside the first file"), this);
  m_answer = new StatusLabel(1.0, this);
  m_answer->setObjectName(QStringLiteral("answer"));
  m_answerText = new PlainLabel(PlainLabel::Fit::Wrap, this);
  m_answerText->setObjectName(QStringLiteral("answerText"));
  m_answerText->setContentsMargins(fontMetrics().ascent() + step, 0, 0, 0);
  m_answerText->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  m_answerText->setMinimumHeight(answerLines * fontMetrics().lineSpacing());
  m_test = new QPushButton(tr("Test connection"), this);
  m_cancel = new QPushButton(tr("Cancel"), this);
  m_open = new QPushButton(tr("Open"), this);
  m_test->setObjectName(QStringLiteral("test"));
  m_open->setObjectName(QStringLiteral("open"));
  m_test->setAutoDefault(false);
  m_cancel->setAutoDefault(false);
  m_open->setDefault(true);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(step);
  buttons->addWidget(m_test);
  buttons->addStretch(1);
  buttons->addWidget(m_cancel);
  buttons->addWidget(m_open);
  column->addLayout(grid);
  column->addWidget(m_files);
  column->addWidget(m_envFiles);
  column->addStretch(1);
  for (int row = 0; row < grid->rowCount(); ++row)
    grid->setRowMinimumHeight(row, m_project->sizeHint().height());
  auto* answer = new QVBoxLayout;
  answer->setSpacing(halfStep);
  answer->addWidget(m_answer);
  answer->addWidget(m_answerText);
  column->addLayout(answer);
  column->addLayout(buttons);
  setMinimumWidth(70 * step);
}

void TargetDialog::fill() {
  m_isSandbox->setChecked(m_prefilled.runtime == sandbox);
  m_isDocker->setChecked(m_prefilled.runtime == docker);
  m_sandbox->setText(plain(m_prefilled.sandbox));
  m_context->setText(plain(m_prefilled.context));
  m_project->setText(plain(m_prefilled.projectName.value_or("")));
  m_profiles->setText(joinedWords(m_prefilled.profiles));
  m_files->setPaths(m_prefilled.files);
  m_envFiles->setPaths(m_prefilled.envFiles);
  showRuntime();
}

StackChoice TargetDialog::choice() const {
  const auto textOf = [](const QLineEdit* edit) {
    return edit->text().trimmed().toStdString();
  };
  auto choice = m_prefilled;
  if (m_isSandbox->isChecked())
    choice.runtime = sandbox;
  if (m_isDocker->isChecked())
    choice.runtime = docker;
  choice.isRuntimeNamed = m_prefilled.isRuntimeNamed || choice.runtime != m_prefilled.runtime;
  choice.sandbox = m_sandbox->text().trimmed().isEmpty() ? StackChoice().sandbox : textOf(m_sandbox);
  choice.context = textOf(m_context);
  choice.projectName =
      m_project->text().trimmed().isEmpty() ? std::nullopt : std::optional(textOf(m_project));
  choice.profiles = splitWords(m_profiles->text());
  choice.files = m_files->paths();
  choice.envFiles = m_envFiles->paths();
  if (choice.files != m_prefilled.files) { // other files, other services
    choice.setImages.clear();
    choice.services.clear();
  }
  return choice;
}

void TargetDialog::showRuntime() {
  const bool isSandbox = m_isSandbox->isChecked();
  for (auto [edit, isShown] : {std::pair(m_sandbox, isSandbox), std::pair(m_context, !isSandbox)}) {
    edit->setVisible(isShown);
    m_captions.at(edit)->setVisible(isShown);
  }
  m_files->setWhenEmpty(isSandbox ? tr("none named: those of the sandbox, else Compose’s own")
                                  : tr("none named: Compose’s own default files"));
  forgetAnswer();
}

void TargetDialog::forgetAnswer() {
  m_answer->setLine({Mood::Idle, tr("Not tested"), tr("a test changes nothing")});
  m_answerText->setPlain({});
}

void TargetDialog::ask(const QString& what) {
  m_answer->setLine({Mood::Running, tr("Working"), what});
  m_answerText->setPlain({});
}

void TargetDialog::showTest(const StackChoice& choice, bool isReached, const QString& text) {
  if (choice != this->choice())
    return;
  m_answer->setLine(isReached ? StatusLine{Mood::Ok, tr("It answers"), {}}
                              : StatusLine{Mood::Failed, tr("It does not answer"), {}});
  m_answerText->setPlain(plain(text.toStdString(), 1000));
}

} // namespace ratdeck

// Chooses a stack at a target, and asks whether it answers. It stays open until its owner closes it: when the
// target is open, or never, with the reason shown as a test's answer. GUI thread.
#pragma once

#include "core/spec/stack_choice.h"

#include <QDialog>

#include <map>

class QGridLayout;
class QLineEdit;
class QPushButton;
class QRadioButton;

namespace ratdeck {

class PathList;
class PlainLabel;
class StatusLabel;

class TargetDialog : public QDialog {
  Q_OBJECT
public:
  explicit TargetDialog(const StackChoice& choice, QWidget* parent = nullptr);

  // What the form says. Images to set and single services stay those it was prefilled with as long as the
  // files are the same.
  StackChoice choice() const;

public Q_SLOTS:
  // The answer to testWanted, or why it could not be opened; one of another choice is not shown.
  void showTest(const ratdeck::StackChoice& choice, bool isReached, const QString& text);

Q_SIGNALS:
  void testWanted(const ratdeck::StackChoice& choice);
  void openWanted(const ratdeck::StackChoice& choice);

private:
  void build();
  QLineEdit* addField(QGridLayout& grid, int row, const QString& caption, const QString& whenEmpty,
                      const char* name);
  void fill();
  void showRuntime();
  void forgetAnswer();
  void ask(const QString& what);

  StackChoice m_prefilled;
  std::map<QLineEdit*, PlainLabel*> m_captions;
  QRadioButton *m_isSandbox, *m_isDocker;
  QLineEdit *m_sandbox, *m_context, *m_profiles, *m_project;
  PathList *m_files, *m_envFiles;
  StatusLabel* m_answer;
  PlainLabel* m_answerText;
  QPushButton *m_test, *m_open, *m_cancel;
};

} // namespace ratdeck

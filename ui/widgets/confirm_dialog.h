// A question before something that cannot be taken back at once: the default is Cancel, and what is asked for
// is a deliberate click. Does not block: answers by its signal. GUI thread.
#pragma once

#include <QDialog>
#include <QString>

#include <set>
#include <string>

class QLineEdit;

namespace ratdeck {

class DeliberateButton;
class PlainLabel;

class ConfirmDialog : public QDialog {
  Q_OBJECT
public:
  // `verb`: what the button does, in its own words. With `asksReason` nothing happens without one.
  ConfirmDialog(const QString& title, const QString& question, const QString& verb, bool asksReason,
                QWidget* parent);
  // Nothing happens before each of these names was typed.
  void demand(const std::set<std::string>& words);

Q_SIGNALS:
  void confirmed(const QString& reason);

private:
  void showWhetherItMay();

  bool m_asksReason;
  std::set<std::string> m_demanded;
  QLineEdit *m_reason, *m_typed;
  PlainLabel* m_refusal;
  DeliberateButton* m_act;
};

} // namespace ratdeck

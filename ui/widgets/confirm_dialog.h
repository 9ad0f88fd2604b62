// A question before something that cannot be taken back at once: the default is Cancel, and what is asked for
// is a deliberate click. Does not block: answers by its signal. GUI thread.
#pragma once

#include <QDialog>
#include <QString>

namespace ratdeck {

class ConfirmDialog : public QDialog {
  Q_OBJECT
public:
  // `verb`: what the button does, in its own words. With `asksReason` nothing happens without one.
  ConfirmDialog(const QString& title, const QString& question, const QString& verb, bool asksReason,
                QWidget* parent);

Q_SIGNALS:
  void confirmed(const QString& reason);
};

} // namespace ratdeck

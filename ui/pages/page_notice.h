// What a page has to say before all else: that it works, that something went wrong, that what it shows is out
// of date. Hidden where there is nothing to say. GUI thread.
#pragma once

#include "ui/model/status_line.h"

#include "core/base/error.h"

#include <QFrame>

class QPushButton;

namespace ratdeck {

class PlainLabel;
class StatusLabel;

class PageNotice : public QFrame {
  Q_OBJECT
public:
  explicit PageNotice(QWidget* parent = nullptr);

  void clear();
  void say(const StatusLine& line);
  // Beside what is said, from now on or not.
  void offerCancel(bool isOffered);
  // Message, place and what to do next; longer ones than people write are cut.
  void showFailure(const QString& title, const Error& error);

Q_SIGNALS:
  void cancelWanted();

private:
  StatusLabel* m_line;
  QPushButton* m_cancel;
  PlainLabel *m_message, *m_place, *m_next;
};

} // namespace ratdeck

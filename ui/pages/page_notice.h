// What a page has to say before all else: that it works, that something went wrong, that what it shows is out
// of date. Hidden where there is nothing to say. GUI thread.
#pragma once

#include "ui/model/status_line.h"

#include "core/base/error.h"

#include <QFrame>

namespace ratdeck {

class PlainLabel;
class StatusLabel;

class PageNotice : public QFrame {
  Q_OBJECT
public:
  explicit PageNotice(QWidget* parent = nullptr);

  void clear();
  void say(const StatusLine& line);
  // Message, place and what to do next; longer ones than people write are cut.
  void showFailure(const QString& title, const Error& error);

private:
  StatusLabel* m_line;
  PlainLabel *m_message, *m_place, *m_next;
};

} // namespace ratdeck

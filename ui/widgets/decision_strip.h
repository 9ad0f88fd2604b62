// The strip where a person decides: an approval, or what becomes of runs at the end of a drain. It is always
// there, so nothing shifts under the mouse; of several requests it shows the one that ends first. GUI thread.
#pragma once

#include "ui/model/decision_request.h"

#include <QFrame>

class QComboBox;
class QLineEdit;

namespace ratdeck {

class DeliberateButton;
class PlainLabel;

class DecisionStrip : public QFrame {
  Q_OBJECT
public:
  explicit DecisionStrip(QWidget* parent = nullptr);

  // `idle`: what it says when nothing is asked, and `next` what comes by itself then. `users`: the verdict on
  // users, as they are now.
  void setRequests(const std::vector<DecisionRequest>& requests, Instant now, const QString& idle,
                   const QString& users, const QString& next = {});
  // For keyboards: brings the request's note to the focus, never a button.
  void focusRequest();
  // As a click on Approve: does nothing unless that would do something.
  void approve();

  const std::vector<DecisionRequest>& requests() const { return m_requests; }

Q_SIGNALS:
  void approved(const ratdeck::DecisionRequest& request, const QString& note);
  void rejected(const ratdeck::DecisionRequest& request, const QString& reason);
  void drainDecided(const ratdeck::DecisionRequest& request, ratdeck::DeadlineAction decision,
                    const QString& reason, ratdeck::Duration extendBy);

private:
  void build();
  void showRequest();
  void showCountdown(Instant now);
  void showButtons();
  void showExtensions();
  Duration chosenExtension() const;
  bool hasReason() const;
  void keepKeys();

  std::vector<DecisionRequest> m_requests;
  QString m_idle, m_users, m_nextByItself;
  PlainLabel *m_title, *m_countdown, *m_next, *m_context;
  QLineEdit* m_note;
  QComboBox* m_extendBy;
  DeliberateButton *m_approve, *m_reject, *m_extend, *m_end, *m_undo;
};

} // namespace ratdeck

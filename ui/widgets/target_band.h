// The band at the top: which target this is, in a colour of its own with its word, and the few verbs. Widths
// and places of the buttons are fixed: nothing moves under the mouse. GUI thread.
#pragma once

#include "ui/model/console_view.h"

#include <QFrame>

class QHBoxLayout;
class QPushButton;

namespace ratdeck {

class DeliberateButton;
class PlainLabel;

class TargetBand : public QFrame {
  Q_OBJECT
public:
  explicit TargetBand(QWidget* parent = nullptr);

  void setView(const ConsoleView& view);
  QWidget& planButton();
  QWidget& holdButton();
  QWidget& undoButton(); // of a live rollout; to roll back, where nothing is live
  // Moves the focus there; pressing is the mouse's.
  void focusUndo();

Q_SIGNALS:
  void planWanted();
  void rollBackWanted();
  void verbMeant(const ratdeck::Verb& verb); // Hold, Continue, Undo
  void endSeen();                            // back to the live stack
  // of a rollout that was left unfinished
  void resumeWanted();
  void undoUnfinishedWanted();
  void inspectWanted();

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  void buildUnfinished(QHBoxLayout& row);
  void showVerbs(const ConsoleView& view);
  void showRefusal(const ConsoleView& view);

  ConsoleMode m_mode = ConsoleMode::NoTarget;
  QString m_band;
  Verb m_hold, m_undo;
  PlainLabel *m_word, *m_title, *m_refusal;
  QPushButton *m_plan, *m_done, *m_inspect, *m_undoUnfinished;
  DeliberateButton *m_holdButton, *m_undoButton, *m_resume;
};

} // namespace ratdeck

// A button for what cannot be taken back: it obeys only a mouse click that began and ended while it was
// armed. It is not armed for 0.8 s after it appears or says something new, and Enter and Space do nothing on
// it. GUI thread.
#pragma once

#include <QPushButton>
#include <QTimer>

namespace ratdeck {

class DeliberateButton : public QPushButton {
  Q_OBJECT
public:
  explicit DeliberateButton(QWidget* parent = nullptr);

  // What a click means now. A meaning other than before disarms it, and a press that began before it is void.
  void setMeaning(const QString& label, const QString& meaning);
  bool isArmed() const { return m_isArmed; }
  // Why it cannot be pressed now, for the tooltip and for who does not see; "" = it can be.
  void setRefusal(const QString& why);
  // As wide at least, and as its words need. (A minimum width of QWidget's would cut longer words off.)
  void setLeastWidth(int width);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }
  // As a click of the mouse: means it if it is seen, enabled and armed. What was meant disarms it, so that a
  // second click on the way means nothing.
  void press();

Q_SIGNALS:
  // The one signal to listen to; clicked() may come of keys.
  void meant();

protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;

private:
  void disarm();

  QString m_meaning;
  QTimer m_arming, m_settling;
  int m_leastWidth = 0;
  bool m_isArmed = false;
  bool m_isPressedArmed = false;
};

} // namespace ratdeck

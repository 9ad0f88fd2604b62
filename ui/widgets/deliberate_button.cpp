#include "ui/widgets/deliberate_button.h"

#include "ui/model/plain.h"

#include <QKeyEvent>
#include <QMouseEvent>

namespace ratdeck {

namespace {

constexpr int armingTime = 800; // milliseconds
// Then input that waited while the window was busy is taken as too early as well.
constexpr int settlingTime = 60;

} // namespace

DeliberateButton::DeliberateButton(QWidget* parent) : QPushButton(parent) {
  setAutoDefault(false);
  setFocusPolicy(Qt::TabFocus);
  m_arming.setSingleShot(true);
  m_settling.setSingleShot(true);
  connect(&m_arming, &QTimer::timeout, this, [this] { m_settling.start(settlingTime); });
  connect(&m_settling, &QTimer::timeout, this, [this] { m_isArmed = true; });
  disarm();
}

void DeliberateButton::setLeastWidth(int width) {
  m_leastWidth = width;
  updateGeometry();
}

QSize DeliberateButton::sizeHint() const {
  return QPushButton::sizeHint().expandedTo({m_leastWidth, 0});
}

void DeliberateButton::disarm() {
  m_isArmed = false;
  m_isPressedArmed = false;
  m_settling.stop();
  m_arming.start(armingTime);
}

void DeliberateButton::setMeaning(const QString& label, const QString& meaning) {
  if (const auto shown = onButton(label); shown != text())
    setText(shown);
  if (meaning == m_meaning)
    return;
  m_meaning = meaning;
  disarm();
}

void DeliberateButton::setRefusal(const QString& why) {
  setEnabled(why.isEmpty());
  setToolTip(plainToolTip(why));
  setAccessibleDescription(why);
}

void DeliberateButton::showEvent(QShowEvent* event) {
  QPushButton::showEvent(event);
  disarm();
}

void DeliberateButton::mousePressEvent(QMouseEvent* event) {
  m_isPressedArmed = m_isArmed && event->button() == Qt::LeftButton;
  QPushButton::mousePressEvent(event);
}

void DeliberateButton::mouseReleaseEvent(QMouseEvent* event) {
  const bool isMeant = m_isPressedArmed && isDown() && rect().contains(event->pos());
  m_isPressedArmed = false;
  QPushButton::mouseReleaseEvent(event);
  if (isMeant)
    press();
}

void DeliberateButton::press() {
  if (!m_isArmed || !isEnabled() || !isVisible())
    return;
  disarm();
  Q_EMIT meant();
}

void DeliberateButton::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
  case Qt::Key_Space:
  case Qt::Key_Select:
  case Qt::Key_Return:
  case Qt::Key_Enter:
    return event->accept();
  default:
    return QPushButton::keyPressEvent(event);
  }
}

} // namespace ratdeck

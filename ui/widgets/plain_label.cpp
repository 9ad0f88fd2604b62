#include "ui/widgets/plain_label.h"

#include "ui/model/plain.h"
#include "ui/widgets/theme.h"

#include <QEvent>
#include <QFontDatabase>

namespace ratdeck {

namespace {

constexpr int longestWord = 40; // characters

// Where lines may be broken: within a long word, so that it widens no window, but not between a number and
// its unit.
QString withBreaks(const QString& text) {
  QString broken;
  int word = 0;
  for (qsizetype i = 0; i < text.size(); ++i) {
    const QChar c = text[i];
    const bool isUnitNext = c == QLatin1Char(' ') && i > 0 && text[i - 1].isDigit() && i + 1 < text.size() &&
                            text[i + 1].isLetter();
    word = c.isSpace() ? 0 : word + 1;
    if (word > longestWord && !c.isLowSurrogate()) {
      broken += QChar(0x200B); // ZERO WIDTH SPACE
      word = 1;
    }
    broken += isUnitNext ? QChar(QChar::Nbsp) : c;
  }
  return broken;
}

} // namespace

PlainLabel::PlainLabel(Fit fit, QWidget* parent) : QLabel(parent), m_fit(fit) {
  setTextFormat(Qt::PlainText);
  setWordWrap(fit == Fit::Wrap);
  setTextInteractionFlags(Qt::NoTextInteraction);
  if (fit == Fit::Elide)
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void PlainLabel::setPlain(const QString& text) {
  if (text == m_text)
    return;
  m_text = text;
  setAccessibleName(text);
  fit();
  updateGeometry();
}

void PlainLabel::setMuted(bool isMuted) {
  m_isMuted = isMuted;
  paletteChanged();
}

void PlainLabel::setBold(bool isBold) {
  auto changed = font();
  changed.setBold(isBold);
  setFont(changed);
}

void PlainLabel::setMonospace() {
  auto changed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  changed.setPointSizeF(font().pointSizeF());
  setFont(changed);
}

QSize PlainLabel::sizeHint() const {
  if (m_fit == Fit::Wrap)
    return QLabel::sizeHint();
  return {fontMetrics().horizontalAdvance(m_text) + 2, fontMetrics().height()};
}

QSize PlainLabel::minimumSizeHint() const {
  return m_fit == Fit::Wrap ? QLabel::minimumSizeHint() : QSize(0, fontMetrics().height());
}

void PlainLabel::fit() {
  if (m_fit == Fit::Wrap)
    return setText(withBreaks(m_text));
  const auto shown = fontMetrics().elidedText(m_text, Qt::ElideRight, width());
  setText(shown);
  setToolTip(shown == m_text ? QString() : plainToolTip(m_text));
}

void PlainLabel::resizeEvent(QResizeEvent* event) {
  QLabel::resizeEvent(event);
  fit();
}

void PlainLabel::changeEvent(QEvent* event) {
  QLabel::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
    fit();
}

void PlainLabel::paletteChanged() {
  setForegroundRole(m_isMuted ? QPalette::PlaceholderText : QPalette::WindowText);
}

} // namespace ratdeck

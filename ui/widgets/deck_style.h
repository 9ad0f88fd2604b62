// Fusion with frames, check marks and radio buttons that can be seen on dark ground too, where Fusion paints
// them darker than the window, and with air around the text of buttons. GUI thread.
#pragma once

#include <QProxyStyle>

namespace ratdeck {

class DeckStyle : public QProxyStyle {
  Q_OBJECT
public:
  DeckStyle();

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
  QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                         const QWidget* widget) const override;
};

} // namespace ratdeck

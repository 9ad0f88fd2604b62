// The one label of the window: plain text only, so that no text from outside is ever read as markup. GUI
// thread.
#pragma once

#include <QLabel>

namespace ratdeck {

class PlainLabel : public QLabel {
  Q_OBJECT
public:
  enum class Fit {
    Wrap,  // over several lines
    Elide, // on one line, cut with "…" and whole in the tooltip
  };
  explicit PlainLabel(Fit fit = Fit::Elide, QWidget* parent = nullptr);

  void setPlain(const QString& text);
  const QString& plain() const { return m_text; }
  // Said beside other things, in the muted colour.
  void setMuted(bool isMuted);
  void setBold(bool isBold);
  void setMonospace();

  QSize minimumSizeHint() const override;
  QSize sizeHint() const override;

protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

private:
  void fit();
  void paletteChanged();

  Fit m_fit;
  QString m_text;
  bool m_isMuted = false;
};

} // namespace ratdeck

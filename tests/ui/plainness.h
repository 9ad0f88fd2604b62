// Whether all of a window is read as it is written: no text as markup, no control or bidirectional character,
// in what widgets hold, tell and paint.
#pragma once

#include "core/base/plain_text.h"

#include <QAbstractItemView>
#include <QAction>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QMetaProperty>
#include <QPaintDevice>
#include <QPaintEngine>
#include <QTabBar>
#include <QTextDocument>
#include <QWidget>

#include <memory>

namespace ratdeck::test {

// Line ends are harmless: sentences of our own have some.
inline bool isPlain(QString text) {
  const auto bytes = text.remove(QLatin1Char('\n')).toStdString();
  return plainText(bytes) == bytes;
}

// Tooltips and the like are read as markup where they look like it: then it must be none but our own frame.
inline bool isPlainTip(const QString& tip) {
  auto inside = tip;
  const bool isOurs = inside.startsWith(QLatin1String("<qt>")) && inside.endsWith(QLatin1String("</qt>"));
  if (isOurs)
    inside = inside.mid(4, inside.size() - 9).remove(QLatin1String("<br>"));
  return isPlain(tip) && (isOurs ? !inside.contains(QLatin1Char('<')) : !Qt::mightBeRichText(tip));
}

// Of all texts that an object tells by its properties; "" where all is well.
inline QString complaintOfTexts(const QObject& object) {
  for (int i = 0; i < object.metaObject()->propertyCount(); ++i) {
    const auto property = object.metaObject()->property(i);
    const auto name = QLatin1String(property.name());
    if (property.typeId() != QMetaType::QString || name == QLatin1String("styleSheet"))
      continue;
    const auto text = property.read(&object).toString();
    const bool isTip = name == QLatin1String("toolTip") || name == QLatin1String("whatsThis");
    if (isTip ? !isPlainTip(text) : !isPlain(text))
      return name + QStringLiteral(" is not plain: ") + text.left(80).toHtmlEscaped();
  }
  return {};
}

inline QString complaintOf(const QAbstractItemModel& model, const QModelIndex& parent = {}) {
  for (int column = 0; column < model.columnCount(parent); ++column)
    if (!isPlain(model.headerData(column, Qt::Horizontal).toString()))
      return QStringLiteral("a header is not plain");
  for (int row = 0; row < model.rowCount(parent); ++row)
    for (int column = 0; column < model.columnCount(parent); ++column) {
      const auto index = model.index(row, column, parent);
      for (int role : {Qt::DisplayRole, Qt::EditRole, Qt::AccessibleTextRole, Qt::AccessibleDescriptionRole,
                       Qt::StatusTipRole})
        if (!isPlain(index.data(role).toString()))
          return QStringLiteral("an item is not plain");
      for (int role : {Qt::ToolTipRole, Qt::WhatsThisRole})
        if (!isPlainTip(index.data(role).toString()))
          return QStringLiteral("an item's tooltip is not plain");
      if (const auto below = column == 0 ? complaintOf(model, index) : QString(); !below.isEmpty())
        return below;
    }
  return {};
}

inline QString complaintOfContent(const QWidget& widget) {
  if (const auto* label = qobject_cast<const QLabel*>(&widget);
      label && label->textFormat() != Qt::PlainText) {
    const bool isTip = label->windowType() == Qt::ToolTip; // Qt's own, which reads markup
    return isTip && isPlainTip(label->text()) ? QString() : QStringLiteral("the label reads markup");
  }
  if (const auto* box = qobject_cast<const QComboBox*>(&widget))
    return complaintOf(*box->model());
  if (const auto* bar = qobject_cast<const QTabBar*>(&widget))
    for (int i = 0; i < bar->count(); ++i)
      if (!isPlain(bar->tabText(i)) || !isPlainTip(bar->tabToolTip(i)))
        return QStringLiteral("a tab is not plain");
  const auto* view = qobject_cast<const QAbstractItemView*>(&widget);
  return view && view->model() && !qobject_cast<const QHeaderView*>(view) ? complaintOf(*view->model())
                                                                          : QString();
}

// Of the widget, all in it and its actions; names the one that is wrong.
inline QString complaintOf(const QWidget& window) {
  auto objects = window.findChildren<QObject*>();
  objects.prepend(const_cast<QWidget*>(&window));
  for (const auto* object : objects) {
    const auto* widget = qobject_cast<const QWidget*>(object);
    if (!widget && !qobject_cast<const QAction*>(object))
      continue;
    auto complaint = complaintOfTexts(*object);
    if (complaint.isEmpty() && widget)
      complaint = complaintOfContent(*widget);
    if (!complaint.isEmpty())
      return QLatin1String(object->metaObject()->className()) + QLatin1Char(' ') + object->objectName() +
             QStringLiteral(": ") + complaint;
  }
  return {};
}

// A device that keeps the texts painted on it, word by word as they come.
class PaintedText : public QPaintDevice {
public:
  explicit PaintedText(QSize size) : m_size(size) {}

  QStringList texts;

  QPaintEngine* paintEngine() const override {
    if (!m_engine)
      m_engine = std::make_unique<Engine>(const_cast<PaintedText&>(*this));
    return m_engine.get();
  }

protected:
  int metric(PaintDeviceMetric metric) const override {
    switch (metric) {
    case PdmWidth:
      return m_size.width();
    case PdmHeight:
      return m_size.height();
    case PdmDevicePixelRatio:
      return 1;
    case PdmDevicePixelRatioScaled:
      return static_cast<int>(devicePixelRatioFScale());
    case PdmDepth:
      return 32;
    case PdmNumColors:
      return 0;
    default:
      return 96;
    }
  }

private:
  class Engine : public QPaintEngine {
  public:
    explicit Engine(PaintedText& device) : QPaintEngine(AllFeatures), m_device(device) {}
    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    void updateState(const QPaintEngineState&) override {}
    void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override {}
    void drawPath(const QPainterPath&) override {}
    void drawPolygon(const QPointF*, int, PolygonDrawMode) override {}
    void drawTextItem(const QPointF&, const QTextItem& item) override { m_device.texts << item.text(); }
    Type type() const override { return User; }

  private:
    PaintedText& m_device;
  };

  QSize m_size;
  mutable std::unique_ptr<QPaintEngine> m_engine;
};

inline QStringList paintedTexts(QWidget& window) {
  PaintedText device(window.size());
  window.render(&device);
  return device.texts;
}

} // namespace ratdeck::test

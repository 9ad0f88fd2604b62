#include "ui/pages/service_choice.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLineEdit>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolTip>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

constexpr int longestImage = 1000;
constexpr int fewestRows = 5; // in sight

QString placeholderOf(const QModelIndex& index) {
  return index.data(ServiceChoiceModel::PlaceholderRole).toString();
}

// Shows what an image is now where none is set, in the cell and in its editor.
class ImageDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem&,
                        const QModelIndex& index) const override {
    auto* edit = new QLineEdit(parent);
    edit->setFrame(false);
    edit->setMaxLength(longestImage);
    edit->setPlaceholderText(placeholderOf(index));
    edit->setAccessibleName(ServiceChoice::tr("Image to set for %1")
                                .arg(index.siblingAtColumn(ServiceChoiceModel::Service).data().toString()));
    return edit;
  }

  bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                 const QModelIndex& index) override {
    if (event->type() != QEvent::ToolTip)
      return QStyledItemDelegate::helpEvent(event, view, option, index);
    auto text = index.data().toString();
    if (text.isEmpty())
      text = placeholderOf(index);
    QToolTip::showText(event->globalPos(), plainToolTip(text), view);
    return true;
  }

protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    option->textElideMode = Qt::ElideMiddle;
    if (!option->text.isEmpty())
      return;
    option->text = placeholderOf(index);
    option->features |= QStyleOptionViewItem::HasDisplay;
    option->palette.setColor(QPalette::Text, themeOf(option->palette).muted);
  }
};

} // namespace

ServiceChoice::ServiceChoice(QWidget* parent) : QWidget(parent), m_model(nullptr) {
  build();
  connect(&m_model, &ServiceChoiceModel::choiceChanged, this, [this] {
    m_ones->setChecked(m_model.namesOnes());
    Q_EMIT changed();
  });
  connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) {
    if (index.flags() & Qt::ItemIsEditable)
      m_table->edit(index);
  });
  connect(m_ones, &QCheckBox::toggled, &m_model, &ServiceChoiceModel::setNamesOnes);
}

void ServiceChoice::build() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(halfStep);
  m_title = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_title->setBold(true);
  m_hint = new PlainLabel(PlainLabel::Fit::Wrap, this);
  m_hint->setPlain(tr("Type an image, :TAG or @DIGEST to set it for this plan."));
  m_hint->setMuted(true);
  m_ones = new QCheckBox(tr("Only some services: check them below"), this);
  m_table = new QTableView(this);
  m_table->setObjectName(QStringLiteral("serviceTable"));
  m_table->setAccessibleName(tr("Services and the images to set"));
  m_table->setModel(&m_model);
  m_table->setItemDelegateForColumn(ServiceChoiceModel::Image, new ImageDelegate(m_table));
  m_table->setTabKeyNavigation(false);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
  m_table->setShowGrid(false);
  m_table->setWordWrap(false);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + step);
  m_table->horizontalHeader()->setHighlightSections(false);
  m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  m_table->horizontalHeader()->setSectionResizeMode(ServiceChoiceModel::Service, QHeaderView::Interactive);
  m_table->horizontalHeader()->setStretchLastSection(true);
  m_table->setColumnWidth(ServiceChoiceModel::Service, 20 * step);
  m_table->setMinimumHeight((fewestRows + 1) * (fontMetrics().height() + step) + 2 * halfStep);
  column->addWidget(m_title);
  column->addWidget(m_hint);
  column->addWidget(m_ones);
  column->addWidget(m_table, 1);
  setSetsImages(true);
}

void ServiceChoice::setSetsImages(bool setsImages) {
  m_title->setPlain(setsImages ? tr("Services and images") : tr("Services"));
  m_hint->setVisible(setsImages);
  m_table->setColumnHidden(ServiceChoiceModel::Image, !setsImages);
  m_model.setSetsImages(setsImages);
}

void ServiceChoice::setStack(const StackSpec& stack, const StackChoice& choice) {
  m_model.setStack(stack, choice);
}

} // namespace ratdeck

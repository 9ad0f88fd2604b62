#include "ui/pages/page_notice.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

// In bytes, so that all three fit a page of the smallest size.
constexpr size_t longestMessage = 800, longestPlace = 300, longestNext = 600;

PlainLabel* addText(QVBoxLayout& column, QWidget* parent, const char* name) {
  auto* label = new PlainLabel(PlainLabel::Fit::Wrap, parent);
  label->setObjectName(QLatin1String(name));
  label->setContentsMargins(label->fontMetrics().ascent() + step, 0, 0, 0);
  column.addWidget(label);
  return label;
}

void setOrHide(PlainLabel& label, const QString& text) {
  label.setPlain(text);
  label.setVisible(!text.isEmpty());
}

} // namespace

PageNotice::PageNotice(QWidget* parent) : QFrame(parent) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Midlight);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(step, step, step, step);
  column->setSpacing(halfStep);
  m_line = new StatusLabel(1.0, this);
  m_line->setObjectName(QStringLiteral("noticeLine"));
  m_cancel = new QPushButton(tr("Cancel"), this);
  m_cancel->setObjectName(QStringLiteral("cancelButton"));
  m_cancel->setToolTip(plainToolTip(tr("End this (Esc): no service is changed")));
  m_cancel->setAutoDefault(false);
  auto* row = new QHBoxLayout;
  row->setSpacing(step);
  row->addWidget(m_line, 1);
  row->addWidget(m_cancel);
  column->addLayout(row);
  connect(m_cancel, &QPushButton::clicked, this, &PageNotice::cancelWanted);
  offerCancel(false);
  m_message = addText(*column, this, "noticeMessage");
  m_place = addText(*column, this, "noticePlace");
  m_place->setMonospace();
  m_next = addText(*column, this, "noticeNext");
  clear();
}

void PageNotice::offerCancel(bool isOffered) {
  m_cancel->setVisible(isOffered);
}

void PageNotice::clear() {
  hide();
}

void PageNotice::say(const StatusLine& line) {
  m_line->setLine(line);
  for (auto* label : {m_message, m_place, m_next})
    setOrHide(*label, {});
  show();
}

void PageNotice::showFailure(const QString& title, const Error& error) {
  m_line->setLine({Mood::Failed, title, {}});
  setOrHide(*m_message, plain(error.message, longestMessage));
  setOrHide(*m_place, plain(error.where.toString(), longestPlace));
  setOrHide(*m_next, error.next.empty() ? QString() : tr("Next: %1").arg(plain(error.next, longestNext)));
  show();
}

} // namespace ratdeck

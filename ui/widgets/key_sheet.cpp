#include "ui/widgets/key_sheet.h"

#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QGridLayout>

namespace ratdeck {

KeySheet::KeySheet(const ActionRegistry& registry, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Keys"));
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(3 * step, 2 * step, 3 * step, 2 * step);
  grid->setHorizontalSpacing(4 * step);
  grid->setVerticalSpacing(halfStep);
  int row = 0;
  const auto add = [&](const QString& key, const QString& text) {
    auto* left = new PlainLabel(PlainLabel::Fit::Wrap, this);
    left->setWordWrap(false);
    left->setMonospace();
    left->setPlain(key);
    auto* right = new PlainLabel(PlainLabel::Fit::Wrap, this);
    right->setWordWrap(false);
    right->setPlain(text);
    grid->addWidget(left, row, 0);
    grid->addWidget(right, row++, 1);
  };
  for (const auto& entry : registry.entries())
    if (!entry.action->shortcut().isEmpty())
      add(entry.action->shortcut().toString(QKeySequence::NativeText),
          entry.menu + QStringLiteral(": ") + entry.action->text());
  add(tr("Tab"), tr("From one part of the window to the next"));
  add(tr("Arrows, Enter"), tr("Along the graph or a table, and choose"));
  add(tr("Esc"), tr("Close this"));
}

} // namespace ratdeck

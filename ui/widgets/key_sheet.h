// The list of keys, read from the one list of actions. GUI thread.
#pragma once

#include "ui/widgets/action_registry.h"

#include <QDialog>

namespace ratdeck {

class KeySheet : public QDialog {
  Q_OBJECT
public:
  KeySheet(const ActionRegistry& registry, QWidget* parent);
};

} // namespace ratdeck

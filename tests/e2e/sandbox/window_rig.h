// A sandbox as the window finds it that is started by somebody with the rig's variables.
#pragma once

#include "app/ratdeck/options.h"
#include "tests/e2e/desk_window.h"
#include "tests/e2e/sandbox/sandbox_rig.h"

namespace ratdeck {

class WindowRig : public SandboxRig {
public:
  Environment environmentOf(const QString& version) const {
    return environmentOfWindow(environment(version), program());
  }
  // The rig's stack, with this Compose file laid over it.
  WindowOptions optionsWith(const QByteArray& overlay) const {
    WindowOptions options;
    options.isTargetNamed = true;
    for (const auto& file : files())
      options.choice.files.push_back(file.toStdString());
    options.choice.files.push_back(writeFile(QStringLiteral("overlay.yml"), overlay));
    return options;
  }
};

} // namespace ratdeck

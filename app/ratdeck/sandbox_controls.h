// The embedded sandbox as the window steers it: up, load, faults. Waits for answers in an event loop of the
// calling thread, which made this object; what the load counts comes by itself.
#pragma once

#include "app/stack/local_sandbox.h"
#include "ui/model/console_facts.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <string>

namespace ratdeck {

class SandboxControls : public QObject {
  Q_OBJECT
public:
  SandboxControls(const Environment& environment, const StackChoice& choice);
  ~SandboxControls() override;

  // As LocalSandbox::up; one that is up keeps its files where the choice names none.
  Result<bool> up();
  // Once a second while a load runs, whoever has started it: loadSeen.
  void watchLoad();
  // `rate` requests a second. Errors: LocalSandbox::startLoad's.
  Status startLoad(double rate);
  Result<LoadFacts> stopLoad();

Q_SIGNALS:
  void loadSeen(const ratdeck::LoadFacts& load);

private:
  void readLoad();

  std::string m_folder;
  bool m_hasFiles; // the choice names files
  LocalSandbox m_sandbox;
  QTimer m_loadTimer;
  bool m_isReading = false;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck

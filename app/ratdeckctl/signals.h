// SIGINT, SIGTERM and SIGHUP as Qt signals in the main thread. One object at a time; handlers are put back
// when it goes, and children started with exec begin with the defaults.
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace ratdeck {

class Signals : public QObject {
  Q_OBJECT
public:
  explicit Signals(QObject* parent = nullptr);
  ~Signals() override;

Q_SIGNALS:
  void interrupted(); // Ctrl-C or SIGTERM
  void hungUp();      // the terminal is gone

private:
  std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace ratdeck

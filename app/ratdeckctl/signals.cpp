#include "app/ratdeckctl/signals.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace ratdeck {

namespace {

int pipeEnds[2] = {-1, -1}; // a signal handler can reach nothing else

extern "C" void writeSignal(int number) {
  int kept = errno;
  auto byte = static_cast<char>(number);
  [[maybe_unused]] auto written = ::write(pipeEnds[1], &byte, 1);
  errno = kept;
}

} // namespace

Signals::Signals(QObject* parent) : QObject(parent) {
  if (::pipe2(pipeEnds, O_CLOEXEC | O_NONBLOCK) != 0)
    qFatal("no pipe for signals");
  m_notifier = std::make_unique<QSocketNotifier>(pipeEnds[0], QSocketNotifier::Read);
  connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
    char number = 0;
    while (::read(pipeEnds[0], &number, 1) == 1)
      if (number == SIGHUP)
        Q_EMIT hungUp();
      else
        Q_EMIT interrupted();
  });
  struct sigaction action {};
  action.sa_handler = writeSignal;
  action.sa_flags = SA_RESTART;
  for (int number : {SIGINT, SIGTERM, SIGHUP})
    ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Signals::~Signals() {
  for (int number : {SIGINT, SIGTERM, SIGHUP})
    ::signal(number, SIG_DFL);
  m_notifier.reset();
  ::close(pipeEnds[0]);
  ::close(pipeEnds[1]);
}

} // namespace ratdeck

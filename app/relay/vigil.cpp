#include "app/relay/vigil.h"

#include <csignal>
#include <ctime>
#include <sys/stat.h>

namespace ratdeck::relay {

// The signals are held back and taken from there: process 1 is never given one that it would ignore.
void keepVigil(Duration patience) {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int number : {SIGUSR1, SIGTERM, SIGINT})
    sigaddset(&awaited, number);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const auto whole = std::chrono::floor<std::chrono::seconds>(patience);
  const timespec most{static_cast<time_t>(whole.count()), static_cast<long>((patience - whole).count())};
  while (sigtimedwait(&awaited, nullptr, &most) == SIGUSR1) {
  }
}

void giveSignOfLife() {
  struct stat first {
  }, self{};
  if (::stat("/proc/1/exe", &first) == 0 && ::stat("/proc/self/exe", &self) == 0 &&
      first.st_dev == self.st_dev && first.st_ino == self.st_ino)
    ::kill(1, SIGUSR1);
}

} // namespace ratdeck::relay

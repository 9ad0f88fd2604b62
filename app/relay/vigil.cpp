#include "app/relay/vigil.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <sys/stat.h>

namespace ratdeck::relay {

namespace {

constexpr std::chrono::seconds farewell{2}; // what the one who left had asked last may still come …
constexpr std::chrono::seconds others{5};   // … and looks as if another had come, who would ask again soon

} // namespace

// The signals are held back and taken from there: process 1 is never given one that it would ignore.
void keepVigil(std::chrono::seconds patience) {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int number : {SIGUSR1, SIGHUP, SIGTERM, SIGINT})
    sigaddset(&awaited, number);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  auto wait = patience, most = patience;
  for (;;) {
    const timespec time{static_cast<time_t>(wait.count()), 0};
    const int number = sigtimedwait(&awaited, nullptr, &time);
    if (number != SIGUSR1 && number != SIGHUP)
      return;
    if (number == SIGHUP)
      most = std::min(patience, others);
    wait = number == SIGHUP ? std::min(patience, farewell) : most;
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

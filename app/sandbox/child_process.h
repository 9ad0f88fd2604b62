// One child process of ours: its output, its end, and the promise that it dies with us. Reaped by its own
// pidfd, so that nobody's children are taken.
//
// Spawn only from the thread that lives as long as the program: the parent-death signal follows the thread.
#pragma once

#include "core/base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

struct ChildExit {
  int code = 0;   // 128 + signal where a signal ended it; -1: unknown (SIGCHLD is ignored in this process)
  int signal = 0; // 0: it exited
};

struct ChildOptions {
  std::vector<std::string> argv; // argv[0] is a path
  std::vector<std::string> environment;
  int controlFd = -1;     // becomes the child's descriptor 3
  bool ownsGroup = false; // it leads a process group: a signal reaches all in it, and none outlives it
  std::function<void(std::string_view)> onOutput; // what it prints, as it comes
  std::function<void(std::string_view)> onErrors; // its stderr; empty: onOutput gets that too
  std::function<void(ChildExit)> onExit;          // once, after the last of its output
};

class ChildProcess {
public:
  static Result<std::unique_ptr<ChildProcess>> spawn(boost::asio::io_context& io, ChildOptions options);
  // Forgets the callbacks; a child that still lives is killed, and reaped by the loop. Never waits.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const;
  void signal(int number);
  // What each wake-up of its pidfd does; harmless while it lives. Calls onExit if it has ended.
  void lookForEnd();

private:
  class Core;
  explicit ChildProcess(std::shared_ptr<Core> core);
  std::shared_ptr<Core> m_core;
};

// "SIGTERM" or "TERM" or "15"; 0 for anything else.
int signalNumber(const std::string& name);
std::string signalName(int number);

} // namespace ratdeck::sandbox

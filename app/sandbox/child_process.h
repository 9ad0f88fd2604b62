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
  int code = 0;   // 128 + signal where a signal ended it
  int signal = 0; // 0: it exited
};

struct ChildOptions {
  std::vector<std::string> argv; // argv[0] is a path
  std::vector<std::string> environment;
  int controlFd = -1;                             // becomes the child's descriptor 3
  std::function<void(std::string_view)> onOutput; // stdout and stderr as they come
  std::function<void(ChildExit)> onExit;          // once, after the last of its output
};

class ChildProcess {
public:
  static Result<std::unique_ptr<ChildProcess>> spawn(boost::asio::io_context& io, ChildOptions options);
  // Forgets the callbacks; a child that still lives is killed and reaped.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const;
  void signal(int number);

private:
  class Core;
  explicit ChildProcess(std::shared_ptr<Core> core);
  std::shared_ptr<Core> m_core;
};

// "SIGTERM" or "TERM" or "15"; 0 for anything else.
int signalNumber(const std::string& name);
std::string signalName(int number);

} // namespace ratdeck::sandbox

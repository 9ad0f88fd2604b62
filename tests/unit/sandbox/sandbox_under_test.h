// A real supervisor in a folder of its own, and the questions a test asks it. Blocking; for tests with
// processes.
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace ratdeck {

struct Answer {
  int status = 0; // 0: nobody answered
  std::string body;
  std::string head;
  Json json() const {
    auto parsed = parseJson(body);
    return parsed ? *parsed : Json();
  }
};

// One request over TCP, its connection closed by the server.
Answer askTcp(const std::string& address, int port, const std::string& method, const std::string& target,
              const std::string& body = {});

// The same in two halves: sent at once, answered when asked for.
class PendingRequest {
public:
  PendingRequest(const std::string& address, int port, const std::string& target);
  Answer finish();

private:
  int m_fd;
};

// Runs a program to its end; answers the exit code and stdout.
struct RunResult {
  int exitCode = -1;
  std::string output;
};
RunResult runProgram(const std::vector<std::string>& argv);
std::string sandboxProgram();

class SandboxUnderTest {
public:
  explicit SandboxUnderTest(std::string subnet, int startMs = 50);
  ~SandboxUnderTest(); // shuts it down, or ends what is left

  bool start();
  const std::string& folder() const { return m_folder; }
  const std::string& subnet() const { return m_subnet; }
  int pid() const { return m_pid; }
  void killSupervisor();

  Answer ask(const std::string& method, const std::string& target, const Json& body = Json::object());
  // Starts an instance of the service under the id; the address is SUBNET.HOST.
  Answer put(const std::string& id, const std::string& service, const std::string& host,
             const Json& more = {});
  std::string address(const std::string& host) const { return m_subnet + "." + host; }
  Json instance(const std::string& id) { return ask("GET", "/v1/instances/" + id).json(); }
  bool isReady(const std::string& id) { return boolAt(instance(id), "ready"); }
  Json stop(const std::string& id, int graceMs = 5000);
  int exec(const std::string& id, const std::vector<std::string>& argv, std::string* output = nullptr);

private:
  std::string m_folder;
  std::string m_subnet;
  int m_startMs;
  int m_pid = 0;
};

} // namespace ratdeck

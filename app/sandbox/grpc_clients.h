// What ratd asks ratq and the runner, each over one long-lived channel. No retries: what is lost is seen.
// Answers come on the io_context's thread.
#pragma once

#include "app/sandbox/endpoint.h"
#include "core/base/clock.h"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

struct CallOutcome {
  bool ok = false;
  bool notFound = false;
  std::string detail;  // of a failure: "UNAVAILABLE: …"
  std::string text;    // a run's id, a run's status, or the answer's rows
  std::string version; // who answered, where the call tells
  std::string instance;
};

using CallDone = std::function<void(CallOutcome)>;

class QueryClient {
public:
  QueryClient(boost::asio::io_context& io, const Endpoint& ratq);
  ~QueryClient();
  void executeQuery(const std::string& sql, Duration timeout, CallDone done);
  void listTables(Duration timeout, CallDone done);

private:
  struct Core;
  std::unique_ptr<Core> m_core;
};

class RunnerClient {
public:
  RunnerClient(boost::asio::io_context& io, const Endpoint& runner);
  ~RunnerClient();
  void submit(const std::string& pipeline, Duration length, Duration timeout, CallDone done);
  void status(const std::string& run, Duration timeout, CallDone done);
  void preview(const std::string& pipeline, Duration timeout, CallDone done);
  void listPlugins(Duration timeout, CallDone done);

private:
  struct Core;
  std::unique_ptr<Core> m_core;
};

} // namespace ratdeck::sandbox

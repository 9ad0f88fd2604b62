// How ratd follows the runs it has submitted: it asks the runner for each live one every second; three "no
// such run" in a row and the run is failed. What it follows is in memory, so a restarted ratd forgets, and
// the runs stay "running" in the store.
#pragma once

#include "app/sandbox/grpc_clients.h"
#include "app/sandbox/http_pool.h"

#include <boost/asio/steady_timer.hpp>

#include <map>

namespace ratdeck::sandbox {

class RunTracker {
public:
  // Both must outlive the tracker.
  RunTracker(boost::asio::io_context& io, HttpPool& store, RunnerClient& runner);

  // `done` gets the run as JSON: running, or failed with its error. "" if the store did not take it.
  void submit(const std::string& pipeline, Duration length, std::function<void(std::string)> done);

private:
  struct Tracked {
    std::string runnerId;
    int notFound = 0;
  };
  void started(const std::string& id, const CallOutcome& outcome,
               const std::function<void(std::string)>& done);
  void change(const std::string& id, const std::string& body, std::function<void(std::string)> done);
  void poll();
  void heard(const std::string& id, const CallOutcome& outcome);

  HttpPool& m_store;
  RunnerClient& m_runner;
  boost::asio::steady_timer m_timer;
  std::map<std::string, Tracked> m_live;
};

} // namespace ratdeck::sandbox

// Traffic on an open loop: arrivals by the clock, whether or not answers come, each request sent once and
// never again. Half of every class by keep-alive clients and half by clients that close; streams of 3 to 6 s
// beside them all the time; at the end the ledger is read. What could not be sent in time counts as failed.
//
// All on the io_context's one thread.
#pragma once

#include "app/sandbox/load_options.h"
#include "app/sandbox/load_report.h"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

class LoadGenerator {
public:
  // `clock` says what is due, and outlives this object.
  LoadGenerator(boost::asio::io_context& io, LoadOptions options, const Clock& clock);
  ~LoadGenerator();

  void start();
  // No new arrivals; what is under way ends, the ledger is read, `done` gets the whole report. Once.
  void stop(std::function<void(Json)> done);
  // The summary so far, without samples.
  Json live() const;

private:
  class Core;
  std::shared_ptr<Core> m_core;
};

} // namespace ratdeck::sandbox

// Reads the number of active work where a stack's own drain says that it stands: a command's output, a field
// of a JSON answer, a query of a Prometheus server. It knows nothing of drains; missing data is an error and
// never zero.
#pragma once

#include "core/remote/http/http_sender.h"
#include "core/runtime/measure.h"

#include <functional>
#include <memory>
#include <string_view>

namespace ratdeck {

class TargetCounter final : public WorkCounter {
public:
  // `runtime` runs commands, `meter` asks Prometheus servers. `http`: asked at each count for who sends, null
  // = from here. All outlive this object.
  TargetCounter(Runtime& runtime, Meter& meter, std::function<HttpSender*()> http = {});
  ~TargetCounter() override; // cancels what is under way

  // Each within 5 s. Errors: Input (a count that names no command, port or query, a query that the server
  // cannot read), Refused (a command that fails, a status other than 2xx), Internal (an answer that is no
  // number from 0, a query that finds no series), Unreachable, Timeout.
  // Nothing of a command's output stands in an error: it may hold secrets.
  void count(const WorkCount& spec, const InstanceId& id, const std::string& address,
             Callback<long long> done) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

// The number that a command printed, or that a body without a field is: one number from 0 and nothing else; a
// fraction counts as the next whole one. Pure. Errors: Internal.
Result<long long> countOf(std::string_view text);
// The number at `field` ("jobs.active", "queues.0.length") of a JSON body; as countOf where field is "".
Result<long long> countIn(std::string_view body, const std::string& field);

} // namespace ratdeck

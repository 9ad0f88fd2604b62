// Measures at one target: asks a Prometheus server, the router, the copies' own metrics or their logs.
#pragma once

#include "core/remote/http/http_sender.h"
#include "core/runtime/measure/prometheus_meter.h"

#include <functional>
#include <memory>

namespace ratdeck {

struct MeterParts {
  Runtime& runtime;
  Router* router = nullptr; // null: nothing is routed
  const Clock& clock;
  SecretSource secrets; // may be empty: no variable is set
  // Answers with who reaches the copies; empty, or an answer of null: this machine does.
  std::function<void(Callback<HttpSender*>)> reach;
};

class TargetMeter final : public Meter {
public:
  // What the parts name outlives this object.
  explicit TargetMeter(MeterParts parts);
  ~TargetMeter() override; // cancels what is under way

  // As the port has it. What was read for a spec and a window is kept until 200 others have been asked.
  void measure(const MeasurementSpec& spec, Duration window, Callback<Measurement> done) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck

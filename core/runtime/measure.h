// The port through which numbers about requests are read, whatever their source.
#pragma once

#include "core/runtime/runtime.h"
#include "core/spec/measurement_spec.h"

#include <optional>
#include <string>

namespace ratdeck {

// What a source said for a window that ends now. No value is not zero: the source answered, and has nothing
// to say (no request, no such series, not a number, the first look); `note` says why.
struct Measurement {
  std::optional<double> value; // ErrorRatio: 0 to 1; Latency: seconds. Always finite
  long long samples = -1;      // requests it rests on; -1 = not known
  std::string note;            // for people: why there is no value, or what is to be known of this one
  Duration covered = 0s;       // how much of the window it rests on; 0 = not known
};

// Engine thread only; answers as the ports of runtime.h do. Sources that count from the start of a copy
// (Router, Scrape, RequestLog) are read at each call and compared with what was read at earlier ones, so the
// first call of a spec has no value, and a window is covered once calls go back that far: ask about once a
// second.
class Meter {
public:
  virtual ~Meter() = default;
  // Errors: Unreachable, Timeout (nobody answered), Refused (not authorised), Input (the spec, or a query the
  // server cannot read), NotFound (no copy runs), Internal (an answer that makes no sense).
  virtual void measure(const MeasurementSpec& spec, Duration window, Callback<Measurement> done) = 0;
};

} // namespace ratdeck

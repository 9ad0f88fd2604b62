// Names metrics: NAME, or NAME{label="PATTERN",…}. A pattern stands for the whole value of its label, each
// `.` in it for any one character, so that {code="5.."} are the server's errors.
#pragma once

#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace ratdeck {

struct MetricSelector {
  std::string name;
  std::map<std::string, std::string> patterns; // by label

  // A label that is absent has an empty value.
  bool fits(const std::string& metric, const std::map<std::string, std::string>& labels) const;
  bool operator==(const MetricSelector&) const = default;
};

// Errors (Input, no location): anything else, with the column in the message.
Result<MetricSelector> parseMetricSelector(std::string_view text);

} // namespace ratdeck

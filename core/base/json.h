// JSON from outside, read with a cap on its depth (dumping depth 10^5 crashes the library), and the small
// accessors that never throw on a value of another type.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace ratdeck {

using Json = nlohmann::json;

inline constexpr int maxJsonDepth = 64;

// Errors (kind Input): not JSON, deeper than maxJsonDepth, invalid UTF-8.
Result<Json> parseJson(std::string_view text);

// One line, object keys sorted, invalid UTF-8 replaced: the canonical form that hashes are made of.
std::string dumpJson(const Json& value);

// The member `key` if `value` is an object that has it with a fitting type, else the fallback.
std::string textAt(const Json& value, const char* key, const std::string& fallback = {});
long long integerAt(const Json& value, const char* key, long long fallback = 0);
double numberAt(const Json& value, const char* key, double fallback = 0);
bool boolAt(const Json& value, const char* key, bool fallback = false);
// An array, object or whatever stands there; null if absent.
const Json& memberAt(const Json& value, const char* key);

} // namespace ratdeck

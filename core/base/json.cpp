#include "core/base/json.h"

#include <climits>

namespace ratdeck {

Result<Json> parseJson(std::string_view text) {
  bool tooDeep = false;
  auto value = Json::parse(
      text,
      [&](int depth, Json::parse_event_t, Json&) {
        tooDeep = tooDeep || depth > maxJsonDepth;
        return !tooDeep;
      },
      false);
  if (tooDeep)
    return failure(ErrorKind::Input,
                   "JSON is nested deeper than " + std::to_string(maxJsonDepth) + " levels");
  if (value.is_discarded())
    return failure(ErrorKind::Input, "not valid JSON");
  return value;
}

std::string dumpJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& memberAt(const Json& value, const char* key) {
  static const Json none;
  if (!value.is_object())
    return none;
  auto it = value.find(key);
  return it == value.end() ? none : *it;
}

std::string textAt(const Json& value, const char* key, const std::string& fallback) {
  const auto& member = memberAt(value, key);
  return member.is_string() ? member.get<std::string>() : fallback;
}

long long integerAt(const Json& value, const char* key, long long fallback) {
  const auto& member = memberAt(value, key);
  if (!member.is_number_integer() ||
      (member.is_number_unsigned() && member.get<unsigned long long>() > LLONG_MAX))
    return fallback;
  return member.get<long long>();
}

double numberAt(const Json& value, const char* key, double fallback) {
  const auto& member = memberAt(value, key);
  return member.is_number() ? member.get<double>() : fallback;
}

bool boolAt(const Json& value, const char* key, bool fallback) {
  const auto& member = memberAt(value, key);
  return member.is_boolean() ? member.get<bool>() : fallback;
}

} // namespace ratdeck

#include "core/remote/docker/docker_answer.h"

#include "core/base/plain_text.h"

#include <climits>
#include <cstdlib>

namespace ratdeck {

namespace {

constexpr std::size_t longestWords = 500;

ErrorKind kindOf(int status) {
  switch (status) {
  case 400:
    return ErrorKind::Input;
  case 401:
  case 403:
    return ErrorKind::Refused;
  case 404:
    return ErrorKind::NotFound;
  case 409:
    return ErrorKind::Conflict;
  default:
    return ErrorKind::Internal;
  }
}

} // namespace

std::string dockerWords(std::string_view text) {
  std::string words = plainText(text.substr(0, longestWords));
  while (!words.empty() && (words.back() == ' ' || words.back() == '.'))
    words.pop_back();
  return words;
}

Error dockerError(int status, std::string_view body) {
  const auto json = parseJson(body);
  std::string words = dockerWords(json && json->is_object() ? textAt(*json, "message") : std::string(body));
  if (words.empty())
    words = "no reason given";
  return {kindOf(status), "Docker says (" + std::to_string(status) + "): " + words, {}, {}};
}

Result<Json> readDockerJson(std::string_view body, const std::string& what) {
  auto json = parseJson(body);
  if (!json)
    return failure(ErrorKind::Internal,
                   "Docker's answer, " + what + ", cannot be read: " + json.error().message);
  return json;
}

// The engine's own clock is written with its zone ("+02:00"), all else in UTC.
std::optional<WallTime> dockerTimeAt(const Json& value, const char* key) {
  constexpr std::size_t zoneSize = 6;
  auto text = textAt(value, key);
  Duration zone = Duration::zero();
  const auto sign = text.size() > zoneSize ? text.size() - zoneSize : 0;
  if (sign > 0 && (text[sign] == '+' || text[sign] == '-') && text[sign + 3] == ':') {
    const std::chrono::minutes east(60 * std::atoi(text.substr(sign + 1, 2).c_str()) +
                                    std::atoi(text.substr(sign + 4).c_str()));
    zone = text[sign] == '+' ? east : -east;
    text.replace(sign, zoneSize, "Z");
  }
  const auto time = fromRfc3339(text);
  return time == WallTime{} ? std::nullopt : std::optional(time - zone);
}

int dockerIntAt(const Json& value, const char* key) {
  const auto number = integerAt(value, key);
  return number < INT_MIN || number > INT_MAX ? 0 : static_cast<int>(number);
}

std::vector<std::string> dockerTextsAt(const Json& value, const char* key) {
  std::vector<std::string> texts;
  for (const Json& entry : dockerListAt(value, key))
    if (entry.is_string())
      texts.push_back(entry.get<std::string>());
  return texts;
}

std::map<std::string, std::string> dockerLabelsAt(const Json& value, const char* key) {
  std::map<std::string, std::string> labels;
  for (const auto& [name, text] : dockerObjectAt(value, key).items())
    if (text.is_string())
      labels.emplace(name, text.get<std::string>());
  return labels;
}

const Json& dockerListAt(const Json& value, const char* key) {
  static const Json none = Json::array();
  const Json& member = memberAt(value, key);
  return member.is_array() ? member : none;
}

const Json& dockerObjectAt(const Json& value, const char* key) {
  static const Json none = Json::object();
  const Json& member = memberAt(value, key);
  return member.is_object() ? member : none;
}

} // namespace ratdeck

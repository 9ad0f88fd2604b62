#include "core/runtime/docker/key_reader.h"

#include "core/base/duration.h"

#include <charconv>
#include <cmath>

namespace ratdeck {

namespace {

// What a YAML file may say in quotes too.
template <class T>
std::optional<T> parsed(const std::string& text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool isWhole = error == std::errc() && stop == text.data() + text.size();
  return isWhole ? std::optional(value) : std::nullopt;
}

bool isThere(const Json& value) {
  return !value.is_null() && !(value.is_string() && value.get_ref<const std::string&>().empty());
}

} // namespace

void TranslationReport::fail(const std::string& path, const std::string& why, const std::string& next,
                             ErrorKind kind) {
  if (m_error)
    return;
  auto known = path; // the nearest key whose place is known
  while (!known.empty() && !m_service.locations.contains(known))
    known.resize(known.find_last_of(".[") == std::string::npos ? 0 : known.find_last_of(".["));
  m_error = Error{kind, "service \"" + m_service.name + "\": " + path + " " + why, next,
                  m_service.locationOf(known)};
}

void TranslationReport::addUnheeded(const std::string& path, const std::string& why) {
  m_unheeded.push_back(path + " " + why);
}

KeyReader::KeyReader(const Json& map, std::string path, TranslationReport& report)
    : m_map(&map), m_path(std::move(path)), m_report(&report) {}

bool KeyReader::has(const std::string& key) const {
  return isThere(memberAt(*m_map, key.c_str()));
}

const Json& KeyReader::take(const std::string& key) {
  m_taken.insert(key);
  return memberAt(*m_map, key.c_str());
}

std::string KeyReader::text(const std::string& key) {
  const auto& value = take(key);
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_number())
    return value.dump();
  if (!value.is_null())
    fail(key, "must be a text", "write it in quotes");
  return {};
}

std::optional<bool> KeyReader::flag(const std::string& key) {
  const auto& value = take(key);
  if (!isThere(value))
    return {};
  if (value.is_boolean())
    return value.get<bool>();
  if (value == "true" || value == "false")
    return value == "true";
  fail(key, "must be true or false", "write true or false");
  return {};
}

std::optional<long long> KeyReader::number(const std::string& key) {
  const auto& value = take(key);
  if (!isThere(value))
    return {};
  if (value.is_number_integer())
    return value.get<long long>();
  if (value.is_number_float() && std::abs(value.get<double>()) < 9e18 &&
      value.get<double>() == std::floor(value.get<double>()))
    return static_cast<long long>(value.get<double>());
  if (value.is_string())
    if (const auto number = parsed<long long>(value.get_ref<const std::string&>()))
      return number;
  fail(key, "must be a whole number", "write a number such as 3");
  return {};
}

std::optional<double> KeyReader::real(const std::string& key) {
  const auto& value = take(key);
  if (!isThere(value))
    return {};
  if (value.is_number())
    return value.get<double>();
  if (value.is_string())
    if (const auto number = parsed<double>(value.get_ref<const std::string&>()))
      return number;
  fail(key, "must be a number", "write a number such as 0.5");
  return {};
}

std::optional<Duration> KeyReader::duration(const std::string& key) {
  const auto& value = take(key);
  if (!isThere(value))
    return {};
  if (value.is_string())
    if (const auto duration = parseDuration(value.get_ref<const std::string&>()))
      return *duration;
  fail(key, "must be a duration", "write it like 30s");
  return {};
}

std::vector<std::string> KeyReader::texts(const std::string& key) {
  const auto& value = take(key);
  std::vector<std::string> texts;
  if (value.is_string())
    return {value.get<std::string>()};
  if (!value.is_array() && !value.is_null())
    fail(key, "must be a list of texts", "write it like [a, b]");
  if (!value.is_array())
    return texts;
  for (const auto& item : value)
    if (item.is_string())
      texts.push_back(item.get<std::string>());
    else if (item.is_number())
      texts.push_back(item.dump());
    else
      fail(key, "has an item that is no text", "write it in quotes");
  return texts;
}

Json KeyReader::labels(const std::string& key) {
  const auto& value = take(key);
  if (!value.is_object() && !value.is_null())
    fail(key, "must be a mapping", "write it like name: value");
  Json labels;
  if (value.is_object())
    for (const auto& [name, text] : value.items())
      labels[name] = text.is_string() ? text : text.is_null() ? Json("") : Json(text.dump());
  return labels;
}

KeyReader KeyReader::map(const std::string& key) {
  const auto& value = take(key);
  if (!value.is_object() && !value.is_null())
    fail(key, "must be a mapping", "write it like name: value");
  return {value, pathOf(key), *m_report};
}

std::vector<KeyReader> KeyReader::list(const std::string& key) {
  const auto& value = take(key);
  if (!value.is_array() && !value.is_null())
    fail(key, "must be a list", "write it like [a, b]");
  std::vector<KeyReader> readers;
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      readers.emplace_back(value[i], pathOf(key) + "[" + std::to_string(i) + "]", *m_report);
  return readers;
}

std::vector<std::string> KeyReader::keys() const {
  std::vector<std::string> keys;
  if (m_map->is_object())
    for (const auto& [key, value] : m_map->items())
      keys.push_back(key);
  return keys;
}

void KeyReader::leave(std::initializer_list<const char*> keys) {
  m_taken.insert(keys.begin(), keys.end());
}

void KeyReader::unheeded(const char* key, const std::string& why) {
  const auto& value = take(key);
  if (isThere(value) && !(value.is_structured() && value.empty()))
    m_report->addUnheeded(pathOf(key), why);
}

void KeyReader::refuse(const char* key, const std::string& why, const std::string& next) {
  const auto& value = take(key);
  if (isThere(value) && value != false && !(value.is_structured() && value.empty()))
    fail(key, why, next);
}

void KeyReader::fail(const std::string& key, const std::string& why, const std::string& next,
                     ErrorKind kind) {
  m_report->fail(pathOf(key), why, next, kind);
}

void KeyReader::end() {
  if (!m_map->is_object() && !m_map->is_null())
    return m_report->fail(m_path, "must be a mapping", "write it like name: value");
  for (const auto& key : keys())
    if (!m_taken.contains(key) && !key.starts_with("x-"))
      fail(key, "is not known to the Docker runtime", "remove it, or begin the key with x-");
}

std::string KeyReader::pathOf(const std::string& key) const {
  return m_path.empty() ? key : key.empty() ? m_path : m_path + "." + key;
}

} // namespace ratdeck

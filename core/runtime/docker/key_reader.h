// The keys of one mapping of a service, taken one by one. What nobody took by end() is an error: so no key is
// ever dropped in silence.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/spec/service_spec.h"

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

// What a translation found: the first error, and the keys without effect.
class TranslationReport {
public:
  explicit TranslationReport(const ServiceSpec& service) : m_service(service) {}
  // `path`: "healthcheck.test". The first one counts.
  void fail(const std::string& path, const std::string& why, const std::string& next,
            ErrorKind kind = ErrorKind::Input);
  void addUnheeded(const std::string& path, const std::string& why);

  const std::optional<Error>& error() const { return m_error; }
  const std::vector<std::string>& unheeded() const { return m_unheeded; }

private:
  const ServiceSpec& m_service;
  std::optional<Error> m_error;
  std::vector<std::string> m_unheeded;
};

class KeyReader {
public:
  // `map` and `report` outlive the reader and those it gives. What is no mapping has no keys.
  KeyReader(const Json& map, std::string path, TranslationReport& report);

  bool has(const std::string& key) const; // takes nothing
  const Json& take(const std::string& key);
  // Absent: nothing. A value of another kind is an error; numbers and flags may stand as text.
  std::string text(const std::string& key);
  std::optional<bool> flag(const std::string& key);
  std::optional<long long> number(const std::string& key);
  std::optional<double> real(const std::string& key);
  std::optional<Duration> duration(const std::string& key);
  std::vector<std::string> texts(const std::string& key);
  Json labels(const std::string& key); // an object of strings; null where it is empty
  KeyReader map(const std::string& key);
  std::vector<KeyReader> list(const std::string& key); // of mappings
  std::vector<std::string> keys() const;

  // Keys that somebody else carries out.
  void leave(std::initializer_list<const char*> keys);
  // If it is there: it has no effect here, and why.
  void unheeded(const char* key, const std::string& why);
  // If it is there: it cannot be done, and what to do instead.
  void refuse(const char* key, const std::string& why, const std::string& next);
  void fail(const std::string& key, const std::string& why, const std::string& next,
            ErrorKind kind = ErrorKind::Input);
  void end();

  const std::string& path() const { return m_path; }

private:
  std::string pathOf(const std::string& key) const;

  const Json* m_map;
  std::string m_path;
  TranslationReport* m_report;
  std::set<std::string> m_taken;
};

} // namespace ratdeck

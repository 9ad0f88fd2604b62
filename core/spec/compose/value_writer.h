// Single values of a service -> JSON, each by the type that the reference gives it.
#pragma once

#include "core/base/json.h"
#include "core/spec/compose/report.h"

#include <string>

namespace ratdeck::compose {

// NAME=value lists and maps -> a map of texts; a name without a value is null or "".
Json mapping(const Node& node, bool keepsNull);
// A text or a list -> a list of texts.
Json texts(const Node& node);

// `key` is the path of the value below the service, for messages. What a value cannot be is reported with its
// place; the result is then not to be used.
class ValueWriter {
public:
  // `path` of the service: services.NAME.
  ValueWriter(std::string path, Report& report) : m_path(std::move(path)), m_report(report) {}

  Json duration(const Node& node, const std::string& key);
  Json size(const Node& node, const std::string& key);
  Json count(const Node& node, const std::string& key);
  Json boolean(const Node& node, const std::string& key);
  Json command(const Node& node, const std::string& key);
  Json environment(const Node& node, const std::string&);
  Json labels(const Node& node, const std::string&);
  // host=ip, sorted; host:ip is the older form.
  Json extraHosts(const Node& node, const std::string& key);
  Json textList(const Node& node, const std::string&);
  Json test(const Node& node, const std::string&);
  // A duration that the reference leaves out when it is zero.
  Json optionalDuration(const Node& node, const std::string& key);
  Json cpus(const Node& node, const std::string& key);
  Json deviceCount(const Node& node, const std::string& key);
  // Octal, as people write it.
  Json fileMode(const Node& node, const std::string& key);
  Json wholeNumber(const Node& node, const std::string& key);
  Json text(const Node& node, const std::string&);
  Json portNumber(const Node& node, const std::string& key);

private:
  void fail(const Node& node, const std::string& key, const std::string& message, const std::string& next);

  std::string m_path;
  Report& m_report;
};

} // namespace ratdeck::compose

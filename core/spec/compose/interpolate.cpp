#include "core/spec/compose/interpolate.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ratdeck::compose {

namespace {

enum class Cast { Integer, Float, Boolean };

struct CastRule {
  Pattern where;
  Cast cast;
};

const std::vector<CastRule>& castRules() {
  static const std::vector<CastRule> rules{
      {"services.*.cpu_count", Cast::Integer},
      {"services.*.cpu_percent", Cast::Float},
      {"services.*.cpu_period", Cast::Integer},
      {"services.*.cpu_quota", Cast::Integer},
      {"services.*.cpu_rt_period", Cast::Integer},
      {"services.*.cpu_rt_runtime", Cast::Integer},
      {"services.*.cpus", Cast::Float},
      {"services.*.cpu_shares", Cast::Integer},
      {"services.*.init", Cast::Boolean},
      {"services.*.depends_on.*.required", Cast::Boolean},
      {"services.*.depends_on.*.restart", Cast::Boolean},
      {"services.*.deploy.replicas", Cast::Integer},
      {"services.*.deploy.update_config.parallelism", Cast::Integer},
      {"services.*.deploy.update_config.max_failure_ratio", Cast::Float},
      {"services.*.deploy.rollback_config.parallelism", Cast::Integer},
      {"services.*.deploy.rollback_config.max_failure_ratio", Cast::Float},
      {"services.*.deploy.restart_policy.max_attempts", Cast::Integer},
      {"services.*.deploy.placement.max_replicas_per_node", Cast::Integer},
      {"services.*.healthcheck.retries", Cast::Integer},
      {"services.*.healthcheck.disable", Cast::Boolean},
      {"services.*.oom_kill_disable", Cast::Boolean},
      {"services.*.oom_score_adj", Cast::Integer},
      {"services.*.pids_limit", Cast::Integer},
      {"services.*.ports.[].target", Cast::Integer},
      {"services.*.privileged", Cast::Boolean},
      {"services.*.read_only", Cast::Boolean},
      {"services.*.scale", Cast::Integer},
      {"services.*.stdin_open", Cast::Boolean},
      {"services.*.tty", Cast::Boolean},
      {"services.*.ulimits.*", Cast::Integer},
      {"services.*.ulimits.*.hard", Cast::Integer},
      {"services.*.ulimits.*.soft", Cast::Integer},
      {"services.*.volumes.[].read_only", Cast::Boolean},
      {"services.*.volumes.[].volume.nocopy", Cast::Boolean},
      {"networks.*.external", Cast::Boolean},
      {"networks.*.internal", Cast::Boolean},
      {"networks.*.attachable", Cast::Boolean},
      {"networks.*.enable_ipv4", Cast::Boolean},
      {"networks.*.enable_ipv6", Cast::Boolean},
      {"volumes.*.external", Cast::Boolean},
      {"secrets.*.external", Cast::Boolean},
      {"configs.*.external", Cast::Boolean},
  };
  return rules;
}

std::optional<std::int64_t> parseInteger(std::string_view text) {
  if (!text.empty() && text.front() == '+')
    text.remove_prefix(1);
  std::int64_t value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || text.empty())
    return {};
  return value;
}

std::optional<double> parseFloat(std::string_view text) {
  if (!text.empty() && text.front() == '+')
    text.remove_prefix(1);
  double value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || text.empty())
    return {};
  return value;
}

class Interpolation {
public:
  Interpolation(const Lookup& lookup, Report& report) : m_lookup(lookup), m_report(report) {}

  void walk(Node& node) {
    if (m_report.hasFailed())
      return;
    for (auto& entry : node.entries) {
      Step step(m_path, entry.key);
      walk(entry.value);
    }
    for (auto& item : node.items) {
      Step step(m_path, "[]");
      walk(item);
    }
    if (node.isText())
      replace(node);
  }

private:
  void replace(Node& node) {
    if (node.text.find('$') != std::string::npos)
      node.text = substitute(node.text, m_lookup, node.place, m_path.toString(), m_report);
    if (m_report.hasFailed())
      return;
    if (m_path.size() < 3 || m_path[0].rfind("x-", 0) == 0)
      return;
    for (const auto& rule : castRules())
      if (m_path.matches(rule.where)) {
        cast(node, rule.cast);
        return;
      }
  }

  void cast(Node& node, Cast to) {
    auto place = node.place;
    auto refuse = [&](const char* what, const char* next) {
      m_report.fail(place, m_path.toString() + ": \"" + node.text.substr(0, 60) + "\" is not " + what, next);
    };
    if (to == Cast::Integer) {
      if (auto value = parseInteger(node.text))
        node = Node::ofInteger(*value, place);
      else
        refuse("a whole number", "write a number such as 3");
    } else if (to == Cast::Float) {
      if (auto value = parseFloat(node.text))
        node = Node::ofFloat(*value, place);
      else
        refuse("a number", "write a number such as 0.5");
    } else {
      if (auto value = parseBool(node.text))
        node = Node::ofBool(*value, place);
      else
        refuse("true or false", "write true or false");
    }
  }

  const Lookup& m_lookup;
  Report& m_report;
  TreePath m_path;
};

} // namespace

std::optional<bool> parseBool(const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  if (lower == "true" || lower == "y" || lower == "yes" || lower == "on")
    return true;
  if (lower == "false" || lower == "n" || lower == "no" || lower == "off")
    return false;
  return {};
}

void interpolate(Node& root, const Lookup& lookup, Report& report) {
  Interpolation(lookup, report).walk(root);
}

} // namespace ratdeck::compose

#include "core/spec/compose/measurement_reader.h"

#include "core/spec/metric_selector.h"

#include <algorithm>
#include <array>

namespace ratdeck::compose {

namespace {

constexpr std::size_t longestQuery = 8 << 10; // bytes

// The name of a variable, where somebody may have written the secret itself: it is not repeated.
std::string variableName(PolicyReader& in, const Node& node, const std::string& key) {
  const std::string name = in.text(node, key);
  const bool isName = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (isName)
    return name;
  in.fail(node, key, "this is not the name of an environment variable",
          "name the variable that holds the secret, as PROMETHEUS_TOKEN");
  return {};
}

// Reads the keys of one source; `m_name` is where it stands.
class SourceReader {
public:
  SourceReader(PolicyReader& in, std::string name, MeasurementSpec& spec)
      : m_in(in), m_name(std::move(name)), m_spec(spec) {}

  void router(const Node& node) { m_spec.service = m_in.text(node, m_name); }

  void prometheus(const Node& node) {
    PrometheusSource& source = m_spec.prometheus;
    auto fields = loginFields(m_in, m_name, source.login);
    fields.push_back({"url", [&](const Node& n) {
                        source.url = m_in.serverUrl(n, at("url"), loginInsteadOfUser);
                      }});
    fields.push_back({"query", query("query", source.query)});
    fields.push_back({"requests", query("requests", source.requests)});
    fields.push_back({"timeout", timeout()});
    m_in.map(node, m_name, fields);
    m_in.needs(node, "url", m_name);
    m_in.needs(node, "query", m_name);
    checkLogin(m_in, node, m_name, source.login);
  }

  void scrape(const Node& node) {
    ScrapeSource& source = m_spec.scrape;
    m_in.map(node, m_name,
             {{"service", text("service", m_spec.service)},
              {"port",
               [&](const Node& n) {
                 source.port = m_in.port(n, at("port"));
               }},
              {"path",
               [&](const Node& n) {
                 source.path = path(n);
               }},
              {"errors", selector("errors", source.errors)},
              {"requests", selector("requests", source.requests)},
              {"histogram", selector("histogram", source.histogram)},
              {"quantile", quantile()},
              {"timeout", timeout()}});
    m_in.needs(node, "port", m_name);
    if (m_spec.quantity == MeasuredQuantity::Latency)
      return m_in.needs(node, "histogram", m_name);
    m_in.needs(node, "errors", m_name);
    m_in.needs(node, "requests", m_name);
  }

  void requestLog(const Node& node) {
    RequestLogSource& source = m_spec.log;
    m_in.map(node, m_name,
             {{"service", text("service", m_spec.service)},
              {"status", text("status", source.status)},
              {"duration", text("duration", source.duration)},
              {"unit",
               [&](const Node& n) {
                 source.unit = m_in.word<LogTimeUnit>(n, at("unit"),
                                                      {{"ns", LogTimeUnit::Nanoseconds},
                                                       {"us", LogTimeUnit::Microseconds},
                                                       {"ms", LogTimeUnit::Milliseconds},
                                                       {"s", LogTimeUnit::Seconds}});
               }},
              {"path", text("path", source.path)},
              {"ignore",
               [&](const Node& n) {
                 source.ignored = m_in.textList(n, at("ignore"));
               }},
              {"quantile", quantile()},
              {"timeout", timeout()}});
  }

private:
  using Read = std::function<void(const Node&)>;

  std::string at(const char* key) const { return m_name + "." + key; }

  Read text(const char* key, std::string& value) {
    return [this, key, &value](const Node& n) {
      value = m_in.text(n, at(key));
    };
  }
  Read timeout() {
    return [this](const Node& n) {
      m_spec.timeout = m_in.duration(n, at("timeout"));
      if (m_spec.timeout <= 0s)
        m_in.fail(n, at("timeout"), "a question needs some time", "write it like 5s");
    };
  }
  Read quantile() {
    return [this](const Node& n) {
      m_spec.quantile = m_in.number(n, at("quantile"), 0, 1);
      if (m_spec.quantile <= 0 || m_spec.quantile >= 1)
        m_in.fail(n, at("quantile"), "a quantile lies between 0 and 1", "write it like 0.99");
    };
  }
  Read query(const char* key, std::string& value) {
    return [this, key, &value](const Node& n) {
      value = m_in.text(n, at(key));
      if (value.size() > longestQuery)
        m_in.fail(n, at(key), "longer than " + std::to_string(longestQuery) + " bytes",
                  "use a recording rule");
    };
  }
  Read selector(const char* key, std::string& value) {
    return [this, key, &value](const Node& n) {
      value = m_in.text(n, at(key));
      if (const auto parsed = parseMetricSelector(value); !parsed)
        m_in.fail(n, at(key), parsed.error().message, parsed.error().next);
    };
  }
  std::string path(const Node& n) {
    const std::string text = m_in.text(n, at("path"));
    if (!text.starts_with('/') || text.find_first_of("# ") != std::string::npos)
      m_in.fail(n, at("path"), "a path begins with / and has no blanks", "write it like /metrics");
    return text;
  }

  PolicyReader& m_in;
  std::string m_name;
  MeasurementSpec& m_spec;
};

} // namespace

std::vector<Field> loginFields(PolicyReader& in, const std::string& name, PrometheusLogin& login) {
  return {{"token_env",
           [&in, key = name + ".token_env", &login](const Node& n) {
             login.tokenEnv = variableName(in, n, key);
           }},
          {"user",
           [&in, key = name + ".user", &login](const Node& n) {
             login.user = in.text(n, key);
           }},
          {"password_env", [&in, key = name + ".password_env", &login](const Node& n) {
             login.passwordEnv = variableName(in, n, key);
           }}};
}

void checkLogin(PolicyReader& in, const Node& node, const std::string& name, const PrometheusLogin& login) {
  if (login.user.empty() != login.passwordEnv.empty())
    in.fail(node, name, "user and password_env belong together", "give both, or neither");
  if (!login.user.empty() && !login.tokenEnv.empty())
    in.fail(node, name, "a token and a user at once", "keep one of them");
}

std::vector<Field> measurementFields(MeasurementKeys& found) {
  const auto keep = [](const Node*& place) {
    return [&place](const Node& n) {
      place = &n;
    };
  };
  return {{"router", keep(found.router)},
          {"prometheus", keep(found.prometheus)},
          {"scrape", keep(found.scrape)},
          {"request_log", keep(found.requestLog)}};
}

MeasurementSpec measurementOf(PolicyReader& in, const Node& node, const std::string& name,
                              const MeasurementKeys& found, MeasuredQuantity quantity) {
  MeasurementSpec spec;
  spec.quantity = quantity;
  const auto under = [&](const char* key) {
    return SourceReader(in, name.empty() ? key : name + "." + key, spec);
  };
  const auto isNamed = [](const Node* one) {
    return one != nullptr;
  };
  const std::array all = {found.router, found.prometheus, found.scrape, found.requestLog};
  if (std::count_if(all.begin(), all.end(), isNamed) > 1)
    in.fail(node, name, "two sources of one measurement",
            "keep one of router, prometheus, scrape and request_log");
  if (found.router)
    under("router").router(*found.router);
  if (found.prometheus) {
    spec.source = MeasurementSource::Prometheus;
    under("prometheus").prometheus(*found.prometheus);
  }
  if (found.scrape) {
    spec.source = MeasurementSource::Scrape;
    under("scrape").scrape(*found.scrape);
  }
  if (found.requestLog) {
    spec.source = MeasurementSource::RequestLog;
    under("request_log").requestLog(*found.requestLog);
  }
  return spec;
}

} // namespace ratdeck::compose

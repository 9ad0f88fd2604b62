#include "core/spec/compose/policy_values.h"

#include "core/base/wording.h"
#include "core/spec/compose/interpolate.h"

#include <algorithm>
#include <charconv>

namespace ratdeck::compose {

void PolicyReader::map(const Node& node, const std::string& name, const std::vector<Field>& fields) {
  if (!node.isMap()) {
    wrong(node, name, "a mapping");
    return;
  }
  for (const auto& entry : node.entries) {
    auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return entry.key == f.key; });
    if (field != fields.end()) {
      field->read(entry.value);
      continue;
    }
    std::vector<std::string> known;
    for (const auto& f : fields)
      known.emplace_back(f.key);
    m_report.fail(entry.place, full(name) + " has no key \"" + entry.key.substr(0, 60) + "\"",
                  didYouMean(entry.key, known, "known keys: " + listed(known)));
  }
}

void PolicyReader::each(const Node& node, const std::string& name,
                        const std::function<void(const Node&)>& read) {
  if (!node.isList()) {
    wrong(node, name, "a list");
    return;
  }
  for (const auto& item : node.items)
    read(item);
}

std::string PolicyReader::text(const Node& node, const std::string& name) {
  if (node.isText() && !node.text.empty())
    return node.text;
  wrong(node, name, "a text");
  return {};
}

std::string PolicyReader::serverUrl(const Node& node, const std::string& name, const std::string& instead) {
  const std::string url = text(node, name);
  const auto host = url.find("://") + 3;
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    fail(node, name, "this is no http:// or https:// address", "write it like http://prometheus:9090");
  else if (url.substr(host, url.find('/', host) - host).find('@') != std::string::npos)
    fail(node, name, "a user or password in an address would be shown", instead);
  else if (url.find_first_of("?# ") != std::string::npos || url.size() == host)
    fail(node, name, "an address of a server has a host, and neither query nor blanks",
         "write it like http://prometheus:9090");
  return url;
}

std::vector<std::string> PolicyReader::textList(const Node& node, const std::string& name) {
  std::vector<std::string> texts;
  each(node, name, [&](const Node& n) { texts.push_back(text(n, name)); });
  return texts;
}

bool PolicyReader::boolean(const Node& node, const std::string& name) {
  if (node.kind == NodeKind::Boolean)
    return node.integer != 0;
  if (node.isText())
    if (auto value = parseBool(node.text))
      return *value;
  wrong(node, name, "true or false");
  return false;
}

double PolicyReader::number(const Node& node, const std::string& name, double least, double most) {
  double value = node.kind == NodeKind::Integer ? static_cast<double>(node.integer) : node.number;
  bool isNumber = node.kind == NodeKind::Integer || node.kind == NodeKind::Float;
  if (node.isText()) {
    auto end = node.text.data() + node.text.size();
    auto [stop, error] = std::from_chars(node.text.data(), end, value);
    isNumber = error == std::errc() && stop == end;
  }
  if (isNumber && value >= least && value <= most)
    return value;
  wrong(node, name,
        "a number from " + scalarText(Node::ofFloat(least)) + " to " +
            std::to_string(static_cast<long long>(most)));
  return least;
}

int PolicyReader::integer(const Node& node, const std::string& name, int least, int most) {
  auto value = number(node, name, least, most);
  if (!isWhole(value))
    wrong(node, name, "a whole number");
  return static_cast<int>(value);
}

std::uint16_t PolicyReader::port(const Node& node, const std::string& name) {
  return static_cast<std::uint16_t>(integer(node, name, 1, 65535));
}

Duration PolicyReader::duration(const Node& node, const std::string& name) {
  if (!node.isText()) {
    wrong(node, name, "a duration such as 30s");
    return {};
  }
  auto value = parseDuration(node.text);
  if (!value)
    m_report.fail(node.place, full(name) + ": " + value.error().message, value.error().next);
  else if (value->count() < 0)
    m_report.fail(node.place, full(name) + ": a duration cannot be negative: " + node.text,
                  "write it like 30s");
  else
    return *value;
  return {};
}

void PolicyReader::wrong(const Node& node, const std::string& name, const std::string& expected) {
  m_report.fail(node.place, full(name) + " must be " + expected + ", not a " + kindName(node.kind),
                "see the reference of x-ratdeck");
}
void PolicyReader::fail(const Node& node, const std::string& name, const std::string& message,
                        const std::string& next) {
  m_report.fail(node.place, full(name) + ": " + message, next);
}

ProbeSpec PolicyReader::http(const Node& node, const std::string& name) {
  ProbeSpec probe;
  probe.kind = ProbeKind::Http;
  map(node, name,
      {{"port",
        [&](const Node& n) {
          probe.port = port(n, name + ".port");
        }},
       {"path",
        [&](const Node& n) {
          probe.path = text(n, name + ".path");
        }},
       {"status",
        [&](const Node& n) {
          probe.expectedStatus = integer(n, name + ".status", 100, 599);
        }},
       {"timeout", [&](const Node& n) {
          probe.timeout = duration(n, name + ".timeout");
        }}});
  needs(node, "port", name);
  probe.name = "GET " + probe.path;
  return probe;
}

ProbeSpec PolicyReader::tcp(const Node& node, const std::string& name) {
  ProbeSpec probe;
  probe.kind = ProbeKind::Tcp;
  map(node, name,
      {{"port",
        [&](const Node& n) {
          probe.port = port(n, name + ".port");
        }},
       {"timeout", [&](const Node& n) {
          probe.timeout = duration(n, name + ".timeout");
        }}});
  needs(node, "port", name);
  probe.name = "TCP " + std::to_string(probe.port);
  return probe;
}

ProbeSpec PolicyReader::grpc(const Node& node, const std::string& name) {
  ProbeSpec probe;
  probe.kind = ProbeKind::GrpcHealth;
  map(node, name,
      {{"port",
        [&](const Node& n) {
          probe.port = port(n, name + ".port");
        }},
       {"service",
        [&](const Node& n) {
          probe.grpcService = n.isText() ? n.text : text(n, name + ".service");
        }},
       {"timeout", [&](const Node& n) {
          probe.timeout = duration(n, name + ".timeout");
        }}});
  needs(node, "port", name);
  probe.name = "gRPC health" + (probe.grpcService.empty() ? "" : " " + probe.grpcService);
  return probe;
}

ProbeSpec PolicyReader::exec(const Node& node, const std::string& name) {
  ProbeSpec probe;
  probe.kind = ProbeKind::Exec;
  probe.command = textList(node, name);
  if (probe.command.empty())
    wrong(node, name, "a command as a list of texts");
  probe.name = "exec " + (probe.command.empty() ? "" : probe.command.front());
  return probe;
}

std::vector<Field> PolicyReader::probeFields(const std::string& name, std::optional<ProbeSpec>& probe) {
  return {{"http",
           [this, name, &probe](const Node& n) {
             probe = http(n, name + ".http");
           }},
          {"tcp",
           [this, name, &probe](const Node& n) {
             probe = tcp(n, name + ".tcp");
           }},
          {"grpc",
           [this, name, &probe](const Node& n) {
             probe = grpc(n, name + ".grpc");
           }},
          {"exec", [this, name, &probe](const Node& n) {
             probe = exec(n, name + ".exec");
           }}};
}

ProbeSpec PolicyReader::probe(const Node& node, const std::string& name) {
  std::optional<ProbeSpec> found;
  map(node, name, probeFields(name, found));
  if (!found || node.entries.size() != 1)
    wrong(node, name, "a mapping with one of http, tcp, grpc, exec");
  return found.value_or(ProbeSpec{});
}

void PolicyReader::needs(const Node& node, const char* key, const std::string& name) {
  if (node.isMap() && !node.find(key))
    m_report.fail(node.place, full(name) + " is missing \"" + key + "\"", "add " + std::string(key) + ":");
}

} // namespace ratdeck::compose

#include "core/runtime/probe/probe_judgement.h"

#include "core/base/json.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr std::size_t longestEvidence = 200;

bool hasPort(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size())
    return false;
  const bool isBareV6 = address.find(':') != colon && address.front() != '[';
  return !isBareV6 && std::all_of(address.begin() + long(colon) + 1, address.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::string evidence(const std::string& text) {
  std::size_t end = std::min(text.size(), longestEvidence);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  std::string line;
  for (const char c : text.substr(0, end)) {
    const bool isBlank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!isBlank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return end < text.size() ? line + "…" : line;
}

std::string endpointOf(std::uint16_t port, const std::string& address) {
  return hasPort(address) ? address : address + ':' + std::to_string(port);
}
std::string endpointOf(const ProbeSpec& spec, const std::string& address) {
  return endpointOf(spec.port, address);
}

Status checkProbe(const ProbeSpec& spec, const std::string& address) {
  if (spec.kind == ProbeKind::Exec)
    return spec.command.empty() ? Status(failure(ErrorKind::Input, "probe " + spec.name + " has no command"))
                                : Status(Done{});
  if (address.empty() || (spec.port == 0 && !hasPort(address)))
    return failure(ErrorKind::Input, "probe " + spec.name + " has no address to ask");
  return Done{};
}

ProbeResult unanswered(const Error& error) {
  return {false, error.message, 0s};
}

ProbeResult judgeHttp(const ProbeSpec& spec, const HttpResponse& response) {
  ProbeResult result;
  result.took = response.took;
  result.passed = spec.expectedStatus != 0 ? response.status == spec.expectedStatus
                                           : response.status >= 200 && response.status < 400;
  result.detail = std::to_string(response.status);
  if (const auto json = parseJson(response.body))
    if (const std::string status = textAt(*json, "status"); !status.empty())
      result.detail += ' ' + evidence(status);
  if (!result.passed && !response.body.empty())
    result.detail += ' ' + evidence(response.body);
  if (!result.passed && spec.expectedStatus != 0)
    result.detail += " (expected " + std::to_string(spec.expectedStatus) + ')';
  return result;
}

// What answers UNIMPLEMENTED is reachable and has no health service: not unhealthy.
ProbeResult judgeHealth(GrpcHealth health, Duration took) {
  return {health == GrpcHealth::Serving || health == GrpcHealth::Unimplemented, toString(health), took};
}

} // namespace ratdeck

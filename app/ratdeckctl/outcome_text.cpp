#include "app/ratdeckctl/outcome_text.h"

#include "app/ratdeckctl/table.h"
#include "app/ratdeckctl/try_text.h"
#include "core/base/plain_text.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace ratdeck {

namespace {

std::string fixed(double value, int digits) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string stage(const Json& service, const char* key) {
  auto value = numberAt(service, key, -1);
  return value < 0 ? "-" : fixed(value, 1) + " s";
}

std::string headline(const Json& outcome) {
  size_t updated = 0, total = memberAt(outcome, "services").size();
  for (const auto& service : memberAt(outcome, "services"))
    updated += textAt(service, "result") == "updated";
  auto result = textAt(outcome, "result");
  auto reason = textAt(outcome, "reason");
  return result + " in " + fixed(numberAt(outcome, "duration_s"), 1) + " s: " + std::to_string(updated) +
         " of " + std::to_string(total) + " services updated" +
         (reason.empty() || result == "succeeded" ? "" : "; " + reason);
}

const char* verdictOf(long long failed, const std::string& unknown) {
  return failed > 0 ? "USERS HURT: " : unknown.empty() ? "USERS OK: " : "USERS: NO DATA, ";
}

// "" where no writes were counted.
std::string writesLine(const Json& posts) {
  if (!posts.is_object())
    return {};
  auto text = "writes    " + std::to_string(integerAt(posts, "acknowledged")) + " acknowledged";
  if (!memberAt(posts, "lost").is_number() || !memberAt(posts, "doubled").is_number())
    return text + "; NO DATA on what became of them\n";
  auto lost = integerAt(posts, "lost"), doubled = integerAt(posts, "doubled");
  if (lost == 0 && doubled == 0)
    return text + ", each stored exactly once\n";
  return text + "; " + std::to_string(lost) + " lost, " + std::to_string(doubled) + " stored twice\n";
}

// Who they are, and until when the platform may go on calling them running.
std::string lostLines(const Json& outcome) {
  const auto& lost = memberAt(outcome, "runs_lost");
  std::string text = "runs      " + std::to_string(lost.size()) + " ended before their time:";
  for (const auto& run : lost)
    text += " " + (run.is_string() ? plainText(run.get<std::string>()) : std::string("?"));
  if (const auto by = textAt(outcome, "runs_reaped_by"); by.size() > 16)
    text += "\n          ratd marks them failed within " +
            fixed(std::ceil(numberAt(outcome, "runs_reaped_within_s") / 60), 0) + " min, by about " +
            by.substr(11, 5) + " UTC";
  return text + "\n";
}

std::string trafficLines(const Json& traffic) {
  auto requests = integerAt(traffic, "requests");
  auto failed = integerAt(traffic, "failed");
  auto unknown = textAt(traffic, "no_data");
  std::string text = verdictOf(failed, unknown);
  if (!memberAt(traffic, "requests").is_number())
    return text + unknown + "\n";
  text += std::to_string(failed) + " of " + std::to_string(requests) + " requests failed; " +
          std::to_string(integerAt(traffic, "near_switch")) + " requests began within 1 s of a switch; " +
          std::to_string(integerAt(traffic, "router_retries")) + " retries at the router\n";
  if (!unknown.empty())
    text += "          not known: " + unknown + "\n";
  else if (failed == 0 && requests > 0)
    text += "          so at most " + fixed(numberAt(traffic, "bound_95") * 1e6, 0) +
            " in a million fail, at 95 % confidence (3/N)\n";
  return text + writesLine(memberAt(traffic, "posts")) + "latency   p50 " +
         fixed(numberAt(traffic, "p50_ms"), 1) + " ms, p99 " + fixed(numberAt(traffic, "p99_ms"), 1) +
         " ms, longest " + fixed(numberAt(traffic, "max_ms"), 1) + " ms; p99 before the rollout " +
         fixed(numberAt(traffic, "steady_p99_ms"), 1) + " ms\n";
}

// Whose failures they are: of each new version that failed requests.
std::string blameLines(const Json& services) {
  std::string text;
  for (const auto& service : services) {
    const auto& answered = memberAt(service, "new_version");
    if (const auto failed = integerAt(answered, "failed"); failed > 0)
      text += "failed    " + std::to_string(failed) + " of the " +
              std::to_string(integerAt(answered, "requests")) + " requests that " + textAt(service, "name") +
              " " + textAt(service, "wanted") + " answered, seen at the router\n";
  }
  return text;
}

// What was broken before the first change; one line for each service.
std::string brokenLines(const Json& outcome) {
  std::map<std::string, std::string> services;
  for (const auto& broken : memberAt(outcome, "broken_before")) {
    const auto now = textAt(broken, "now");
    services[textAt(broken, "service")] = now == "mended"  ? "mended"
                                          : now == "still" ? "as broken as before"
                                                           : "not touched";
  }
  std::string text;
  for (const auto& [service, now] : services)
    text += (text.empty() ? "before    broken already: " : "                          ") + service + ", " +
            now + "\n";
  return text;
}

} // namespace

std::string summaryOf(const Json& outcome) {
  if (boolAt(outcome, "try"))
    return trySummaryOf(outcome);
  Table table({"SERVICE", "FROM", "TO", "RESULT", "START", "GATE", "SWITCH", "DRAIN", "STOP"});
  for (const auto& service : memberAt(outcome, "services")) {
    auto to = textAt(service, "to");
    table.add({textAt(service, "name"), textAt(service, "from").empty() ? "-" : textAt(service, "from"),
               to.empty() ? "-" : to,
               textAt(service, "result") + (boolAt(service, "forced_kill") ? " (killed)" : ""),
               stage(service, "start_s"), stage(service, "gate_s"), stage(service, "switch_s"),
               stage(service, "drain_s"), stage(service, "stop_s")});
  }
  std::string text = "\n" + headline(outcome) + "\n\n" + table.toText("no service") + "\n";
  if (const auto& traffic = memberAt(outcome, "traffic"); traffic.is_object())
    text += trafficLines(traffic);
  text += blameLines(memberAt(outcome, "services"));
  text += brokenLines(outcome);
  if (auto reason = textAt(outcome, "window_override"); !reason.empty())
    text += "window    begun outside it: " + reason + "\n";
  if (auto mixed = numberAt(outcome, "mixed_version_s"); mixed > 0)
    text += "versions  mixed for " + fixed(mixed, 1) + " s\n";
  if (const auto& lost = memberAt(outcome, "runs_lost"); !lost.empty())
    text += lostLines(outcome);
  if (auto journal = textAt(outcome, "journal"); !journal.empty())
    text += "journal   " + journal + "\n";
  return text;
}

} // namespace ratdeck

#include "app/ratdeckctl/try_text.h"

#include "app/ratdeckctl/table.h"
#include "core/base/plain_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <vector>

namespace ratdeck {

namespace {

std::string secondsText(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", value);
  return text.data();
}

std::string stage(const Json& service, const char* key) {
  auto value = numberAt(service, key, -1);
  return value < 0 ? "-" : secondsText(value);
}

std::string textOf(const Json& value) {
  return plainText(value.is_string() ? value.get<std::string>() : std::string());
}

std::string countOf(size_t count) {
  return std::to_string(count) + (count == 1 ? " service" : " services");
}

// Those that took part: no version is wanted of the others.
std::vector<Json> triedOf(const Json& outcome) {
  std::vector<Json> services;
  for (const auto& service : memberAt(outcome, "services"))
    if (service.contains("wanted"))
      services.push_back(service);
  return services;
}

std::string headline(const Json& outcome, const std::vector<Json>& services) {
  if (services.empty())
    return "nothing was tried: nothing changes that could run beside what runs";
  auto passed = static_cast<size_t>(std::count_if(services.begin(), services.end(), [](const Json& service) {
    return textAt(service, "result") == "tried";
  }));
  auto gates = passed == services.size()
                   ? "tried " + countOf(passed) + ": all gates passed"
                   : std::to_string(passed) + " of " + countOf(services.size()) + " passed their gates";
  auto reason = plainText(textAt(outcome, "reason"));
  return "try " + textAt(outcome, "result") + " in " + secondsText(numberAt(outcome, "duration_s")) + ": " +
         gates + "; nothing was routed, " +
         (memberAt(outcome, "left_over").empty() ? "nothing is left" : "but something is left") +
         (reason.empty() ? "" : "\n" + reason);
}

std::string evidenceText(const Json& service) {
  constexpr size_t mostLines = 10;
  std::string text;
  for (const auto& evidence : memberAt(service, "evidence")) {
    text += "evidence  " + textAt(evidence, "copy") + "\n";
    for (const auto& [probe, answer] : memberAt(evidence, "probes").items())
      text += "          " + plainText(probe) + ": " + textOf(answer) + "\n";
    const auto& lines = memberAt(evidence, "output");
    for (size_t i = lines.size() - std::min(lines.size(), mostLines); i < lines.size(); ++i)
      text += "          | " + textOf(lines[i]) + "\n";
  }
  return text;
}

// Reason -> the services it holds for.
std::map<std::string, std::string> excludedBy(const Json& outcome) {
  std::map<std::string, std::string> names;
  for (const auto& item : memberAt(outcome, "excluded")) {
    auto& list = names[plainText(textAt(item, "reason"))];
    list += (list.empty() ? "" : ", ") + plainText(textAt(item, "service"));
  }
  return names;
}

} // namespace

std::string trySummaryOf(const Json& outcome) {
  auto services = triedOf(outcome);
  Table table({"SERVICE", "RUNS", "TRIED", "RESULT", "START", "GATE"});
  for (const auto& service : services)
    table.add({textAt(service, "name"), textAt(service, "from").empty() ? "-" : textAt(service, "from"),
               textAt(service, "wanted"), textAt(service, "result"), stage(service, "start_s"),
               stage(service, "gate_s")});
  auto text = "\n" + headline(outcome, services) + "\n\n";
  if (!services.empty())
    text += table.toText("") + "\n";
  for (const auto& service : services)
    text += evidenceText(service);
  for (const auto& [reason, names] : excludedBy(outcome))
    text += "left out  " + names + ": " + reason + "\n";
  if (auto journal = textAt(outcome, "journal"); !journal.empty())
    text += "journal   " + journal + "\n";
  return text;
}

} // namespace ratdeck

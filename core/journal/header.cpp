#include "core/journal/header.h"

#include "core/plan/plan.h"

namespace ratdeck {

JournalHeader headerOf(const Plan& plan, const RolloutId& rollout, const std::string& stack,
                       const std::string& actor, const std::string& bootId) {
  JournalHeader header;
  header.rollout = rollout;
  header.stack = stack;
  header.project = plan.project;
  header.runtime = plan.runtime;
  header.hash = plan.hash;
  header.actor = actor;
  header.bootId = bootId;
  header.isTry = plan.isTry;
  for (const auto& change : plan.changes)
    header.changes.push_back({change.service, change.from, change.to});
  return header;
}

Json toJson(const JournalHeader& header) {
  auto services = Json::array();
  for (const auto& change : header.changes)
    services.push_back({{"name", change.service}, {"from", change.from}, {"to", change.to}});
  Json json = {{"format", journalFormat},
               {"rollout", header.rollout.value},
               {"stack", header.stack},
               {"plan", {{"project", header.project}, {"runtime", header.runtime}, {"services", services}}},
               {"hash", header.hash},
               {"actor", header.actor},
               {"boot_id", header.bootId},
               {"key", header.key}};
  if (header.isTry)
    json["try"] = true;
  if (!header.windowOverride.empty())
    json["window_override"] = header.windowOverride;
  return json;
}

Result<JournalHeader> headerFrom(const Record& record) {
  if (record.type != journalOpened)
    return failure(ErrorKind::Input, "is not a journal: it does not begin with JournalOpened");
  auto format = textAt(record.data, "format");
  if (format != journalFormat)
    return failure(ErrorKind::Input,
                   "is of the format '" + format + "', and this program reads " + journalFormat,
                   "read it with the version that wrote it");
  JournalHeader header;
  header.rollout = RolloutId(textAt(record.data, "rollout"));
  header.stack = textAt(record.data, "stack");
  header.hash = textAt(record.data, "hash");
  header.actor = textAt(record.data, "actor");
  header.bootId = textAt(record.data, "boot_id");
  header.key = textAt(record.data, "key");
  header.isTry = boolAt(record.data, "try");
  header.windowOverride = textAt(record.data, "window_override");
  const auto& plan = memberAt(record.data, "plan");
  header.project = textAt(plan, "project");
  header.runtime = textAt(plan, "runtime");
  const auto& services = memberAt(plan, "services");
  if (services.is_array())
    for (const auto& service : services)
      header.changes.push_back({textAt(service, "name"), textAt(service, "from"), textAt(service, "to")});
  if (header.rollout.isEmpty())
    return failure(ErrorKind::Input, "is not a journal: its header names no rollout");
  return header;
}

bool isAboutJournal(const Record& record) {
  return record.type == journalOpened || record.type == journalContinued || record.type == journalClosed;
}

} // namespace ratdeck

#include "core/plan/task_plan.h"

#include "core/plan/plan_names.h"
#include "core/spec/policy.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

namespace ratdeck {

using plan_names::nameOf;
using plan_names::valueOf;

std::string titleOf(const TaskSpec& task) {
  switch (task.kind) {
  case TaskSpec::Kind::Hook:
    return "hook " + task.id;
  case TaskSpec::Kind::Migration:
    return "migration " + task.id;
  case TaskSpec::Kind::Schema:
    return "schema of " + task.service;
  }
  return task.id;
}

const TaskSpec* taskOf(const StackPolicy& policy, const std::string& id) {
  auto it = std::find_if(policy.tasks.begin(), policy.tasks.end(),
                         [&](const TaskSpec& task) { return task.id == id; });
  return it == policy.tasks.end() ? nullptr : &*it;
}

namespace {

// Without comments and quoted texts, in capitals, each run of spaces one.
std::string plainSql(const std::string& sql) {
  std::string plain;
  for (size_t i = 0; i < sql.size();) {
    if (sql.compare(i, 2, "--") == 0) {
      i = std::min(sql.find('\n', i), sql.size());
    } else if (sql.compare(i, 2, "/*") == 0) {
      auto end = sql.find("*/", i + 2);
      i = end == std::string::npos ? sql.size() : end + 2;
      plain += ' ';
    } else if (sql[i] == '\'') {
      auto end = sql.find('\'', i + 1);
      i = end == std::string::npos ? sql.size() : end + 1;
      plain += "''";
    } else {
      auto c = static_cast<unsigned char>(sql[i++]);
      if (std::isspace(c) && !plain.empty() && plain.back() == ' ')
        continue;
      plain += std::isspace(c) ? ' ' : static_cast<char>(std::toupper(c));
    }
  }
  return plain;
}

struct Breaking {
  const char* words;
  const char* pattern;
  const char* unless = nullptr; // a pattern that makes it harmless
};

// No pattern can run over more than one statement, so its time is bounded by the text's length.
constexpr Breaking breaking[] = {
    {"DROP TABLE", R"(\bDROP TABLE\b)"},
    {"DROP COLUMN", R"(\bDROP COLUMN\b)"},
    {"DROP VIEW", R"(\bDROP (MATERIALIZED )?VIEW\b)"},
    {"DROP TYPE", R"(\bDROP TYPE\b)"},
    {"DROP SCHEMA", R"(\bDROP SCHEMA\b)"},
    {"DROP DEFAULT", R"(\bDROP DEFAULT\b)"},
    {"DROP FUNCTION", R"(\bDROP (FUNCTION|PROCEDURE)\b)"},
    {"RENAME", R"(\bRENAME (COLUMN |CONSTRAINT |VALUE )?("?\w+"? )?TO\b)"},
    {"SET NOT NULL", R"(\bSET NOT NULL\b)"},
    {"ALTER TYPE", R"(\b(ALTER TYPE|SET DATA TYPE)\b)"},
    {"ALTER COLUMN TYPE", R"(\bALTER (COLUMN )?"?\w+"? TYPE\b)"},
    {"TRUNCATE", R"(\bTRUNCATE\b)"},
    {"ADD CONSTRAINT", R"(\bADD CONSTRAINT\b)"},
    {"NOT NULL without DEFAULT",
     R"re(\bADD (COLUMN )?(IF NOT EXISTS )?(?!(CONSTRAINT|CHECK|EXCLUDE)\b)"?\w+"? .*\bNOT NULL\b)re",
     R"re(\b(DEFAULT|GENERATED|(SMALL|BIG)?SERIAL)\b)re"},
};

// A statement, or what stands between the commas of one that are in no parentheses.
size_t endOfPart(const std::string& sql, size_t begin) {
  int depth = 0;
  for (size_t i = begin; i < sql.size(); ++i)
    if (sql[i] == ';' || (sql[i] == ',' && depth <= 0))
      return i;
    else
      depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
  return sql.size();
}

bool isBreaking(const std::string& part, const Breaking& kind) {
  return std::regex_search(part, std::regex(kind.pattern)) &&
         !(kind.unless && std::regex_search(part, std::regex(kind.unless)));
}

} // namespace

std::vector<std::string> breakingWords(const std::string& sql) {
  constexpr size_t mostBytes = 1 << 20;
  const auto plain = plainSql(sql.substr(0, mostBytes));
  std::set<std::string> found;
  for (const auto& kind : breaking)
    for (size_t begin = 0; begin < plain.size();) { // part by part: std::regex recurses by length
      const auto end = endOfPart(plain, begin);
      constexpr size_t longest = 2000;
      if (isBreaking(plain.substr(begin, std::min(end - begin, longest)), kind)) {
        found.insert(kind.words);
        break;
      }
      begin = end + 1;
    }
  return {found.begin(), found.end()};
}

namespace {

Json toJson(const std::optional<TaskCommand>& command) {
  return command ? Json{{"where", nameOf(command->where)}, {"service", command->service}} : Json();
}

std::optional<TaskCommand> commandFrom(const Json& json) {
  if (!json.is_object())
    return {};
  return TaskCommand{valueOf(textAt(json, "where"), TaskCommand::Where::Own), textAt(json, "service"), {}};
}

Duration durationAt(const Json& json, const char* key) {
  auto parsed = parseDuration(textAt(json, key));
  return parsed ? *parsed : Duration(0);
}

} // namespace

Json toJson(const TaskPlan& task) {
  const auto& spec = task.spec;
  Json json = {{"id", spec.id},
               {"kind", nameOf(spec.kind)},
               {"when", nameOf(spec.when)},
               {"service", spec.service},
               {"limit", toGoString(spec.limit)},
               {"on_error", nameOf(spec.onError)},
               {"command_hash", task.commandHash},
               {"wave", task.wave}};
  for (const auto& [key, command] :
       {std::pair("up", &spec.up), {"down", &spec.down}, {"status", &spec.status}})
    if (*command)
      json[key] = toJson(*command);
  if (spec.isOfSchema()) {
    json["phase"] = nameOf(spec.phase);
    json["versions"] = spec.versions;
    json["compatible"] = spec.isCompatible;
    json["reversible"] = spec.isReversible;
    json["down_after_failure"] = spec.isDownSafe;
    json["goes_back_first"] = spec.goesBackFirst;
  }
  if (!spec.approval.empty())
    json["approval"] = spec.approval;
  if (task.reverses > 0)
    json["reverses"] = task.reverses;
  return json;
}

TaskPlan taskPlanFrom(const Json& json) {
  TaskPlan task;
  auto& spec = task.spec;
  spec.id = textAt(json, "id");
  spec.kind = valueOf(textAt(json, "kind"), TaskSpec::Kind::Hook);
  spec.when = valueOf(textAt(json, "when"), TaskSpec::When::Before);
  spec.service = textAt(json, "service");
  spec.limit = durationAt(json, "limit");
  spec.onError = valueOf(textAt(json, "on_error"), TaskSpec::OnError::Undo);
  spec.up = commandFrom(memberAt(json, "up"));
  spec.down = commandFrom(memberAt(json, "down"));
  spec.status = commandFrom(memberAt(json, "status"));
  if (spec.isOfSchema()) {
    spec.phase = valueOf(textAt(json, "phase"), TaskSpec::Phase::Expand);
    if (const auto& versions = memberAt(json, "versions"); versions.is_array())
      for (const auto& version : versions)
        spec.versions.push_back(version.is_string() ? version.get<std::string>() : std::string());
    spec.isCompatible = boolAt(json, "compatible", true);
    spec.isReversible = boolAt(json, "reversible", true);
    spec.isDownSafe = boolAt(json, "down_after_failure");
    spec.goesBackFirst = boolAt(json, "goes_back_first");
  }
  spec.approval = textAt(json, "approval");
  task.commandHash = textAt(json, "command_hash");
  task.wave = static_cast<int>(integerAt(json, "wave"));
  task.reverses = static_cast<int>(integerAt(json, "reverses"));
  return task;
}

} // namespace ratdeck

#include "core/spec/compose/task_reader.h"

#include <algorithm>
#include <cctype>

namespace ratdeck::compose {

namespace {

constexpr Duration migrationLimit = 600s;
constexpr Duration schemaLimit = 60s;

using Where = TaskCommand::Where;

// run or exec, for a mapping that has other keys too; `found` outlives the reading.
std::vector<Field> commandFields(PolicyReader& in, const std::string& name,
                                 std::optional<TaskCommand>& found) {
  const auto field = [&in, name, &found](const char* key, Where where) {
    return Field{key, [&in, name, &found, key, where](const Node& node) {
                   const auto path = name + "." + key;
                   if (found)
                     in.fail(node, path, "a command is either run or exec", "keep one of the two");
                   TaskCommand command;
                   command.where = where;
                   command.argv = in.textList(node, path);
                   if (command.argv.empty())
                     in.wrong(node, path, "a command as a list of texts");
                   found = std::move(command);
                 }};
  };
  return {field("run", Where::Own), field("exec", Where::Copy)};
}

std::optional<TaskCommand> readCommand(PolicyReader& in, const Node& node, const std::string& name) {
  std::optional<TaskCommand> command;
  std::string service;
  auto fields = commandFields(in, name, command);
  fields.push_back({"service", [&](const Node& n) {
                      service = in.text(n, name + ".service");
                    }});
  in.map(node, name, fields);
  if (!command)
    in.fail(node, name, "a command is missing", "add run: [COMMAND, ARGUMENT] or exec: [COMMAND, ARGUMENT]");
  else
    command->service = service;
  return command;
}

TaskSpec::OnError readOnError(PolicyReader& in, const Node& node, const std::string& name) {
  return in.word<TaskSpec::OnError>(node, name,
                                    {{"undo", TaskSpec::OnError::Undo},
                                     {"ask", TaskSpec::OnError::Ask},
                                     {"ignore", TaskSpec::OnError::Ignore}});
}

void defaultService(PolicyReader& in, const Node& node, const std::string& name,
                    std::optional<TaskCommand>& command, const std::string& service) {
  if (!command || !command->service.empty())
    return;
  command->service = service;
  if (service.empty())
    in.fail(node, name, "it does not say of which service the copy is that it runs in", "add service: NAME");
}

// It stands in names of containers.
std::string readId(PolicyReader& in, const Node& node, const std::string& name) {
  auto id = in.text(node, name);
  const auto isPlain = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.';
  };
  if (!id.empty() && (id.size() > 60 || !std::all_of(id.begin(), id.end(), isPlain)))
    in.fail(node, name, "\"" + id.substr(0, 60) + "\" is no id",
            "use letters, digits, '_', '-' and '.', at most 60");
  return id;
}

TaskSpec readHook(PolicyReader& in, const Node& node, const std::string& service, const std::string& name) {
  TaskSpec hook;
  hook.service = service;
  std::string copyOf = service;
  auto fields = commandFields(in, name, hook.up);
  fields.push_back({"id", [&](const Node& n) {
                      hook.id = readId(in, n, name + ".id");
                    }});
  fields.push_back({"service", [&](const Node& n) {
                      copyOf = in.text(n, name + ".service");
                    }});
  fields.push_back({"timeout", [&](const Node& n) {
                      hook.limit = in.duration(n, name + ".timeout");
                    }});
  fields.push_back({"on_error", [&](const Node& n) {
                      hook.onError = readOnError(in, n, name + ".on_error");
                    }});
  in.map(node, name, fields);
  in.needs(node, "id", name);
  if (!hook.up)
    in.fail(node, name, "a command is missing", "add run: [COMMAND, ARGUMENT] or exec: [COMMAND, ARGUMENT]");
  defaultService(in, node, name, hook.up, copyOf);
  return hook;
}

struct MigrationDraft {
  TaskSpec task;
  std::optional<std::string> service, before;
  std::optional<bool> isCompatible, isReversible;
  std::optional<TaskSpec::OnError> onError;
};

std::vector<Field> migrationFields(PolicyReader& in, MigrationDraft& draft) {
  auto& task = draft.task;
  return {{"id",
           [&](const Node& n) {
             task.id = readId(in, n, "migrations.id");
           }},
          {"before",
           [&](const Node& n) {
             draft.before = in.text(n, "migrations.before");
           }},
          {"service",
           [&](const Node& n) {
             draft.service = in.text(n, "migrations.service");
           }},
          {"phase",
           [&](const Node& n) {
             task.phase = in.word<TaskSpec::Phase>(n, "migrations.phase",
                                                   {{"expand", TaskSpec::Phase::Expand},
                                                    {"migrate", TaskSpec::Phase::Migrate},
                                                    {"contract", TaskSpec::Phase::Contract}});
           }},
          {"up",
           [&](const Node& n) {
             task.up = readCommand(in, n, "migrations.up");
           }},
          {"down",
           [&](const Node& n) {
             task.down = readCommand(in, n, "migrations.down");
           }},
          {"status",
           [&](const Node& n) {
             task.status = readCommand(in, n, "migrations.status");
           }},
          {"versions",
           [&](const Node& n) {
             task.versions = in.textList(n, "migrations.versions");
           }},
          {"compatible",
           [&](const Node& n) {
             draft.isCompatible = in.boolean(n, "migrations.compatible");
           }},
          {"reversible",
           [&](const Node& n) {
             draft.isReversible = in.boolean(n, "migrations.reversible");
           }},
          {"down_after_failure",
           [&](const Node& n) {
             task.isDownSafe = in.boolean(n, "migrations.down_after_failure");
           }},
          {"down_order",
           [&](const Node& n) {
             task.goesBackFirst =
                 in.word<bool>(n, "migrations.down_order", {{"after-code", false}, {"before-code", true}});
           }},
          {"timeout",
           [&](const Node& n) {
             task.limit = in.duration(n, "migrations.timeout");
           }},
          {"on_error",
           [&](const Node& n) {
             draft.onError = readOnError(in, n, "migrations.on_error");
           }},
          {"approve", [&](const Node& n) {
             task.approval = in.text(n, "migrations.approve");
           }}};
}

TaskSpec readMigration(PolicyReader& in, const Node& node) {
  MigrationDraft draft;
  auto& task = draft.task;
  task.kind = TaskSpec::Kind::Migration;
  task.limit = migrationLimit;
  in.map(node, "migrations", migrationFields(in, draft));
  for (const char* key : {"id", "up"})
    in.needs(node, key, "migrations");
  const bool isContract = task.phase == TaskSpec::Phase::Contract;
  task.service = draft.before.value_or("");
  task.isCompatible = draft.isCompatible.value_or(!isContract);
  task.isReversible = draft.isReversible.value_or(task.down.has_value());
  task.onError = draft.onError.value_or(isContract ? TaskSpec::OnError::Ask : TaskSpec::OnError::Undo);
  for (auto* command : {&task.up, &task.down, &task.status})
    defaultService(in, node, "migrations", *command, draft.service.value_or(task.service));
  const std::pair<const char*, bool> ofDown[] = {{"reversible", draft.isReversible.has_value()},
                                                 {"down_after_failure", task.isDownSafe},
                                                 {"down_order", task.goesBackFirst}};
  for (const auto& [key, isSaid] : ofDown)
    if (isSaid && !task.down)
      in.fail(*node.find(key), std::string("migrations.") + key, "there is no down to say that of",
              "add down: { run: [COMMAND, ARGUMENT] }, or leave it out");
  return task;
}

} // namespace

void readHooks(PolicyReader& in, const Node& node, const std::string& service, std::vector<TaskSpec>& tasks) {
  const auto list = [&](const char* key, TaskSpec::When when) {
    return Field{key, [&, key, when](const Node& n) {
                   const auto name = std::string("hooks.") + key;
                   in.each(n, name, [&](const Node& item) {
                     auto hook = readHook(in, item, service, name);
                     hook.when = when;
                     hook.location = in.locate(item);
                     tasks.push_back(std::move(hook));
                   });
                 }};
  };
  in.map(node, "hooks",
         {list("before", TaskSpec::When::Before), list("after", TaskSpec::When::After),
          list("on_failure", TaskSpec::When::OnFailure)});
}

void readMigrations(PolicyReader& in, const Node& node, std::vector<TaskSpec>& tasks) {
  in.each(node, "migrations", [&](const Node& item) {
    auto task = readMigration(in, item);
    task.location = in.locate(item);
    tasks.push_back(std::move(task));
  });
}

void readSchema(PolicyReader& in, const Node& node, std::vector<TaskSpec>& tasks) {
  TaskSpec task;
  task.kind = TaskSpec::Kind::Schema;
  task.limit = schemaLimit;
  task.isReversible = false;
  in.map(node, "schema",
         {{"applied_by",
           [&](const Node& n) {
             task.service = in.text(n, "schema.applied_by");
           }},
          {"status",
           [&](const Node& n) {
             task.status = readCommand(in, n, "schema.status");
           }},
          {"compatible",
           [&](const Node& n) {
             task.isCompatible = in.boolean(n, "schema.compatible");
           }},
          {"timeout", [&](const Node& n) {
             task.limit = in.duration(n, "schema.timeout");
           }}});
  for (const char* key : {"applied_by", "status"})
    in.needs(node, key, "schema");
  defaultService(in, node, "schema.status", task.status, task.service);
  task.id = "schema-" + task.service;
  task.location = in.locate(node);
  tasks.push_back(std::move(task));
}

} // namespace ratdeck::compose

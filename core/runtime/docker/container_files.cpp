#include "core/runtime/docker/container_draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr unsigned readableByAll = 0444;

// A kind of mounted file, and the folder that its relative targets stand in.
struct FileKind {
  const char* section;
  const char* folder;
};

std::string targetOf(KeyReader& keys, const std::string& source, const FileKind& kind) {
  const auto target = keys.text("target");
  if (target.empty())
    return kind.folder + source;
  return target.front() == '/' ? target : kind.folder + target;
}

std::optional<unsigned> numberOf(KeyReader& keys, const char* key, int base) {
  const auto digits = keys.text(key);
  if (digits.empty())
    return {};
  const std::string_view known = std::string_view("0123456789").substr(0, static_cast<std::size_t>(base));
  if (digits.size() <= 7 && digits.find_first_not_of(known) == std::string::npos)
    return static_cast<unsigned>(std::stoul(digits, nullptr, base));
  keys.fail(key, "is \"" + digits + "\", which is no number",
            base == 8 ? "write it like \"0440\"" : "write an id");
  return {};
}

bool isMounted(const std::string& target, KeyReader& service) {
  const auto& mounts = service.take("volumes");
  return std::any_of(mounts.begin(), mounts.end(),
                     [&](const Json& mount) { return textAt(mount, "target") == target; });
}

// The text that a definition holds, itself or in a variable; nothing where it names a file.
std::optional<Secret> contentOf(const Json& definition, KeyReader& keys, const ContainerDraft& draft) {
  if (definition.contains("content"))
    return Secret(textAt(definition, "content"));
  const auto variable = textAt(definition, "environment");
  if (variable.empty())
    return {};
  const auto value = draft.stack.variables.find(variable);
  if (value == draft.stack.variables.end())
    keys.fail("source", "is in the variable " + variable + ", which is not set",
              "set it, or use file:", ErrorKind::NotFound);
  return value == draft.stack.variables.end() ? Secret() : value->second;
}

void addContent(const std::string& target, Secret content, KeyReader& keys, ContainerDraft& draft) {
  const auto slash = target.rfind('/');
  DockerFile file{target.substr(slash + 1), std::move(content),
                  numberOf(keys, "mode", 8).value_or(readableByAll), numberOf(keys, "uid", 10).value_or(0),
                  numberOf(keys, "gid", 10).value_or(0)};
  if (const auto archive = writeDockerTar(file); !archive)
    keys.fail("target", "cannot be written: " + archive.error().message, "mount a file instead");
  if (!boolAt(draft.host, "ReadonlyRootfs"))
    return draft.files.push_back({target, std::move(file)});
  // Nothing can be written into it: it is mounted from a folder beside the engine.
  if (draft.options.hostFolder.empty())
    return keys.fail("source",
                     "has its content in the Compose file, which nothing can write into a read_only service "
                     "of a remote engine",
                     "use file:");
  const std::string path = draft.options.hostFolder + '/' + std::to_string(draft.hostFiles.size() + 1);
  draft.host["Mounts"].push_back(
      {{"Type", "bind"}, {"Source", path}, {"Target", target}, {"ReadOnly", true}});
  draft.hostFiles.push_back({path, std::move(file)});
}

void addMount(const std::string& target, const Json& definition, KeyReader& keys, ContainerDraft& draft) {
  for (const char* key : {"uid", "gid", "mode"})
    keys.unheeded(key, "has no effect on a mounted file: it is the host's");
  draft.host["Mounts"].push_back(
      {{"Type", "bind"}, {"Source", textAt(definition, "file")}, {"Target", target}, {"ReadOnly", true}});
}

void translateFile(KeyReader& keys, KeyReader& service, const FileKind& kind, ContainerDraft& draft) {
  const auto source = keys.text("source");
  const auto& definition = memberAt(memberAt(draft.stack.normalised, kind.section), source.c_str());
  if (!definition.is_object())
    return keys.fail("source", "\"" + source + "\" is not defined",
                     "define it under " + std::string(kind.section), ErrorKind::NotFound);
  for (const char* key : {"external", "driver", "template_driver"})
    if (!memberAt(definition, key).is_null() && memberAt(definition, key) != false)
      return keys.fail("source", "\"" + source + "\" has `" + key + "`, which only a swarm knows",
                       "use file:");
  const auto target = targetOf(keys, source, kind);
  if (auto content = contentOf(definition, keys, draft))
    addContent(target, std::move(*content), keys, draft);
  else if (isMounted(target, service))
    keys.leave({"uid", "gid", "mode"}); // what is mounted there wins, as in Compose
  else
    addMount(target, definition, keys, draft);
  keys.end();
}

} // namespace

void translateFiles(KeyReader& keys, ContainerDraft& draft) {
  constexpr FileKind secrets{"secrets", "/run/secrets/"}, configs{"configs", "/"};
  for (const auto& kind : {secrets, configs})
    for (auto& file : keys.list(kind.section))
      translateFile(file, keys, kind, draft);
}

} // namespace ratdeck

#include "core/spec/compose/model_reader.h"

#include "core/base/file.h"
#include "core/spec/compose/canonical.h"
#include "core/spec/compose/merge.h"
#include "core/spec/compose/model_scope.h"

#include <sys/stat.h>

namespace ratdeck::compose {

namespace {

constexpr size_t maxIncludeDepth = 50;

std::string folderOf(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool isFile(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

// A text or a list of texts.
std::vector<std::string> textsOf(const Node* node) {
  std::vector<std::string> texts;
  if (node && node->isText())
    texts.push_back(node->text);
  if (node)
    for (const auto& item : node->items)
      if (item.isText())
        texts.push_back(item.text);
  return texts;
}

} // namespace

void ModelReader::includeAll(Node& document, const SourceFile& file, const Scope& scope,
                             const ResetPaths& resets) {
  const auto* found = document.find("include");
  if (!found || found->isNull()) {
    document.erase("include");
    return;
  }
  auto entries = *found;
  if (!entries.isList()) {
    m_report.fail(entries.place, "include must be a list", "write - and the path of a file");
    return;
  }
  document.erase("include");
  for (const auto& entry : entries.items) {
    include(entry, document, file, scope, resets);
    if (m_report.hasFailed())
      return;
  }
}

void ModelReader::include(const Node& entry, Node& document, const SourceFile& file, const Scope& scope,
                          const ResetPaths& resets) {
  auto paths = entry.isText() ? std::vector<std::string>{entry.text} : textsOf(entry.find("path"));
  if (paths.empty() || (!entry.isText() && !entry.isMap())) {
    m_report.fail(entry.place, "an include names no file", "write the path of a file, or path: and the path");
    return;
  }
  for (const auto& member : entry.entries)
    if (member.key != "path" && member.key != "env_file" && member.key != "project_directory")
      m_report.warn(member.place, "include: the key '" + member.key + "' is not known, it is ignored",
                    "path, env_file and project_directory are known");
  Scope inner;
  inner.id = ++m_scopes;
  inner.including = scope.including;
  inner.including.push_back(file);
  std::vector<SourceFile> files;
  for (const auto& path : paths) {
    files.push_back(sourceFile(scope.folder, path));
    if (!checkIncludeCycle(files.back(), file, scope, entry.place))
      return;
  }
  auto directory = entry.textAt("project_directory");
  inner.folder = directory.empty() ? folderOf(files.front().path) : absolutePath(scope.folder, directory);
  includeEnvironment(entry, scope, inner);
  if (m_report.hasFailed())
    return;
  auto imported = readProject(files, inner, entry.place);
  if (!m_report.hasFailed())
    import(std::move(imported), document, resets);
}

bool ModelReader::checkIncludeCycle(const SourceFile& included, const SourceFile& file, const Scope& scope,
                                    Place place) {
  auto chain = scope.including;
  chain.push_back(file);
  for (size_t i = 0; i < chain.size(); ++i) {
    if (chain[i].path != included.path)
      continue;
    std::string cycle;
    for (; i < chain.size(); ++i)
      cycle += chain[i].name + " -> ";
    m_report.fail(place, "files include each other in a circle: " + cycle + included.name,
                  "break the circle");
    return false;
  }
  if (chain.size() > maxIncludeDepth) {
    m_report.fail(place, "includes are nested deeper than " + std::to_string(maxIncludeDepth) + " files",
                  "include fewer files in a row");
    return false;
  }
  return true;
}

void ModelReader::includeEnvironment(const Node& entry, const Scope& outer, Scope& inner) {
  inner.environment = outer.environment;
  auto named = textsOf(entry.find("env_file"));
  if (named.empty()) {
    auto beside = absolutePath(inner.folder, ".env");
    if (isFile(beside))
      readEnvFiles({sourceFile("/", beside)}, inner.environment, entry.place);
    return;
  }
  std::vector<SourceFile> files;
  for (const auto& path : named)
    if (path != "/dev/null") // the way to say: none, not even `.env`
      files.push_back(sourceFile(outer.folder, path));
  readEnvFiles(files, inner.environment, entry.place);
}

// What the including file says of a service goes over what the included one says.
void ModelReader::import(Node imported, Node& document, const ResetPaths& resets) {
  for (const std::string section : {"services", "volumes", "networks", "secrets", "configs", "models"}) {
    auto* from = imported.find(section);
    if (!from || from->isNull())
      continue;
    auto* to = document.find(section);
    if (!to || to->isNull())
      to = &document.set(section, Node::ofMap(from->place));
    for (auto& entry : from->entries) {
      auto* present = to->find(entry.key);
      if (!present) {
        to->entries.push_back(std::move(entry));
        continue;
      }
      if (sameValue(*present, entry.value))
        continue;
      resets.apply(entry.value, {section, entry.key});
      *present = merge(std::move(entry.value), std::move(*present), {section, entry.key}, m_report);
    }
  }
}

} // namespace ratdeck::compose

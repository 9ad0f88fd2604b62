#include "core/spec/compose/model_reader.h"

#include "core/base/file.h"
#include "core/spec/compose/canonical.h"
#include "core/spec/compose/interpolate.h"
#include "core/spec/compose/merge.h"
#include "core/spec/compose/model_scope.h"
#include "core/spec/compose/schema.h"
#include "core/spec/compose/volume_spec.h"
#include "core/spec/compose/yaml_reader.h"

#include <algorithm>

namespace ratdeck::compose {

ModelReader::ModelReader(std::string folder, std::string home, Report& report)
    : m_folder(std::move(folder)), m_home(std::move(home)), m_report(report) {}

ModelReader::~ModelReader() = default;

SourceFile ModelReader::sourceFile(const std::string& folder, const std::string& path) const {
  SourceFile file;
  file.path = absolutePath(folder, path);
  file.name = file.path;
  if (m_folder != "/" && file.name.rfind(m_folder + "/", 0) == 0)
    file.name = file.name.substr(m_folder.size() + 1);
  return file;
}

std::vector<Node> ModelReader::documents(const SourceFile& file, Place from) {
  if (auto parsed = m_parsed.find(file.path); parsed != m_parsed.end()) {
    auto documents = std::move(parsed->second);
    m_parsed.erase(parsed);
    return documents;
  }
  auto text = readText(file, from);
  if (m_report.hasFailed())
    return {};
  auto index = m_report.addFile(file.name, text.size());
  if (m_report.hasFailed())
    return {};
  auto documents = readYaml(text, index, m_report);
  for (const auto& document : documents)
    if (!document.isMap())
      m_report.fail(document.place, "top-level object must be a mapping", "begin with services:");
  return documents;
}

Node ModelReader::projectName(const std::vector<SourceFile>& files) {
  Node name;
  for (const auto& file : files) {
    auto parsed = documents(file, {});
    if (m_report.hasFailed())
      return name;
    for (const auto& document : parsed)
      if (const auto* found = document.find("name"); found && found->isText() && !found->text.empty())
        name = *found;
    m_parsed[file.path] = std::move(parsed);
  }
  return name;
}

Node ModelReader::read(const std::vector<SourceFile>& files, const std::string& folder,
                       const Variables& environment) {
  Scope scope;
  scope.folder = folder;
  scope.environment = environment;
  auto model = readProject(files, scope, {});
  if (!m_report.hasFailed() && model.entries.empty())
    m_report.fail(Error{ErrorKind::Input, "empty compose file",
                        "write at least services:", SourceLocation{files.front().name, 1, 1}});
  return model;
}

void ModelReader::readEnvFiles(const std::vector<SourceFile>& files, Variables& environment, Place from) {
  Variables found;
  Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
    auto it = environment.find(name);
    return it == environment.end() ? std::nullopt : std::optional(it->second);
  };
  for (const auto& file : files) {
    auto text = readText(file, from);
    if (m_report.hasFailed())
      return;
    readEnv(text, m_report.addFile(file.name, text.size()), lookup, found, m_report);
  }
  environment.merge(found);
}

std::string ModelReader::readText(const SourceFile& file, Place from) {
  auto text = readFile(file.path, maxFileBytes);
  if (text)
    return *text;
  auto error = text.error();
  error.kind = ErrorKind::Input;
  error.where = {file.name, 0, 0};
  if (from.line != 0) {
    error.message = file.name + ": " + error.message;
    error.where = m_report.locate(from);
  }
  if (error.next.empty())
    error.next = "check the path and who may read it";
  m_report.fail(std::move(error));
  return {};
}

namespace {

// NAME in a list of variables -> NAME=value, from the environment of the project that the file belongs to.
void resolveEnvironment(Node& model, const Variables& environment, Report& report) {
  auto* services = model.find("services");
  if (!services)
    return;
  for (auto& entry : services->entries)
    if (auto* variables = entry.value.find("environment"))
      for (auto& item : variables->items)
        if (auto it = environment.find(item.text);
            item.isText() && it != environment.end() && report.takeText(it->second.size(), item.place))
          item.text += "=" + it->second;
}

} // namespace

Node ModelReader::readProject(const std::vector<SourceFile>& files, const Scope& scope, Place from) {
  auto model = Node::ofMap();
  for (const auto& file : files) {
    model = addFile(std::move(model), file, scope, from);
    if (m_report.hasFailed())
      return model;
  }
  setDefaults(model);
  makePathsAbsolute(model, scope.folder, m_home, m_report);
  resolveEnvironment(model, scope.environment, m_report);
  return model;
}

Node ModelReader::addFile(Node model, const SourceFile& file, const Scope& scope, Place from) {
  auto parsed = documents(file, from);
  for (auto& document : parsed) {
    if (m_report.hasFailed())
      break;
    model = addDocument(std::move(model), std::move(document), file, scope);
  }
  return model;
}

Node ModelReader::addDocument(Node model, Node document, const SourceFile& file, const Scope& scope) {
  ResetPaths resets;
  resets.collect(document);
  interpolate(document, scope.lookup(), m_report);
  if (m_report.hasFailed())
    return model;
  includeAll(document, file, scope, resets);
  if (m_report.hasFailed())
    return model;
  resets.apply(model);
  extendAll(document, file, scope, resets); // after the includes: a service may extend an included one
  if (m_report.hasFailed())
    return model;
  model = merge(std::move(model), std::move(document), {}, m_report);
  if (!m_report.hasFailed())
    enforceUnicity(model, m_report);
  if (!m_report.hasFailed())
    checkMerged(model);
  return m_report.hasFailed() ? model : canonical(std::move(model));
}

void ModelReader::checkMerged(Node& model) {
  checkSchema(model, m_report);
  if (const auto* version = model.entry("version")) {
    m_report.warn(version->place, "the attribute `version` is obsolete, it is ignored", "remove it");
    model.erase("version");
  }
}

Node ModelReader::canonical(Node model) {
  makeCanonical(model, m_report);
  // Long forms can show what is the same, such as a range over a single port.
  if (!m_report.hasFailed())
    enforceUnicity(model, m_report);
  return model;
}

} // namespace ratdeck::compose

#include "core/spec/compose/loader.h"

#include "core/base/file.h"
#include "core/spec/compose/canonical.h"
#include "core/spec/compose/consistency.h"
#include "core/spec/compose/model_json.h"
#include "core/spec/compose/nearest.h"
#include "core/spec/compose/normalise.h"
#include "core/spec/compose/policy_reader.h"
#include "core/spec/compose/project_setup.h"
#include "core/spec/compose/spec_builder.h"
#include "core/spec/compose/volume_spec.h"

#include <filesystem>
#include <set>

namespace ratdeck::compose {

namespace {

class Loader {
public:
  Loader(const LoadRequest& request, std::string folder)
      : m_request(request), m_folder(std::move(folder)), m_reader(m_folder, home(request), m_report) {}

  Result<Loaded> run() {
    for (auto step : {&Loader::readModel, &Loader::checkModel, &Loader::buildServices, &Loader::setImages,
                      &Loader::buildProject}) {
      (this->*step)();
      if (m_report.hasFailed())
        return failure(m_report.error());
    }
    m_loaded.warnings = m_report.warnings();
    return std::move(m_loaded);
  }

private:
  static std::string home(const LoadRequest& request) {
    auto it = request.environment.find("HOME");
    return it == request.environment.end() ? std::string() : it->second;
  }

  void readModel() {
    m_setup = setUpProject(m_request, m_folder, m_reader, m_report);
    if (!m_report.hasFailed())
      m_model = m_reader.read(m_setup.files, m_setup.folder, m_setup.environment);
  }

  void checkModel() {
    checkValues(m_model, m_report);
    if (m_report.hasFailed())
      return;
    normalise(m_model, m_setup.name, m_setup.environment, m_report);
    if (m_report.hasFailed())
      return;
    checkConsistency(m_model, m_setup.profiles, m_report);
  }

  // The environment of a service: env files in order, then what the service says itself, be it null.
  // Variables in the files are those of the project, then the service's own, then those of the files so far.
  void resolveEnvironment(const std::string& name, const Node& service, Json& json) {
    const auto* files = service.find("env_file");
    if (!files)
      return;
    const Json own = memberAt(json, "environment");
    Lookup lookup = [&](const std::string& variable) -> std::optional<std::string> {
      if (auto it = m_setup.environment.find(variable); it != m_setup.environment.end())
        return it->second;
      const auto& value = memberAt(own, variable.c_str());
      return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
    };
    Variables found;
    for (const auto& item : files->items)
      readServiceFile(item, "services." + name + ".env_file", lookup, found);
    Json environment = found;
    if (own.is_object())
      environment.update(own);
    if (!environment.empty())
      json["environment"] = environment;
  }

  void readServiceFile(const Node& item, const std::string& path, const Lookup& lookup, Variables& found) {
    const auto* required = item.find("required");
    bool isRequired = !required || scalarText(*required) != "false";
    auto named = item.isText() ? item.text : item.textAt("path");
    auto text = readFile(named, maxFileBytes);
    if (!text && text.error().kind == ErrorKind::NotFound && !isRequired)
      return;
    if (!text) {
      m_report.fail(item.place, path + ": " + named + ": " + text.error().message,
                    item.isText() ? "make the file" : "make the file, or write required: false");
      return;
    }
    auto shown = m_reader.sourceFile("/", named).name;
    auto index = m_report.addFile(shown, text->size());
    auto format = item.textAt("format");
    if (!format.empty() && format != "raw")
      m_report.fail(item.find("format")->place, path + ": the format \"" + format + "\" is not known",
                    "write format: raw, or leave it out");
    else if (format == "raw")
      readRaw(*text, found);
    else
      readEnv(*text, index, lookup, found, m_report);
  }

  // Lines as they are: no quotes, no variables.
  static void readRaw(const std::string& text, Variables& found) {
    for (size_t begin = 0; begin < text.size();) {
      auto end = std::min(text.find('\n', begin), text.size());
      auto line = text.substr(begin, end - begin);
      begin = end + 1;
      auto equals = line.find('=');
      if (!line.empty() && line.front() != '#' && equals != std::string::npos && equals > 0)
        found[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }

  void resolveLabels(const std::string& name, const Node& service, Json& json) {
    const auto* files = service.find("label_file");
    if (!files)
      return;
    Variables found;
    Lookup lookup = [](const std::string&) -> std::optional<std::string> {
      return {};
    };
    for (const auto& item : files->items)
      readServiceFile(item, "services." + name + ".label_file", lookup, found);
    for (const auto& [key, value] : memberAt(json, "labels").items())
      found[key] = value.get<std::string>();
    if (!found.empty())
      json["labels"] = found;
  }

  void buildServices() {
    auto& stack = m_loaded.stack;
    stack.project = m_setup.name;
    stack.files = m_setup.shownFiles;
    stack.policy = readStackPolicy(m_model, m_report);
    const auto* services = m_model.find("services");
    if (services)
      for (const auto& entry : services->entries) {
        if (m_report.hasFailed())
          return;
        if (isActive(entry.value, m_setup.profiles))
          buildService(entry);
      }
    checkPolicy(m_model, stack.policy, m_report);
    dropInactiveDependencies();
    markOneShots(stack.services);
  }

  // A service may depend on one that is not active, if it need not be there: nothing is waited for then.
  void dropInactiveDependencies() {
    auto& services = m_loaded.stack.services;
    for (auto& [name, spec] : services)
      std::erase_if(spec.dependsOn,
                    [&](const auto& dependency) { return !services.count(dependency.first); });
  }

  void buildService(const Entry& entry) {
    auto json = serviceJson(entry.key, entry.value, m_report);
    resolveEnvironment(entry.key, entry.value, json);
    resolveLabels(entry.key, entry.value, json);
    if (m_report.hasFailed())
      return;
    auto node = entry.value;
    if (entry.place.line != 0)
      node.place = entry.place;
    auto spec = compose::buildService(entry.key, node, std::move(json), m_report);
    spec.policy = readServicePolicy(entry.key, entry.value, m_loaded.stack.policy, m_report);
    m_loaded.stack.services.emplace(entry.key, std::move(spec));
  }

  // SERVICE=IMAGE, SERVICE=:TAG, SERVICE=@DIGEST
  void setImages() {
    for (const auto& [name, value] : m_request.setImages) {
      auto it = m_loaded.stack.services.find(name);
      if (it == m_loaded.stack.services.end()) {
        std::vector<std::string> known;
        for (const auto& [service, spec] : m_loaded.stack.services)
          known.push_back(service);
        m_report.fail(Error{ErrorKind::Usage,
                            "an image is set for the unknown service \"" + name + "\"",
                            didYouMean(name, known, "name a service of the files"),
                            {}});
        return;
      }
      auto& spec = it->second;
      bool isPart = !value.empty() && (value.front() == ':' || value.front() == '@');
      if (value.empty() || value.size() < (isPart ? 2U : 1U) || (isPart && spec.image.empty())) {
        m_report.fail(Error{
            ErrorKind::Usage,
            "cannot set the image of \"" + name + "\" to \"" + value + "\"",
            "write SERVICE=IMAGE, SERVICE=:TAG or SERVICE=@DIGEST; the last two need an image in the file",
            {}});
        return;
      }
      spec.image = isPart ? repositoryOf(spec.image) + value : value;
      spec.normalised["image"] = spec.image;
    }
  }

  static std::string repositoryOf(std::string image) {
    image.resize(std::min(image.find('@'), image.size()));
    auto slash = image.rfind('/');
    auto colon = image.rfind(':');
    if (colon != std::string::npos && (slash == std::string::npos || colon > slash))
      image.resize(colon);
    return image;
  }

  // The resources that the active services use.
  std::set<std::string> usedNames(const std::string& section) const {
    std::set<std::string> names;
    for (const auto& [name, service] : m_loaded.stack.services) {
      const auto& json = service.normalised;
      if (section == "networks")
        for (const auto& [network, value] : memberAt(json, "networks").items())
          names.insert(network);
      else if (section == "volumes")
        for (const auto& mount : service.mounts)
          names.insert(mount.type == "volume" ? mount.source : "");
      else
        for (const auto* list :
             {&memberAt(json, section.c_str()), &memberAt(memberAt(json, "build"), section.c_str())})
          for (const auto& item : *list)
            names.insert(textAt(item, "source"));
    }
    return names;
  }

  // Where a secret or a config has its content in the environment.
  void keepVariable(const std::string& name) {
    if (auto it = m_setup.environment.find(name); it != m_setup.environment.end())
      m_loaded.stack.variables.emplace(name, Secret(it->second));
  }

  void buildProject() {
    auto& stack = m_loaded.stack;
    Json project = Json::object();
    project["name"] = stack.project;
    project["services"] = Json::object();
    for (const std::string section : {"networks", "volumes", "secrets", "configs"}) {
      auto used = usedNames(section);
      if (const auto* resources = m_model.find(section))
        for (const auto& entry : resources->entries)
          if (used.count(entry.key)) {
            project[section][entry.key] = resourceJson(section, entry.value);
            if (section == "secrets" || section == "configs")
              keepVariable(entry.value.textAt("environment"));
          }
    }
    for (const auto& entry : m_model.entries)
      if (entry.key.rfind("x-", 0) == 0)
        project[entry.key] = toJson(entry.value);
    for (const auto& [name, service] : stack.services)
      project["services"][name] = service.normalised;
    stack.normalised = std::move(project);
  }

  const LoadRequest& m_request;
  std::string m_folder;
  Report m_report;
  ModelReader m_reader;
  ProjectSetup m_setup;
  Node m_model;
  Loaded m_loaded;
};

} // namespace

Result<Loaded> load(const LoadRequest& request) {
  std::error_code error;
  auto folder = request.workingDirectory;
  if (folder.empty() || folder.front() != '/')
    folder = absolutePath(std::filesystem::current_path(error).string(), folder);
  return Loader(request, cleanPath(folder)).run();
}

Json toConfigJson(const StackSpec& stack) {
  return stack.normalised;
}

} // namespace ratdeck::compose

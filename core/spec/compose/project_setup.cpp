#include "core/spec/compose/project_setup.h"

#include "core/spec/compose/canonical.h"
#include "core/spec/compose/template.h"

#include <array>
#include <sys/stat.h>

namespace ratdeck::compose {

namespace {

std::string folderOf(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(separator, begin), text.size());
    auto part = text.substr(begin, end - begin);
    while (!part.empty() && part.front() == ' ')
      part.erase(0, 1);
    while (!part.empty() && part.back() == ' ')
      part.pop_back();
    if (!part.empty())
      parts.push_back(part);
    begin = end + separator.size();
  }
  return parts;
}

std::string valueOf(const Variables& variables, const char* name) {
  auto it = variables.find(name);
  return it == variables.end() ? std::string() : it->second;
}

class Setup {
public:
  Setup(const LoadRequest& request, const std::string& callerFolder, ModelReader& reader, Report& report)
      : m_request(request), m_callerFolder(callerFolder), m_reader(reader), m_report(report) {}

  ProjectSetup run() {
    m_setup.environment = m_request.environment;
    auto files = m_request.files;
    readEnvFiles(files.empty() ? m_callerFolder : folderOf(absolutePath(m_callerFolder, files.front())));
    if (files.empty())
      files = filesOfEnvironment();
    if (files.empty())
      files = findDefaultFiles(m_callerFolder);
    if (files.empty()) {
      m_report.fail(Error{ErrorKind::NotFound,
                          "no Compose file found in " + m_callerFolder + " or above it",
                          "name one with -f FILE",
                          {}});
      return m_setup;
    }
    takeFiles(files);
    readEnvFiles(m_setup.folder);
    takeProfiles();
    if (!m_report.hasFailed())
      takeName();
    return m_setup;
  }

private:
  std::vector<std::string> filesOfEnvironment() const {
    auto separator = valueOf(m_setup.environment, "COMPOSE_PATH_SEPARATOR");
    return split(valueOf(m_setup.environment, "COMPOSE_FILE"), separator.empty() ? ":" : separator);
  }

  void takeFiles(const std::vector<std::string>& files) {
    for (const auto& file : files) {
      if (file == "-") {
        m_report.fail(
            Error{ErrorKind::Usage, "a Compose file cannot be read from standard input", "name a file", {}});
        return;
      }
      SourceFile source;
      source.path = absolutePath(m_callerFolder, file);
      source.name = file;
      m_setup.files.push_back(source);
    }
    m_setup.shownFiles = files;
    m_setup.folder = folderOf(m_setup.files.front().path);
  }

  // Later files win over earlier ones, the environment over both.
  void readEnvFiles(const std::string& folder) {
    auto named = m_request.envFiles;
    if (named.empty())
      named = split(valueOf(m_request.environment, "COMPOSE_ENV_FILES"), ",");
    if (named.empty()) {
      auto disabled = valueOf(m_request.environment, "COMPOSE_DISABLE_ENV_FILE");
      auto beside = absolutePath(folder, ".env");
      if (disabled != "1" && disabled != "true" && exists(beside))
        named.push_back(beside);
    }
    if (m_report.hasFailed() || named == m_readEnvFiles)
      return;
    m_readEnvFiles = named;
    std::vector<SourceFile> files;
    for (const auto& file : named)
      files.push_back(m_reader.sourceFile(m_callerFolder, file));
    m_reader.readEnvFiles(files, m_setup.environment);
  }

  void takeProfiles() {
    m_setup.profiles = m_request.profiles;
    if (m_setup.profiles.empty())
      m_setup.profiles = split(valueOf(m_setup.environment, "COMPOSE_PROFILES"), ",");
  }

  void takeName() {
    auto given = m_request.projectName.value_or(valueOf(m_setup.environment, "COMPOSE_PROJECT_NAME"));
    if (!given.empty()) {
      if (normaliseProjectName(given) != given) {
        m_report.fail(Error{ErrorKind::Usage,
                            "invalid project name \"" + given +
                                "\": it must consist only of lowercase alphanumeric characters, hyphens, and "
                                "underscores as well as start with a letter or number",
                            "use the name " + normaliseProjectName(given + "x").substr(0, 60),
                            {}});
        return;
      }
      m_setup.name = given;
    } else {
      auto written = m_reader.projectName(m_setup.files);
      Lookup lookup = [this](const std::string& name) -> std::optional<std::string> {
        auto it = m_setup.environment.find(name);
        return it == m_setup.environment.end() ? std::nullopt : std::optional(it->second);
      };
      if (!m_report.hasFailed() && written.isText())
        m_setup.name =
            normaliseProjectName(substitute(written.text, lookup, written.place, "name", m_report));
      if (m_setup.name.empty())
        m_setup.name = normaliseProjectName(m_setup.folder.substr(m_setup.folder.rfind('/') + 1));
    }
    if (!m_report.hasFailed() && m_setup.name.empty())
      m_report.fail(
          Error{ErrorKind::Usage, "project name must not be empty", "give one with --project-name", {}});
    m_setup.environment["COMPOSE_PROJECT_NAME"] = m_setup.name;
  }

  const LoadRequest& m_request;
  const std::string& m_callerFolder;
  ModelReader& m_reader;
  Report& m_report;
  ProjectSetup m_setup;
  std::vector<std::string> m_readEnvFiles;
};

} // namespace

ProjectSetup setUpProject(const LoadRequest& request, const std::string& callerFolder, ModelReader& reader,
                          Report& report) {
  return Setup(request, callerFolder, reader, report).run();
}

std::string normaliseProjectName(const std::string& name) {
  std::string result;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
    bool isWord = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (isWord || (!result.empty() && (c == '_' || c == '-')))
      result += c;
  }
  return result;
}

std::vector<std::string> findDefaultFiles(const std::string& folder) {
  constexpr std::array<const char*, 4> names{"compose.yaml", "compose.yml", "docker-compose.yml",
                                             "docker-compose.yaml"};
  constexpr std::array<const char*, 4> overrides{"compose.override.yml", "compose.override.yaml",
                                                 "docker-compose.override.yml",
                                                 "docker-compose.override.yaml"};
  auto find = [](const std::string& at, const auto& candidates) -> std::string {
    for (const char* name : candidates)
      if (auto path = absolutePath(at, name); exists(path))
        return path;
    return {};
  };
  for (std::string at = folder; !at.empty(); at = at == "/" ? "" : folderOf(at)) {
    auto file = find(at, names);
    if (file.empty())
      continue;
    std::vector<std::string> files{file};
    if (auto over = find(at, overrides); !over.empty())
      files.push_back(over);
    return files;
  }
  return {};
}

} // namespace ratdeck::compose

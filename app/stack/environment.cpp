#include "app/stack/environment.h"

#include <filesystem>
#include <pwd.h>
#include <unistd.h>

extern char** environ;

namespace ratdeck {

namespace {

std::map<std::string, std::string> readVariables() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string text = *entry;
    auto equals = text.find('=');
    if (equals != std::string::npos)
      variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

std::string absolute(const std::map<std::string, std::string>& variables, const char* name) {
  auto it = variables.find(name);
  // The XDG rules: a path that is not absolute counts as not set.
  return it != variables.end() && !it->second.empty() && it->second.front() == '/' ? it->second
                                                                                   : std::string();
}

std::string homeOf(const std::map<std::string, std::string>& variables) {
  if (auto home = absolute(variables, "HOME"); !home.empty())
    return home;
  const auto* user = ::getpwuid(::geteuid());
  return user && user->pw_dir ? user->pw_dir : "/";
}

std::string actorName() {
  const auto* user = ::getpwuid(::geteuid());
  auto text = "uid " + std::to_string(::geteuid());
  return user && user->pw_name ? text + " (" + user->pw_name + ")" : text;
}

} // namespace

Environment Environment::read() {
  Environment result;
  result.variables = readVariables();
  auto home = homeOf(result.variables);
  auto state = absolute(result.variables, "XDG_STATE_HOME");
  auto config = absolute(result.variables, "XDG_CONFIG_HOME");
  auto runtime = absolute(result.variables, "XDG_RUNTIME_DIR");
  result.stateFolder = (state.empty() ? home + "/.local/state" : state) + "/ratdeck";
  result.configFolder = (config.empty() ? home + "/.config" : config) + "/ratdeck";
  if (!runtime.empty())
    result.runtimeFolder = runtime + "/ratdeck";
  else
    result.runtimeFolder = ::geteuid() == 0 ? "/run/ratdeck" : result.stateFolder + "/run";
  std::error_code error;
  result.workingFolder = std::filesystem::current_path(error).string();
  result.programFolder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
  result.actor = actorName();
  result.isStdoutTerminal = ::isatty(STDOUT_FILENO) == 1;
  result.hasTerminal = result.isStdoutTerminal && ::isatty(STDIN_FILENO) == 1;
  return result;
}

} // namespace ratdeck

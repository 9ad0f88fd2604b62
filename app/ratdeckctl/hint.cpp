#include "app/ratdeckctl/hint.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace ratdeck {

namespace {

std::string quoted(const std::string& word) {
  constexpr std::string_view plain = "_-./:=@%+,";
  bool isPlain = !word.empty() && std::all_of(word.begin(), word.end(), [&](unsigned char c) {
    return std::isalnum(c) || plain.find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (isPlain)
    return word;
  std::string text = "'";
  for (char c : word)
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

} // namespace

std::string commandLine(const Options& options, const std::string& words) {
  std::string line = "ratdeckctl " + words;
  auto add = [&](const char* option, const std::string& value) {
    line += std::string(" ") + option + " " + quoted(value);
  };
  if (options.isRuntimeNamed)
    add("--runtime", options.runtime);
  if (!options.context.empty())
    add("--context", options.context);
  if (options.sandbox != Options().sandbox)
    add("--sandbox", options.sandbox);
  if (!options.journalFolder.empty())
    add("--journal-dir", options.journalFolder);
  for (const auto& file : options.files)
    add("-f", file);
  for (const auto& file : options.envFiles)
    add("--env-file", file);
  for (const auto& profile : options.profiles)
    add("--profile", profile);
  if (options.projectName)
    add("-p", *options.projectName);
  return line;
}

} // namespace ratdeck

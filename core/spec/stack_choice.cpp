#include "core/spec/stack_choice.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace ratdeck {

std::string shellQuoted(const std::string& word) {
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

std::vector<std::string> optionsOf(const StackChoice& choice) {
  std::vector<std::string> words;
  auto add = [&](const char* option, const std::string& value) {
    words.push_back(option);
    words.push_back(value);
  };
  if (choice.isRuntimeNamed || choice.runtime != StackChoice().runtime)
    add("--runtime", choice.runtime);
  if (!choice.context.empty())
    add("--context", choice.context);
  if (choice.sandbox != StackChoice().sandbox)
    add("--sandbox", choice.sandbox);
  if (!choice.journalFolder.empty())
    add("--journal-dir", choice.journalFolder);
  for (const auto& file : choice.files)
    add("-f", file);
  for (const auto& file : choice.envFiles)
    add("--env-file", file);
  for (const auto& profile : choice.profiles)
    add("--profile", profile);
  if (choice.projectName)
    add("-p", *choice.projectName);
  return words;
}

std::string commandLine(const StackChoice& choice, const std::string& words) {
  std::string line = "ratdeckctl " + words;
  for (const auto& word : optionsOf(choice))
    line += " " + shellQuoted(word);
  return line;
}

} // namespace ratdeck

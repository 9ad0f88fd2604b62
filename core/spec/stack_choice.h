// Which stack at which target a person means: what stands on a command line, or was chosen in the window.
// Plain values, not checked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct StackChoice {
  std::vector<std::string> files; // Compose files as they are merged; empty = the sandbox's, or Compose's own
  std::vector<std::string> envFiles;
  std::vector<std::string> profiles;
  std::optional<std::string> projectName;
  std::map<std::string, std::string> setImages; // SERVICE -> IMAGE, :TAG or @DIGEST
  std::vector<std::string> services;            // only these; empty = all
  std::string runtime = "sandbox";
  bool isRuntimeNamed = false;
  std::string sandbox = "default";
  std::string context;       // of Docker; "" = what the environment says
  std::string journalFolder; // "" = the usual place

  bool operator==(const StackChoice&) const = default;
};

// The options that name this stack and target, one word each. Images to set and single services are left out.
std::vector<std::string> optionsOf(const StackChoice& choice);

// `ratdeckctl WORDS` with the options that name this stack and target, fit to be pasted into a shell. Images
// to set and single services are left to the words.
std::string commandLine(const StackChoice& choice, const std::string& words);

// A word as a POSIX shell reads it.
std::string shellQuoted(const std::string& word);

} // namespace ratdeck

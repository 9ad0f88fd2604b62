// Decisions typed at a terminal. It says what can be typed when something waits for a person, and turns a
// typed line into a command that names the very gate it was typed for.
#pragma once

#include "app/ratdeckctl/progress.h"

#include <QSocketNotifier>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ratdeck {

class Prompt {
public:
  using Submit = std::function<void(const Command&)>;
  // Reads stdin only if `isInteractive`.
  Prompt(bool isInteractive, Progress& progress, std::string actor, Submit submit);
  ~Prompt();

  // Says what can be typed, where the event asks for a person.
  void show(const Event& event, const RolloutState& state, bool asksForApprovals);

private:
  void readLine();
  void obey(const std::string& line);

  bool m_isInteractive;
  Progress& m_progress;
  std::string m_actor;
  Submit m_submit;
  std::string m_planHash;
  std::vector<std::string> m_drained; // services whose runs are waited for
  std::string m_buffer;
  std::unique_ptr<QSocketNotifier> m_notifier;
};

// "approve GATE [NOTE]", "reject GATE REASON", "wait|end|undo SERVICE [REASON]", "extend [SERVICE] [DURATION]
// [REASON]" where SERVICE may be left out if only one is `drained`, "hold", "continue", "abort REASON",
// "stop-here". Errors (kind Usage) say what can be typed.
Result<Command> parseTyped(const std::string& line, const std::string& planHash,
                           const std::vector<std::string>& drained = {});

} // namespace ratdeck

// The rollout as lines for people: one for each thing that happened, and on a terminal a last line that says
// what is awaited and until when. Writes to stdout; knows no engine.
#pragma once

#include "core/rollout/rollout.h"

#include <string>

namespace ratdeck {

class Progress {
public:
  struct Style {
    bool isTerminal = false; // may rewrite its last line
    bool hasColor = false;
    bool isSilent = false; // says nothing (JSON output)
  };
  explicit Progress(Style style);
  ~Progress();

  // `state` is the state after the event.
  void show(const Event& event, const RolloutState& state);
  // Rewrites the last line of a terminal; call it a few times a second.
  void showWaiting(const RolloutState& state, Instant now);
  // A line of its own above the waiting line.
  void line(const std::string& text);

private:
  void clearWaiting();
  Style m_style;
  bool m_hasWaiting = false;
};

} // namespace ratdeck

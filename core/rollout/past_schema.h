// What an undo goes past: changes of the schema that it cannot take back, takes back with a loss, or does not
// know of. A person must name them.
#pragma once

#include "core/rollout/rollout_state.h"

#include <set>
#include <string>
#include <vector>

namespace ratdeck {

// What becomes of a task in an undo.
enum class WayBack {
  Nothing, // it changed nothing, or is taken back already
  Down,    // its down takes it back
  Lossy,   // its down would, and loses data: it stays unless a person named its versions
  Closed,  // it stays, and so do those before it; what it did may not be known yet
};
WayBack wayBackOf(const RolloutState& state, const TaskPlan& plan);

// Schema versions, by name, that an undo goes past though code was replaced since.
struct PastSchema {
  std::vector<std::string> stays; // nothing takes them away, or nobody knows yet
  std::vector<std::string> lost;  // their down takes them away, with their data
  std::vector<std::string> gone;  // a rollback took them away, and nothing brings them back

  std::set<std::string> names() const;
  bool isEmpty() const { return stays.empty() && lost.empty() && gone.empty(); }
};
// What a person must name to undo it now. Each of `lost` is lost then.
PastSchema pastSchemaOf(const RolloutState& state);
// What the versions of before cannot work with: nothing is undone past it by itself. Nothing is `lost`.
PastSchema pastSchemaThatBlocks(const RolloutState& state);
// Some of that is still in hand: whether it blocks is known when it has ended.
bool isBlockInDoubt(const RolloutState& state);
// The versions of before do not work with what it did.
bool breaksOldCode(const TaskPlan& plan);
// Its down was to run before the code goes back, and failed: the code stays, unless a person named it before.
bool keepsCode(const RolloutState& state, const TaskPlan& plan);

// "schema 1.sql, 2.sql stays; the data of 3.sql is lost"; "" = nothing.
std::string toText(const PastSchema& past);

// Among what a person typed, parted by commas and blanks; the name may have some itself.
bool isNamedIn(const std::string& text, const std::string& name);

} // namespace ratdeck

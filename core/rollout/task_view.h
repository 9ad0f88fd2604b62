// Inside core/rollout: the questions about tasks that the rules, the deadlines and the reasons share.
#pragma once

#include "core/rollout/rollout_state.h"

#include <string>
#include <vector>

namespace ratdeck {

// Null for a task that the plan does not have.
const TaskPlan* planOf(const RolloutState& state, const TaskRollout& task);
const TaskRollout* taskOf(const RolloutState& state, const std::string& id);

// Its command, or one of its looks, is under way, or what it left is being cleared.
bool isInHand(const TaskRollout& task);
bool isTaskInHand(const RolloutState& state);
// A change of the schema other than this task's that is under way: what is seen of the versions meanwhile
// could be either's. `countsCode`: also what another service's new code migrates at its start. Null: none.
const TaskPlan* otherSchemaInHand(const RolloutState& state, const TaskSpec& spec, bool countsCode);
// Nothing waits for it any more: done, or its failure is passed over.
bool isSettled(const TaskRollout& task);
// The command that it runs now, or ran last, runs inside a running copy.
bool runsInCopy(const TaskPlan& plan, const TaskRollout& task);
// It failed, and that was not passed over.
bool hasFailed(const TaskRollout& task);

// The hooks after this service are done, and the schema that it migrates was read.
bool areTasksAfterDone(const RolloutState& state, const std::string& service);

// What it did to the schema is known: its versions were read before and after, and it does not run any more.
bool isChangeKnown(const TaskPlan& plan, const TaskRollout& task);
// The versions that it added (of one that takes back: removed), or may have: those it is known for, else its
// id; both of one that may still run. Empty: it did not begin, or is known to have changed nothing.
std::vector<std::string> versionsOf(const TaskPlan& plan, const TaskRollout& task);

// Its command ended in a failure that its down may follow.
bool mayFollowFailure(const TaskPlan& plan, const TaskRollout& task);

// Its command waits for another attempt, and is known not to have been begun by those before.
bool wasNeverBegun(const TaskRollout& task);

// Its command may begin: nothing is undone, held or stopped that it belongs to, or it is for that.
bool mayBegin(const RolloutState& state, const TaskSpec& task);
// It may not, and may when somebody ends the hold.
bool mayBeginLater(const RolloutState& state, const TaskSpec& task);
// Its next attempt, or the search for what one before has begun, comes at task.retryAt.
bool isRetryDue(const RolloutState& state, const TaskPlan& plan, const TaskRollout& task);

// An approval that nobody gives leads back; where that is no way, it waits for somebody who can be asked.
bool mayExpire(const RolloutState& state);

// Members of `now` that `before` does not have, in their order.
std::vector<std::string> gained(const std::vector<std::string>& before, const std::vector<std::string>& now);

} // namespace ratdeck

// Compares what is wanted with what runs. Pure: same input, same plan, byte for byte.
#pragma once

#include "core/plan/plan.h"
#include "core/spec/stack_spec.h"
#include "core/spec/world.h"

#include <set>
#include <string>
#include <vector>

namespace ratdeck {

struct PlanRequest {
  StackSpec wanted;
  World world;
  std::string hashKey;            // for specHash
  std::set<std::string> services; // named ones; empty = all but running infrastructure
  // The spec each running revision was started from, where the revision store has it: service -> normalised
  // service, for the list of changed fields.
  std::map<std::string, ServiceSpec> runningSpecs;
  // Where a copy is compared field by field instead of by its hash: service -> revision of the copy, 0 = not
  // ours -> the fields in which it differs from what is wanted, image aside; none = it is as wanted.
  std::map<std::string, std::map<int, std::vector<std::string>>> drift;
  bool hasPerson = true; // somebody can be asked (a terminal or a console)
  int nextRevision = 1;
  // Of a rollback, the newest first: the schema steps it goes past. Then no task of the stack runs but those
  // that take steps back.
  std::optional<std::vector<SchemaStep>> schemaPast;
  std::map<std::string, std::string>
      sqlTexts;            // by a task's id: SQL that its command names, as far as readable
  int adoptedRevision = 0; // the number under which copies that are not ours are adopted; 0 = they are not
  std::vector<Problem> schedule; // what windows and freezes say of this moment
  std::vector<Problem> doubts;   // of a rollback: what speaks against what it goes back to
};

// Errors: Usage for a service name that the stack does not have (with the nearest name).
Result<Plan> makePlan(const PlanRequest& request);

// The seconds-free identity of a plan: SHA-256 over specs, world, policy and steps. Paths, titles, reasons,
// estimates, problems and the number of the revision to come are not in it.
std::string planHash(const Plan& plan);

// What the hash of one plan covers and the other has differently, as words for people, the first twenty at
// most: "services.ratd.to_image: rat/ratd:2 -> rat/ratd:3". Empty where the hashes are equal.
std::vector<std::string> differences(const Plan& before, const Plan& now);

} // namespace ratdeck

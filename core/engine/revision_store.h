// What was deployed, by number: `FOLDER/N.json`, a Compose file in JSON that holds the whole stack (so that a
// person can use it by hand), with the number and the rollout under x-revision. Mode 0600: environments and
// secrets stand in it in full. The last ten are kept, and those that a running copy was started from.
// Contents of mounted files lie in `FOLDER/files`, by their SHA-256, as long as a revision names them.
//
// Only whoever holds the stack's lock writes. Reading is safe at any time.
#pragma once

#include "core/base/id.h"
#include "core/engine/engine_config.h"
#include "core/spec/stack_spec.h"

#include <set>
#include <string>
#include <vector>

namespace ratdeck {

struct Revision {
  int number = 0;
  RolloutId rollout;     // the one that made it
  std::string createdAt; // RFC 3339
  StackSpec stack;
  // Saved before it, one at most: what the rollout found running that was not ours.
  std::vector<Revision> adopted = {};
  // Saved before it over those of their numbers: earlier ones, of whose copies more is known by now.
  std::vector<Revision> amended = {};
  // Those that copies were started from that run when it is made: they stay.
  std::set<int> inUse = {};
};

class RevisionStore final : public SpecSource {
public:
  explicit RevisionStore(std::string folder);

  // The random key of this stack for specHash; made at first use. Errors: Internal.
  Result<std::string> hashKey();
  // Twelve hexadecimal digits that tell this store's revision numbers from those of others; follows from the
  // key. Errors: as hashKey().
  Result<std::string> id();
  // 1 + the highest number kept; 1 for an empty store.
  int nextNumber() const;
  std::vector<int> numbers() const;
  // Errors: NotFound, Input (damaged).
  Result<Revision> load(int number) const;
  // Writes it and prunes: keeps the last ten and Revision::inUse. Errors: Internal.
  Status save(const Revision& revision);

  // What a try starts its copies from is no revision: no list, no number and no load() knows it. serviceAt
  // finds it under the number it has, until forgetTried or the next save. Errors: Internal.
  Status saveTried(const Revision& revision);
  void forgetTried();

  Result<ServiceSpec> serviceAt(int revision, const std::string& service) const override;
  Result<StackSpec> stackAt(int revision) const override;

private:
  std::string pathOf(int number) const;
  std::string pathOfFile(const std::string& hash) const { return m_folder + "/files/" + hash; }
  void readFiles(StackSpec& stack) const;
  Status writeFiles(const StackSpec& stack);
  void forgetUnusedFiles();
  std::string pathOfTried() const { return m_folder + "/try.json"; }
  Result<Revision> read(const std::string& path, int number) const;
  Status write(const std::string& path, const Revision& revision);
  std::string m_folder;
};

} // namespace ratdeck

// Mounted configuration files as a part of a revision: a hash in the service, the content beside it.
#pragma once

#include "core/engine/revision_store.h"
#include "core/runtime/stack_target.h"

namespace ratdeck {

// Of these services, those that do not keep files already: what comes from an earlier revision has its own.
std::set<std::string> withoutKeptFiles(const StackSpec& stack, const std::set<std::string>& services);

// Writes them into the stack of a revision, for all services named; one without files keeps none.
void keepFiles(StackSpec& stack, const std::set<std::string>& services,
               const std::vector<MountedFile>& files);

} // namespace ratdeck

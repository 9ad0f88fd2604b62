// The SQL that migrations name, as far as it lies on this machine: for the plan's warning before they run.
#pragma once

#include "core/spec/stack_spec.h"

#include <map>
#include <string>

namespace ratdeck {

// By a task's id: the text of the .sql files that its `up` names, through the bind mounts of the service that
// it runs in; of a folder there all of its .sql files, by name. At most 1 MiB a file and 4 MiB a task; what
// cannot be read is left out. Errors: none.
std::map<std::string, std::string> sqlTextsOf(const StackSpec& stack);

} // namespace ratdeck

// Compose files -> StackSpec, by the rules of the Compose Specification as its reference loader reads them.
//
// It must not know of plans or runtimes, and it reads neither the process environment nor the network: the
// caller hands the environment over. The life of a load: find the files, read env files, name the project,
// read and merge the files (model_reader), normalise, pick the services of the active profiles, check, make
// JSON and specs.
#pragma once

#include "core/base/result.h"
#include "core/spec/stack_spec.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck::compose {

struct LoadRequest {
  std::vector<std::string>
      files; // -f, in order; empty: COMPOSE_FILE, else findDefaultFiles(workingDirectory)
  std::vector<std::string>
      envFiles; // --env-file; empty: COMPOSE_ENV_FILES, else `.env` beside the first file
  std::vector<std::string> profiles;              // --profile; empty: COMPOSE_PROFILES
  std::optional<std::string> projectName;         // --project-name
  std::map<std::string, std::string> environment; // of the caller
  std::string workingDirectory;                   // where the caller stands; "" = the process's folder
  std::map<std::string, std::string> setImages;   // SERVICE -> IMAGE, :TAG or @DIGEST
};

struct Loaded {
  StackSpec stack;
  std::vector<Error> warnings;
};

// Errors: Input with FILE:LINE:COLUMN for what is wrong in a file, Usage for what is wrong in the request,
// NotFound where there is no file. Bounded in time and memory for any input (budgets in report.h).
// Thread-safe.
Result<Loaded> load(const LoadRequest& request);

// compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml in `folder` or the nearest folder
// above it, with its override file; empty if there is none.
std::vector<std::string> findDefaultFiles(const std::string& folder);

// The shape of `docker compose config --format json`. Contains the environment: for `ratdeckctl config`
// alone.
Json toConfigJson(const StackSpec& stack);

} // namespace ratdeck::compose

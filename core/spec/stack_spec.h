// What should run: one project with its services. The immutable result of reading Compose files (or, later,
// manifests); everything below this layer works on it alone.
#pragma once

#include "core/spec/service_spec.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

struct StackSpec {
  std::string project;
  std::map<std::string, ServiceSpec> services; // the active ones: profiles are applied
  StackPolicy policy;
  std::vector<std::string> files; // as given, in order
  // The variables that secrets and configs take their content from; those that are not set are not here.
  std::map<std::string, Secret> variables;
  // Of a revision: contents of mounted files, by their SHA-256.
  std::map<std::string, Secret> keptFiles;
  // Everything, in the shape of `docker compose config --format json`.
  Json normalised;

  const ServiceSpec* find(const std::string& service) const;
};

// SHA-256 over what makes a copy of the service differ: image, command, environment, mounts … but not the
// number of copies, the update policy or x-ratdeck. Equal hash = no copy needs replacing. The environment
// enters hashed with `key` (random, one a stack, kept in its revision store), so that the result can stand in
// a plan or a journal and no password can be guessed from it.
std::string specHash(const ServiceSpec& service, const std::string& key);

// The version people see: the image's tag, else the start of its digest, else "latest".
std::string versionOf(const std::string& image);

} // namespace ratdeck

// One instance as its owner describes it: the body of PUT /v1/instances/ID.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ratdeck::sandbox {

struct RestartPolicy {
  enum class When { Never, OnFailure, Always } when = When::Never;
  int limit = 0; // OnFailure: at most that many; 0 = no limit
};

struct InstanceSpec {
  std::string id;
  std::string service;
  std::string image;
  std::string plays; // "" = as the service
  std::string address;
  std::vector<std::uint16_t> ports;
  std::map<std::string, std::string> environment;
  RestartPolicy restart;
  bool isOneShot = false;
  std::vector<std::string> command; // that it is made for; empty: it plays its service
  bool runsCommands = false;        // commands in it are really run on this machine
  Json shown;                       // every field but the environment and the command, as given

  // The image's tag; of a digest its first 12 characters; "latest" without either.
  std::string version() const;
};

// Errors (kind Input): an id that is no plain name, no service, no address, values of another type.
Result<InstanceSpec> readInstanceSpec(const std::string& id, const std::string& body);

} // namespace ratdeck::sandbox

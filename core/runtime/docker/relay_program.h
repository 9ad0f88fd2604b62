// The file of the relay's program on this machine, and whether a container of an engine can run it.
#pragma once

#include "core/base/result.h"
#include "core/remote/docker/docker_daemon.h"
#include "core/spec/world.h"

#include <optional>
#include <string>
#include <string_view>

namespace ratdeck {

inline constexpr const char* noRelay = "no-relay"; // the code of a finding

// Errors: NotFound (it is not there, or is larger than one file may be that goes into a container).
Result<std::string> readRelayProgram(const std::string& path);

// The machine that an ELF program is for, as uname names it: "x86_64"; "" = no program, or another machine.
std::string machineOf(std::string_view program);

// That no container of this engine could run the program at `path`, with what to do; `engine` is its title.
std::optional<TargetFinding> relayFinding(const std::string& path, const DockerInfo& info,
                                          const std::string& engine);

} // namespace ratdeck

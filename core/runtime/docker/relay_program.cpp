#include "core/runtime/docker/relay_program.h"

#include "core/base/file.h"
#include "core/remote/docker/docker_file.h"

#include <elf.h>

#include <cstdint>

namespace ratdeck {

namespace {

struct Machine {
  std::uint16_t number; // e_machine
  const char* name;
};

constexpr Machine machines[] = {{EM_X86_64, "x86_64"}, {EM_AARCH64, "aarch64"}, {EM_ARM, "armv7l"},
                                {EM_RISCV, "riscv64"}, {EM_PPC64, "ppc64le"},   {EM_S390, "s390x"}};

} // namespace

Result<std::string> readRelayProgram(const std::string& path) {
  auto text = readFile(path, largestDockerFile);
  if (!text)
    return failure(ErrorKind::NotFound,
                   "the relay's program " + path + " cannot be read: " + text.error().message,
                   "it is installed beside ratdeckctl");
  return text;
}

std::string machineOf(std::string_view program) {
  constexpr std::size_t machineAt = 18; // in a head of 32 and of 64 bits
  if (program.size() < machineAt + 2 || !program.starts_with(ELFMAG))
    return {};
  const auto byteAt = [&](std::size_t place) {
    return static_cast<unsigned>(static_cast<unsigned char>(program[place]));
  };
  const bool isBigEndian = byteAt(EI_DATA) == ELFDATA2MSB;
  const unsigned number = isBigEndian ? byteAt(machineAt) << 8 | byteAt(machineAt + 1)
                                      : byteAt(machineAt) | byteAt(machineAt + 1) << 8;
  for (const Machine& machine : machines)
    if (machine.number == number)
      return machine.name;
  return {};
}

std::optional<TargetFinding> relayFinding(const std::string& path, const DockerInfo& info,
                                          const std::string& engine) {
  const auto found = [&](std::string what) {
    return TargetFinding{
        TargetFinding::Weight::Blocks,
        noRelay,
        "",
        "the containers of the engine at " + engine +
            " are not reached from here, and are asked through ratdeck-relay: " + std::move(what),
        {}};
  };
  const auto program = readRelayProgram(path);
  if (!program)
    return found(program.error().message + "; put it there, or run ratdeckctl on the engine's machine");
  const std::string machine = machineOf(*program);
  if (machine == info.architecture)
    return {};
  return found(path + " is for " + (machine.empty() ? std::string("another machine") : machine) +
               ", the engine is " + info.architecture + "; put the ratdeck-relay of a build for " +
               info.architecture + " there, or run ratdeckctl on the engine's machine");
}

} // namespace ratdeck

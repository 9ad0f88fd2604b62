// What a load has found so far: the first error, the warnings, the files read and the budgets left.
// Steps report here and go on or return early; the driver looks between the steps. One load, one thread.
#pragma once

#include "core/base/error.h"
#include "core/spec/compose/node.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck::compose {

// Budgets of one load, all files together. What goes beyond is an error, never a hang or a full memory.
inline constexpr size_t maxFileBytes = 1 << 20;
inline constexpr size_t maxTotalBytes = 8 << 20;
inline constexpr size_t maxFiles = 500;
inline constexpr size_t maxNodes = 250'000; // aliases, merges, extends and includes unfolded: see copyCost
inline constexpr int maxDepth = 60;         // of nested values; JSON readers stop at 64
inline constexpr size_t maxEntries = 4'000; // of one mapping or list, as written
inline constexpr size_t maxPorts = 20'000;  // ranges unfolded
inline constexpr long long maxReplicas = 1'000;
inline constexpr int maxTemplateDepth = 100;     // ${A:-${B:-…
inline constexpr size_t maxValueBytes = 1 << 20; // of one interpolated value
inline constexpr size_t maxTextBytes = 32 << 20; // of all values taken from variables

class Report {
public:
  // Keeps the first error only.
  void fail(Place place, std::string message, std::string next = {});
  void fail(Error error);
  void warn(Place place, std::string message, std::string next = {});
  bool hasFailed() const { return m_error.has_value(); }
  const Error& error() const { return *m_error; }
  const std::vector<Error>& warnings() const { return m_warnings; }

  // Registers a file and counts it. Fails over maxFiles or maxTotalBytes.
  std::uint16_t addFile(const std::string& name, size_t bytes);
  SourceLocation locate(Place place) const;

  // Takes n from a budget; false, after fail(), where nothing is left.
  bool takeNodes(size_t n, Place place);
  bool takePorts(size_t n, Place place);
  bool takeText(size_t n, Place place);

private:
  std::optional<Error> m_error;
  std::vector<Error> m_warnings;
  std::vector<std::string> m_files;
  size_t m_bytes = 0;
  size_t m_nodes = 0;
  size_t m_ports = 0;
  size_t m_text = 0;
};

} // namespace ratdeck::compose

// The faults told for each service, and what follows for copies that run and for copies started later.
#pragma once

#include "app/sandbox/fault.h"

#include <map>

namespace ratdeck::sandbox {

class FaultBook {
public:
  // Replaces the one of the same kind.
  void set(const std::string& service, Fault fault);
  void clear(const std::string& service) { m_faults.erase(service); }
  // Those that a copy started now is born with.
  std::vector<Fault> forNewCopy(const std::string& service) const;
  const std::map<std::string, std::vector<Fault>>& all() const { return m_faults; }

private:
  std::map<std::string, std::vector<Fault>> m_faults;
};

// The list with the fault in place of one of its kind.
std::vector<Fault> withFault(std::vector<Fault> faults, Fault fault);

} // namespace ratdeck::sandbox

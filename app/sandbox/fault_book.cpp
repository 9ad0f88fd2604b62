#include "app/sandbox/fault_book.h"

namespace ratdeck::sandbox {

std::vector<Fault> withFault(std::vector<Fault> faults, Fault fault) {
  std::erase_if(faults, [&](const Fault& other) { return other.kind == fault.kind; });
  faults.push_back(std::move(fault));
  return faults;
}

void FaultBook::set(const std::string& service, Fault fault) {
  m_faults[service] = withFault(std::move(m_faults[service]), std::move(fault));
}

std::vector<Fault> FaultBook::forNewCopy(const std::string& service) const {
  std::vector<Fault> faults;
  if (auto it = m_faults.find(service); it != m_faults.end())
    for (const auto& fault : it->second)
      if (appliesToLater(fault) && fault.kind != FaultKind::Runs)
        faults.push_back(fault);
  return faults;
}

} // namespace ratdeck::sandbox

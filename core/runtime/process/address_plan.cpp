#include "core/runtime/process/address_plan.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

constexpr int maxServices = 254;
constexpr int firstInstanceByte = 10;
constexpr int instancesPerService = 245; // .10 to .254

} // namespace

AddressPlan::AddressPlan(std::string subnet) : m_subnet(std::move(subnet)) {}

AddressPlan AddressPlan::movedTo(std::string subnet) const {
  AddressPlan moved = *this;
  moved.m_subnet = std::move(subnet);
  return moved;
}

Result<bool> AddressPlan::add(std::vector<std::string> services) {
  std::sort(services.begin(), services.end());
  int last = 0;
  for (const auto& [service, number] : m_numbers)
    last = std::max(last, number);
  std::map<std::string, int> numbers = m_numbers;
  for (const std::string& service : services)
    if (numbers.emplace(service, last + 1).second)
      ++last;
  if (last > maxServices)
    return failure(ErrorKind::Refused, "a sandbox has addresses for 254 services and these are more",
                   "start another sandbox for the rest of them");
  const bool isChanged = numbers.size() != m_numbers.size();
  m_numbers = std::move(numbers);
  return isChanged;
}

std::vector<std::string> AddressPlan::services() const {
  std::vector<std::string> names;
  for (const auto& [name, number] : m_numbers)
    names.push_back(name);
  return names;
}

std::string AddressPlan::frontend(const std::string& service) const {
  const auto found = m_numbers.find(service);
  return found == m_numbers.end() ? std::string() : m_subnet + '.' + std::to_string(found->second) + ".1";
}

std::string AddressPlan::instance(const std::string& service, int number) const {
  const auto found = m_numbers.find(service);
  if (found == m_numbers.end())
    return {};
  const int byte = firstInstanceByte + std::max(number - 1, 0) % instancesPerService;
  return m_subnet + '.' + std::to_string(found->second) + '.' + std::to_string(byte);
}

Json AddressPlan::toJson() const {
  return {{"subnet", m_subnet}, {"services", m_numbers}};
}

Result<AddressPlan> AddressPlan::fromJson(const Json& value) {
  AddressPlan plan(textAt(value, "subnet"));
  const Json& services = memberAt(value, "services");
  if (plan.m_subnet.empty() || !services.is_object())
    return failure(ErrorKind::Input, "this is not a sandbox's address plan: it needs a subnet and services");
  std::set<int> taken;
  for (const auto& [service, number] : services.items()) {
    if (!number.is_number_integer() || number < 1 || number > maxServices ||
        !taken.insert(number.get<int>()).second)
      return failure(ErrorKind::Input,
                     "the number of service " + service + " is not one of its own from 1 to 254");
    plan.m_numbers.emplace(service, number.get<int>());
  }
  return plan;
}

} // namespace ratdeck

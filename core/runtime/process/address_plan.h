// Which loopback addresses the services of a sandbox have: service number N owns SUBNET.N.1, where the router
// listens on its ports, and its copies have SUBNET.N.10 and up. Pure; address_file.h keeps it on disk.
//
// A service keeps its number for the sandbox's life: running copies carry mapped addresses in their
// environment.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

class AddressPlan {
public:
  AddressPlan() = default;
  // `subnet`: the first two bytes, "127.77".
  explicit AddressPlan(std::string subnet);

  const std::string& subnet() const { return m_subnet; }
  // The same numbers in another subnet.
  AddressPlan movedTo(std::string subnet) const;

  // Gives each service that has no number yet the next one, in the order of their names; true if there was
  // one. Errors: Refused (over 254 services).
  Result<bool> add(std::vector<std::string> services);

  // Those that have a number, in the order of their names.
  std::vector<std::string> services() const;
  // "" for a service without a number.
  std::string frontend(const std::string& service) const;
  // The address of copy `number` (1, 2, …; any two of 245 in a row differ); "" for a service without a
  // number.
  std::string instance(const std::string& service, int number) const;

  Json toJson() const;
  // Errors: Input.
  static Result<AddressPlan> fromJson(const Json& value);

  bool operator==(const AddressPlan&) const = default;

private:
  std::string m_subnet;
  std::map<std::string, int> m_numbers; // service -> the third byte, 1 to 254
};

} // namespace ratdeck

#include "core/remote/local_addresses.h"

#include <QNetworkInterface>

namespace ratdeck {

std::vector<std::string> localAddresses() {
  std::vector<std::string> addresses;
  for (const QHostAddress& address : QNetworkInterface::allAddresses())
    addresses.push_back(address.toString().toStdString());
  return addresses;
}

} // namespace ratdeck

// What the router of the shipped stack counts, second by second, under 300 requests/s from outside: 240 at
// ratd, 60 at portal, and what these cause behind them. The copies that serve share a service's requests;
// the same seconds give the same counts.
#pragma once

#include "core/base/id.h"
#include "core/base/json.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck::test {

struct RoutedCopy {
  std::string service;
  InstanceId id;
  bool isNew = false;
  bool isDraining = false; // takes no new requests, and has some in flight
};

class ShippedTraffic {
public:
  // By service: the share of its new version's answers that are 5xx.
  std::map<std::string, double> failing;

  // The detail of a Sampled event for the next second. The first one after `restart` is a base line.
  Json count(const std::vector<RoutedCopy>& copies);
  void restart() { m_isBaseLine = true; }

  // Of ratd and portal, since the beginning.
  long long requests() const { return m_requests; }
  long long failed() const { return m_failed; }

private:
  Json countsOf(const RoutedCopy& copy, int requests);

  int m_second = 0;
  bool m_isBaseLine = true;
  long long m_requests = 0, m_failed = 0;
  std::map<InstanceId, double> m_owed; // errors that are not whole yet
};

} // namespace ratdeck::test

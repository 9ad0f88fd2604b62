// What a user of RAT does over ratd's API: begins runs, and looks what became of them.
#pragma once

#include "core/base/json.h"
#include "core/remote/http/http_client.h"

#include <string>
#include <vector>

namespace ratdeck {

class RatApi {
public:
  // `ratd`: HOST:PORT, as users reach it.
  explicit RatApi(const std::string& ratd) : m_base("http://" + ratd) {}

  // Their ids; fewer where one could not be begun.
  std::vector<std::string> beginRuns(int count, Duration length);
  // "running running success", in the order of the ids; "?" for one that ratd does not list.
  std::string statusOf(const std::vector<std::string>& runs);
  // Waits until statusOf says that; answers what it says last.
  std::string waitForStatus(const std::vector<std::string>& runs, const std::string& status,
                            int timeoutMs = 30000);
  // What its reaper counts with.
  bool setReaper(int timeoutMinutes, int tickMinutes);

private:
  Json ask(const std::string& method, const std::string& path, const Json& body = {});

  std::string m_base;
  HttpClient m_http;
};

} // namespace ratdeck

// What stands behind ratd's /health/ready: real questions to postgres, s3, runner and query, asked at most
// once a second however often the page is read.
#pragma once

#include "app/sandbox/grpc_clients.h"
#include "app/sandbox/http_pool.h"

#include <map>
#include <vector>

namespace ratdeck::sandbox {

class Readiness {
public:
  // Null = not configured, which counts as failed. All must outlive this object.
  Readiness(HttpPool* postgres, HttpPool* s3, RunnerClient* runner, QueryClient* query);

  // `done` gets "postgres" -> "ok" or what is wrong, and so on.
  using Checks = std::map<std::string, std::string>;
  void check(std::function<void(const Checks&)> done);

private:
  void ask();
  void answered(const std::string& name, const std::string& text);
  void askPage(const char* name, HttpPool* pool, const char* path);

  HttpPool* m_postgres;
  HttpPool* m_s3;
  RunnerClient* m_runner;
  QueryClient* m_query;
  Checks m_last;
  Checks m_next;
  BootTime m_when{};
  std::vector<std::function<void(const Checks&)>> m_waiting;
};

} // namespace ratdeck::sandbox

// Asks a Prometheus server, by its HTTP API v1, and services for what they expose themselves.
//
// It knows nothing of rollouts. The token and the password are sent and never shown.
#pragma once

#include "core/base/duration.h"
#include "core/base/secret.h"
#include "core/remote/call.h"
#include "core/remote/http/http_sender.h"
#include "core/remote/prometheus/prometheus_answer.h"

#include <memory>
#include <string>

namespace ratdeck {

struct PrometheusEndpoint {
  std::string baseUrl; // http(s)://HOST:PORT, with the prefix where the server has one
  Secret token;        // empty: none is sent
  std::string user;    // of basic authentication; empty: none
  Secret password;
  HttpTls tls;
  Duration timeout = 5s; // of each question, here and in the server
};

class PrometheusClient {
public:
  // `http` must outlive this client.
  PrometheusClient(HttpSender& http, PrometheusEndpoint endpoint);
  ~PrometheusClient(); // cancels what is under way
  PrometheusClient(const PrometheusClient&) = delete;
  PrometheusClient& operator=(const PrometheusClient&) = delete;

  // The value of the query now, by the server's clock. Errors: those of HttpSender::send and of
  // parsePrometheusAnswer.
  void query(const std::string& query, Answer<PrometheusAnswer> done);
  // Its values from one time to the other, `step` apart (more than 0). Errors: as query(); Input (an end
  // before its begin, a step of 0).
  void queryRange(const std::string& query, WallTime begin, WallTime end, Duration step,
                  Answer<PrometheusAnswer> done);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

// What a service exposes at this URL now. Errors: those of HttpSender::send and of parseExposition; Refused
// (401, 403), NotFound (404), Internal (another status than 200).
CallId scrapeMetrics(HttpSender& http, const std::string& url, Duration timeout, Answer<Exposition> done);

} // namespace ratdeck

// Where a number about a service's requests is read: how many of them fail, or how long they take. Plain
// values, as a file says them; core/runtime/measure.h reads them.
#pragma once

#include "core/base/duration.h"
#include "core/base/id.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ratdeck {

enum class MeasurementSource { Router, Prometheus, Scrape, RequestLog };

enum class MeasuredQuantity {
  ErrorRatio, // failed requests in all requests, 0 to 1
  Latency,    // a quantile of the time a request takes, in seconds
};

// How a Prometheus server is to know us: by a token, by a user with a password, or not at all. Secrets are
// named here, never held.
struct PrometheusLogin {
  std::string tokenEnv;    // the variable, of who runs the engine, that holds a bearer token; "" = none
  std::string user;        // basic authentication; "" = none
  std::string passwordEnv; // the variable that holds its password
  bool operator==(const PrometheusLogin&) const = default;
};

// An instant query; its answer is a scalar or one series. `{{window}}` in a query stands for the window as
// Prometheus writes durations (30s, 1500ms). It is asked from this machine.
struct PrometheusSource {
  std::string url;      // of the server: http(s)://HOST:PORT[/PREFIX], without a user
  std::string query;    // the ratio, or the seconds
  std::string requests; // a query: how many requests the value rests on; "" = not known
  PrometheusLogin login;
  bool operator==(const PrometheusSource&) const = default;
};

// The text exposition of the copies themselves, each asked at its own address. Metrics are named as
// NAME{label="PATTERN",…}, where a pattern stands for the whole value and each `.` in it for any character;
// all series that fit are added up.
struct ScrapeSource {
  std::uint16_t port = 0;
  std::string path = "/metrics";
  std::string errors, requests; // counters, for a ratio
  std::string histogram;        // without _bucket, in seconds, for a latency
  bool operator==(const ScrapeSource&) const = default;
};

enum class LogTimeUnit { Nanoseconds, Microseconds, Milliseconds, Seconds };

// One JSON object a line, as Go's slog writes it, of which those with a status are requests.
struct RequestLogSource {
  std::string status = "status";               // the field of the HTTP status
  std::string duration = "duration";           // the field of the time: Go's text ("1.5ms"), or a number …
  LogTimeUnit unit = LogTimeUnit::Nanoseconds; // … of these
  std::string path = "path";                   // the field of the path
  std::vector<std::string> ignored = {"/health/ready"}; // paths that probes ask, not users
  bool operator==(const RequestLogSource&) const = default;
};

struct MeasurementSpec {
  MeasurementSource source = MeasurementSource::Router;
  MeasuredQuantity quantity = MeasuredQuantity::ErrorRatio;
  std::string service;    // Router, Scrape, RequestLog: whose requests; "" = the one the gate is of
  double quantile = 0.99; // of a Latency: above 0, below 1; a Router knows its mean only, and takes none
  PrometheusSource prometheus;
  ScrapeSource scrape;
  RequestLogSource log;
  Duration timeout = 5s; // of one question
  // Router, Scrape, RequestLog: this copy alone; empty: all the running copies of the service together. Who
  // asks sets it; no file does.
  InstanceId copy;
  bool operator==(const MeasurementSpec&) const = default;
};

} // namespace ratdeck

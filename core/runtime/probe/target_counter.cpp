#include "core/runtime/probe/target_counter.h"

#include "core/base/json.h"
#include "core/remote/http/http_client.h"
#include "core/remote/outbox.h"
#include "core/runtime/probe/probe_judgement.h"

#include <charconv>
#include <cmath>

namespace ratdeck {

namespace {

constexpr Duration countTimeout = 5s;
constexpr Duration countWindow = 1s; // a query of a count does not speak of it

Result<long long> wholeOf(double value) {
  constexpr double most = 1e15;
  if (!(value >= 0 && value <= most))
    return failure(ErrorKind::Internal, "the count is not a number from 0");
  return static_cast<long long>(std::ceil(value));
}

const Json* memberOf(const Json& value, const std::string& key) {
  if (value.is_object()) {
    const auto found = value.find(key);
    return found == value.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool isIndex = value.is_array() && error == std::errc() && stop == key.data() + key.size();
  return isIndex && index < value.size() ? &value[index] : nullptr;
}

} // namespace

Result<long long> countOf(std::string_view text) {
  const auto isBlank = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20;
  };
  while (!text.empty() && isBlank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back()))
    text.remove_suffix(1);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size())
    return failure(ErrorKind::Internal, "the count is not a number");
  return wholeOf(value);
}

Result<long long> countIn(std::string_view body, const std::string& field) {
  if (field.empty())
    return countOf(body);
  const auto json = parseJson(body);
  if (!json)
    return failure(ErrorKind::Internal, "the count's answer is " + json.error().message);
  const Json* at = &*json;
  for (std::size_t begin = 0; at && begin <= field.size();) {
    const auto end = std::min(field.find('.', begin), field.size());
    at = memberOf(*at, field.substr(begin, end - begin));
    begin = end + 1;
  }
  if (!at || !at->is_number())
    return failure(ErrorKind::Internal, "the count's answer has no number at " + field);
  return wholeOf(at->get<double>());
}

struct TargetCounter::Impl {
  void exec(const WorkCount& spec, const InstanceId& id, Callback<long long> done);
  void get(const WorkCount& spec, const std::string& address, Callback<long long> done);
  void ask(const WorkCount& spec, Callback<long long> done);
  void refuse(std::string why, Callback<long long> done) {
    outbox.post([error = Error{ErrorKind::Input, std::move(why), {}, {}}, done = std::move(done)] {
      done(failure(error));
    });
  }

  Runtime& runtime;
  Meter& meter;
  std::function<HttpSender*()> http;
  HttpClient ownHttp;
  Outbox outbox;
  // Answers come from objects that may outlive us.
  std::shared_ptr<bool> life = std::make_shared<bool>(true);
};

void TargetCounter::Impl::exec(const WorkCount& spec, const InstanceId& id, Callback<long long> done) {
  if (spec.command.empty())
    return refuse("the command that counts active work is not known any more", std::move(done));
  runtime.exec(id, spec.command, countTimeout,
               [alive = std::weak_ptr(life), done = std::move(done)](const Result<ExecReport>& report) {
                 if (alive.expired())
                   return;
                 if (!report)
                   return done(failure(report.error()));
                 if (report->exitCode != 0)
                   return done(failure(ErrorKind::Refused, "the command that counts active work ended with " +
                                                               std::to_string(report->exitCode)));
                 done(countOf(report->output));
               });
}

void TargetCounter::Impl::get(const WorkCount& spec, const std::string& address, Callback<long long> done) {
  if (spec.port == 0 || address.empty())
    return refuse("the count of active work has no address to ask", std::move(done));
  ProbeSpec place;
  place.port = spec.port;
  HttpRequest request;
  request.url = "http://" + endpointOf(place, address) + (spec.path.starts_with('/') ? "" : "/") + spec.path;
  request.headers = {{"Accept", "application/json"}};
  request.timeout = countTimeout;
  request.maxBody = 1u << 20;
  request.freshConnection = true; // no pooled one answers for a copy that is gone
  HttpSender* sender = http ? http() : nullptr;
  (sender ? *sender : ownHttp)
      .send(std::move(request), [alive = std::weak_ptr(life), field = spec.field,
                                 done = std::move(done)](const Result<HttpResponse>& response) {
        if (alive.expired())
          return;
        if (!response)
          return done(failure(response.error()));
        if (response->status < 200 || response->status > 299)
          return done(
              failure(ErrorKind::Refused, "the count was answered with " + std::to_string(response->status)));
        done(countIn(response->body, field));
      });
}

void TargetCounter::Impl::ask(const WorkCount& spec, Callback<long long> done) {
  if (spec.url.empty() || spec.query.empty())
    return refuse("the Prometheus server that counts active work is not known any more", std::move(done));
  MeasurementSpec measured;
  measured.source = MeasurementSource::Prometheus;
  measured.prometheus.url = spec.url;
  measured.prometheus.query = spec.query;
  measured.prometheus.login = spec.login;
  measured.timeout = countTimeout;
  meter.measure(measured, countWindow,
                [alive = std::weak_ptr(life), done = std::move(done)](Result<Measurement> seen) {
                  if (alive.expired())
                    return;
                  if (!seen)
                    return done(failure(seen.error()));
                  done(seen->value ? wholeOf(*seen->value)
                                   : failure(ErrorKind::Internal, "the query that counts active work has no "
                                                                  "number: " +
                                                                      seen->note));
                });
}

TargetCounter::TargetCounter(Runtime& runtime, Meter& meter, std::function<HttpSender*()> http)
    : m_impl(new Impl{runtime, meter, std::move(http), {}, {}}) {}
TargetCounter::~TargetCounter() = default;

void TargetCounter::count(const WorkCount& spec, const InstanceId& id, const std::string& address,
                          Callback<long long> done) {
  switch (spec.kind) {
  case CountKind::Command:
    return m_impl->exec(spec, id, std::move(done));
  case CountKind::Http:
    return m_impl->get(spec, address, std::move(done));
  case CountKind::Prometheus:
    return m_impl->ask(spec, std::move(done));
  }
}

} // namespace ratdeck

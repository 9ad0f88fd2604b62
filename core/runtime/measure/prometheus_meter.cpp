#include "core/runtime/measure/prometheus_meter.h"

#include "core/remote/prometheus/prometheus_client.h"
#include "core/runtime/steps.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

// One measurement under way.
struct PrometheusMeter::Round {
  Round(HttpSender& http, PrometheusEndpoint endpoint) : client(http, std::move(endpoint)) {}
  PrometheusClient client;
  PrometheusAnswer value, requests;
};

namespace {

void addNote(Measurement& measurement, const std::string& text) {
  if (!text.empty())
    measurement.note += (measurement.note.empty() ? "" : "; ") + text;
}

Result<Measurement> measurementOf(const PrometheusAnswer& value, const PrometheusAnswer* requests,
                                  Duration window) {
  const auto reading = value.reading();
  if (!reading)
    return failure(reading.error());
  Measurement measurement;
  measurement.value = reading->value;
  measurement.note = reading->why;
  measurement.covered = window;
  for (const std::string& warning : value.warnings)
    addNote(measurement, "Prometheus warns: " + warning);
  if (!requests)
    return measurement;
  const auto count = requests->reading();
  if (!count)
    return failure(count.error());
  if (count->value && *count->value >= 0 && *count->value < 1e15)
    measurement.samples = std::llround(*count->value);
  return measurement;
}

} // namespace

SecretSource secretsIn(std::map<std::string, std::string> environment) {
  return [environment = std::move(environment)](const std::string& variable) -> std::optional<Secret> {
    const auto found = environment.find(variable);
    return found == environment.end() ? std::nullopt : std::optional(Secret(found->second));
  };
}

std::string queryOver(const std::string& query, Duration window) {
  constexpr std::string_view placeholder = "{{window}}";
  const auto milliseconds = std::max<long long>(1, window / 1ms);
  const std::string text = milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s"
                                                    : std::to_string(milliseconds) + "ms";
  std::string result = query;
  for (auto at = result.find(placeholder); at != std::string::npos; at = result.find(placeholder, at))
    result.replace(at, placeholder.size(), text);
  return result;
}

PrometheusMeter::~PrometheusMeter() = default;

Result<Secret> PrometheusMeter::secretOf(const std::string& variable) const {
  if (variable.empty())
    return Secret();
  auto secret = m_secrets ? m_secrets(variable) : std::nullopt;
  if (!secret)
    return failure(ErrorKind::Input, "the environment variable " + variable + " is not set",
                   "set it to the secret that Prometheus asks for");
  return *secret;
}

Result<std::shared_ptr<PrometheusMeter::Round>> PrometheusMeter::begin(const PrometheusSource& source,
                                                                       Duration timeout) {
  auto token = secretOf(source.login.tokenEnv);
  auto password = secretOf(source.login.passwordEnv);
  if (!token || !password)
    return failure(token ? password.error() : token.error());
  return std::make_shared<Round>(
      m_http, PrometheusEndpoint{source.url, *token, source.login.user, *password, {}, timeout});
}

void PrometheusMeter::measure(const MeasurementSpec& spec, Duration window, Callback<Measurement> done) {
  auto begun = begin(spec.prometheus, spec.timeout);
  if (!begun)
    return m_outbox.post([error = begun.error(), done = std::move(done)] { done(failure(error)); });
  Round* round = begun->get();
  m_open.insert(*begun);
  const auto ask = [round, window](const std::string& query, PrometheusAnswer& place) -> Step {
    return [round, text = queryOver(query, window), &place](Callback<Done> next) {
      round->client.query(text, [&place, next = std::move(next)](Result<PrometheusAnswer> answer) {
        if (!answer)
          return next(failure(answer.error()));
        place = std::move(*answer);
        next(Done{});
      });
    };
  };
  const bool knowsRequests = !spec.prometheus.requests.empty();
  std::vector<Step> steps = {ask(spec.prometheus.query, round->value)};
  if (knowsRequests)
    steps.push_back(ask(spec.prometheus.requests, round->requests));
  runTogether(std::move(steps), [this, kept = std::weak_ptr(*begun), window, knowsRequests,
                                 done = std::move(done)](Result<Done> asked) {
    const auto round = kept.lock();
    m_open.erase(round);
    m_outbox.post([round] {}); // its client is still answering
    done(asked ? measurementOf(round->value, knowsRequests ? &round->requests : nullptr, window)
               : failure(asked.error()));
  });
}

} // namespace ratdeck

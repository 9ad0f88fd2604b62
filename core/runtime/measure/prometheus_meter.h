// Measures by the queries of a Prometheus server.
#pragma once

#include "core/base/secret.h"
#include "core/remote/http/http_client.h"
#include "core/remote/outbox.h"
#include "core/runtime/measure.h"

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace ratdeck {

// The value of a variable of who runs the engine; none where it is not set.
using SecretSource = std::function<std::optional<Secret>(const std::string& variable)>;
SecretSource secretsIn(std::map<std::string, std::string> environment);

class PrometheusMeter final : public Meter {
public:
  // `secrets` may be empty: no variable is set.
  explicit PrometheusMeter(SecretSource secrets) : m_secrets(std::move(secrets)) {}
  ~PrometheusMeter() override; // cancels what is under way

  // Errors: as the port has it; Input too where a variable that the spec names is not set.
  void measure(const MeasurementSpec& spec, Duration window, Callback<Measurement> done) override;

private:
  struct Round;
  Result<Secret> secretOf(const std::string& variable) const;
  Result<std::shared_ptr<Round>> begin(const PrometheusSource& source, Duration timeout);

  SecretSource m_secrets;
  HttpClient m_http;
  Outbox m_outbox;
  std::set<std::shared_ptr<Round>> m_open; // after m_http, which their clients name
};

// `{{window}}` in a query, as Prometheus writes durations: "30s", "1500ms".
std::string queryOver(const std::string& query, Duration window);

} // namespace ratdeck

#include "app/ratdeck/sandbox_controls.h"

#include "app/stack/await.h"
#include "app/stack/stack_source.h"

namespace ratdeck {

namespace {

std::optional<double> numberOrNothing(const Json& report, const char* key) {
  const auto& number = memberAt(report, key);
  return number.is_number() ? std::optional(number.get<double>()) : std::nullopt;
}

LoadFacts factsOf(const Json& report) {
  LoadFacts facts;
  facts.requests = integerAt(report, "requests");
  facts.failed = integerAt(report, "failed");
  facts.requestsLastSecond = numberAt(report, "rate_last_s");
  facts.p50Ms = numberOrNothing(report, "p50_ms");
  facts.p99Ms = numberOrNothing(report, "p99_ms");
  facts.maxMs = numberOrNothing(report, "max_ms");
  return facts;
}

} // namespace

SandboxControls::SandboxControls(const Environment& environment, const StackChoice& choice)
    : m_folder(sandboxFolder(environment, choice)), m_hasFiles(!choice.files.empty()),
      m_sandbox(environment, choice) {
  connect(&m_loadTimer, &QTimer::timeout, this, [this] { readLoad(); });
}

SandboxControls::~SandboxControls() {
  *m_alive = false;
}

Result<bool> SandboxControls::up() {
  const auto info =
      await<SandboxInfo>([this](Callback<SandboxInfo> done) { m_sandbox.admin().info(std::move(done)); });
  if (info && !m_hasFiles && readSandboxFiles(m_folder))
    return false;
  return m_sandbox.up();
}

void SandboxControls::watchLoad() {
  readLoad();
  m_loadTimer.start(std::chrono::seconds(1));
}

// An answer without a load ends the watch; no answer at all is a gap.
void SandboxControls::readLoad() {
  if (m_isReading)
    return;
  m_isReading = true;
  m_sandbox.admin().readLoad([this, alive = m_alive](Result<Json> report) {
    if (!*alive)
      return;
    m_isReading = false;
    if (report && m_loadTimer.isActive())
      Q_EMIT loadSeen(factsOf(*report));
    else if (!report && report.error().kind == ErrorKind::NotFound)
      m_loadTimer.stop();
  });
}

Status SandboxControls::startLoad(double rate) {
  auto started = m_sandbox.startLoad(rate);
  if (started)
    watchLoad();
  return started;
}

Result<LoadFacts> SandboxControls::stopLoad() {
  m_loadTimer.stop();
  auto report = m_sandbox.stopLoad();
  return report ? Result<LoadFacts>(factsOf(*report)) : failure(report.error());
}

} // namespace ratdeck

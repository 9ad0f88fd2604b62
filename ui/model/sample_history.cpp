#include "ui/model/sample_history.h"

#include "ui/model/plain.h"
#include "ui/model/tr.h"

namespace ratdeck {

namespace {

constexpr size_t mostMarks = 4096;
constexpr size_t mostRunSteps = 65536;

int countAt(const Json& values, const char* key) {
  return static_cast<int>(std::clamp<long long>(integerAt(values, key, -1), -1, 2'000'000'000));
}

Counts countsFrom(const Json& values, bool isBaseLine) {
  Counts counts;
  if (!isBaseLine) { // else nothing has been counted yet, and its zeros are none
    counts.requests = countAt(values, "requests");
    counts.errors5xx = countAt(values, "errors_5xx");
  }
  counts.inFlight = countAt(values, "in_flight");
  counts.timeMs = static_cast<float>(numberAt(values, "time_ms", -1));
  return counts;
}

Side sideOf(const RolloutState& state, const std::string& instance) {
  const auto copy = state.instances.find(InstanceId(instance));
  if (copy == state.instances.end())
    return Side::Total; // it takes no part
  return copy->second.role == InstanceRole::New ? Side::New : Side::Old;
}

SampleRow rowOf(const Json& service, const RolloutState& state, bool isBaseLine) {
  SampleRow row;
  row[Side::Total] = countsFrom(service, isBaseLine);
  const Json& copies = memberAt(service, "instances");
  if (!copies.is_object())
    return row;
  for (const auto& [instance, values] : copies.items())
    if (const Side side = sideOf(state, instance); side != Side::Total)
      row[side].add(countsFrom(values, isBaseLine));
  return row;
}

void addTo(SampleRow& sum, const SampleRow& row) {
  sum.at = row.at;
  sum.seconds = row.seconds;
  for (Side side : allSides)
    sum[side].add(row[side]);
}

} // namespace

SampleHistory::SampleHistory(size_t capacity)
    : m_capacity(capacity), m_users(capacity), m_runs(mostRunSteps) {}

void SampleHistory::clear() {
  auto services = std::move(m_userFacing);
  const auto revision = m_revision;
  *this = SampleHistory(m_capacity);
  m_userFacing = std::move(services);
  m_revision = revision + 1;
}

void SampleHistory::fold(const Event& event, const RolloutState& after) {
  const ChartTime at = m_time.advance(event.at, after.bootId);
  m_span = m_span ? TimeRange{m_span->from, at} : TimeRange{at, at};
  ++m_revision;
  if (event.type == EventType::RolloutStarted)
    takePlan(after.plan);
  if (event.type == EventType::RolloutStarted || event.type == EventType::RolloutResumed)
    m_lastSample.reset(); // another engine reads its own base line
  if (event.type == EventType::Sampled)
    return takeSample(event, after, at);
  takeRuns(event, after, at);
  takeMark(event, at);
}

void SampleHistory::takePlan(const Plan& plan) {
  m_versions.clear();
  for (const auto& [name, service] : plan.services) {
    Versions& versions = m_versions[name];
    versions.from = plain(service.fromVersion);
    versions.to = plain(service.toVersion);
    for (const auto& analysis : service.analyses)
      if (isOfCopies(analysis) && analysis.measurement.quantity == MeasuredQuantity::ErrorRatio)
        versions.threshold = 100 * analysis.most;
  }
}

void SampleHistory::takeSample(const Event& event, const RolloutState& after, ChartTime at) {
  const Json& services = memberAt(event.detail, "services");
  const bool isBaseLine = !m_lastSample;
  const ChartTime before = m_lastSample.value_or(at);
  if (!services.is_object() || (!isBaseLine && at <= before))
    return;
  m_lastSample = at;
  SampleRow users;
  users.at = at;
  bool hasUsers = false;
  for (const auto& [name, values] : services.items()) {
    SampleRow row = rowOf(values, after, isBaseLine);
    row.at = at;
    row.seconds = static_cast<float>(at - before) / 1000;
    m_series.try_emplace(name, m_capacity).first->second.append(row);
    if (isUserFacing(name)) {
      addTo(users, row);
      hasUsers = true;
    }
  }
  if (hasUsers)
    m_users.append(users);
}

// All services that drain watch the same runs: whoever was told last tells it for all.
void SampleHistory::takeRuns(const Event& event, const RolloutState& after, ChartTime at) {
  const auto service = after.services.find(event.service);
  if (service == after.services.end())
    return;
  if (service->second.isDrainingRuns)
    m_activeRuns[event.service] = service->second.activeRuns;
  else
    m_activeRuns.erase(event.service);
  int runs = m_activeRuns.empty() ? -1 : m_activeRuns.begin()->second;
  if (const auto own = m_activeRuns.find(event.service); own != m_activeRuns.end())
    runs = own->second;
  m_runs.set(at, runs < 0 ? std::nullopt : std::optional<double>(runs));
}

void SampleHistory::takeMark(const Event& event, ChartTime at) {
  StepMark mark{at, MarkKind::Wave, {}, {}};
  if (event.type == EventType::WaveStarted) {
    mark.label = ratdeck::tr("wave %1").arg(integerAt(event.detail, "wave"));
  } else if (event.type == EventType::ServiceSwitched) {
    mark.kind = MarkKind::Switch;
    mark.service = QString::fromStdString(event.service);
    mark.label = ratdeck::tr("%1 switched").arg(plain(event.service));
  } else if (event.type == EventType::UndoStarted) {
    mark.kind = MarkKind::Undo;
    mark.label = ratdeck::tr("undo");
  } else if (event.type == EventType::RolloutEnded) {
    mark.kind = MarkKind::End;
    mark.label = ratdeck::tr("ended");
  } else {
    return;
  }
  if (m_marks.size() == mostMarks)
    m_marks.pop_front();
  m_marks.push_back(std::move(mark));
}

void SampleHistory::setUserFacing(std::set<std::string> services) {
  if (m_userFacing == services)
    return;
  m_userFacing = std::move(services);
  sumUp();
  ++m_revision;
}

void SampleHistory::sumUp() {
  std::map<ChartTime, SampleRow> sums;
  for (const auto& [name, series] : m_series)
    if (isUserFacing(name))
      for (const SampleRow& row : series.rows())
        addTo(sums[row.at], row);
  m_users = SampleSeries(m_capacity);
  for (const auto& [at, row] : sums)
    m_users.append(row);
}

bool SampleHistory::isUserFacing(const std::string& service) const {
  return m_userFacing.empty() || m_userFacing.contains(service);
}

const SampleSeries* SampleHistory::seriesOf(const QString& scope) const {
  if (scope.isEmpty())
    return &m_users;
  const auto series = m_series.find(scope.toStdString());
  return series == m_series.end() ? nullptr : &series->second;
}

Line SampleHistory::line(const QString& scope, Measure measure, Side side, TimeRange range) const {
  if (measure == Measure::ActiveRuns)
    return m_span && side == Side::Total ? m_runs.line(range, m_span->to) : Line();
  const SampleSeries* series = seriesOf(scope);
  return series ? series->line(measure, side, range) : Line();
}

std::optional<double> SampleHistory::value(const QString& scope, Measure measure, Side side, ChartTime at,
                                           ChartTime reach) const {
  if (measure == Measure::ActiveRuns)
    return m_span && side == Side::Total ? m_runs.value(at, m_span->to) : std::nullopt;
  const SampleSeries* series = seriesOf(scope);
  return series ? series->value(measure, side, at, reach) : std::nullopt;
}

bool SampleHistory::has(const QString& scope, Measure measure, Side side) const {
  if (measure == Measure::ActiveRuns)
    return side == Side::Total && m_runs.hasPositive();
  const SampleSeries* series = seriesOf(scope);
  return series && series->has(measure, side);
}

QString SampleHistory::nameOf(const QString& scope, Side side) const {
  if (side == Side::Total)
    return ratdeck::tr("total");
  const QString word = side == Side::Old ? ratdeck::tr("old") : ratdeck::tr("new");
  const auto versions = m_versions.find(scope.toStdString());
  if (versions == m_versions.end())
    return word;
  const QString& version = side == Side::Old ? versions->second.from : versions->second.to;
  const QString name = plain(versions->first) + QLatin1Char(' ') + version;
  if (version.isEmpty())
    return word;
  return versions->second.from == versions->second.to ? name + QStringLiteral(" (%1)").arg(word) : name;
}

std::optional<double> SampleHistory::threshold(const QString& scope) const {
  if (!scope.isEmpty()) {
    const auto versions = m_versions.find(scope.toStdString());
    return versions == m_versions.end() ? std::nullopt : versions->second.threshold;
  }
  std::optional<double> common;
  for (const auto& [name, versions] : m_versions) {
    if (!isUserFacing(name) || !versions.threshold)
      continue;
    if (common && *common != *versions.threshold)
      return std::nullopt;
    common = versions.threshold;
  }
  return common;
}

std::vector<StepMark> SampleHistory::marks(const QString& scope, TimeRange range) const {
  std::vector<StepMark> marks;
  for (const StepMark& mark : m_marks)
    if (mark.at >= range.from && mark.at <= range.to &&
        (scope.isEmpty() || mark.service.isEmpty() || mark.service == scope))
      marks.push_back(mark);
  return marks;
}

QStringList SampleHistory::services() const {
  QStringList names;
  for (const auto& [name, series] : m_series)
    names << QString::fromStdString(name);
  return names;
}

ChartTime SampleHistory::neighbour(const QString& scope, ChartTime at, int direction) const {
  const SampleSeries* series = seriesOf(scope);
  if (!series)
    return at;
  const auto& rows = series->rows();
  const auto next = std::lower_bound(rows.begin(), rows.end(), at,
                                     [](const SampleRow& row, ChartTime time) { return row.at < time; });
  if (direction < 0)
    return next == rows.begin() ? at : (next - 1)->at;
  const auto after = next != rows.end() && next->at == at ? next + 1 : next;
  return after == rows.end() ? at : after->at;
}

} // namespace ratdeck

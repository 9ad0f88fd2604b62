#include "core/runtime/measure/target_meter.h"

#include "core/remote/http/http_client.h"
#include "core/remote/outbox.h"
#include "core/remote/prometheus/prometheus_client.h"
#include "core/runtime/measure/log_follower.h"
#include "core/runtime/measure/scrape_reading.h"
#include "core/runtime/probe/probe_judgement.h"
#include "core/runtime/steps.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ratdeck {

namespace {

constexpr std::size_t mostWatched = 200;
constexpr int linesOfALook = 1000; // as many as the sandbox keeps

// What was read of one copy so far.
struct Copy {
  explicit Copy(const MeasurementSpec& spec, const RequestLogFormat& format, Duration window)
      : log(format, spec.quantity, linesOfALook), counters(window) {}
  LogFollower log;
  CounterWindow counters;
};

RequestLogFormat formatOf(const RequestLogSource& source) {
  RequestLogFormat format{source.status, source.duration, 1e-9, source.path, {}};
  format.ignored.insert(source.ignored.begin(), source.ignored.end());
  switch (source.unit) {
  case LogTimeUnit::Nanoseconds:
    break;
  case LogTimeUnit::Microseconds:
    format.numberIs = 1e-6;
    break;
  case LogTimeUnit::Milliseconds:
    format.numberIs = 1e-3;
    break;
  case LogTimeUnit::Seconds:
    format.numberIs = 1;
    break;
  }
  return format;
}

// A spec that is measured over a window, and what was read for it.
struct Watched {
  Copy& copy(const InstanceId& id) {
    return copies.try_emplace(id, spec, formatOf(spec.log), window).first->second;
  }
  MeasurementSpec spec;
  Duration window;
  std::map<InstanceId, Copy> copies;
};

// One measurement under way: what its copies said.
struct Round {
  std::shared_ptr<Watched> of;
  std::vector<InstanceInfo> copies;
  HttpSender* http = nullptr;
  CounterChange change;
  int compared = 0, read = 0;
  std::optional<Error> firstError;

  void take(const InstanceId& id, BootTime now, Result<CounterReading> reading) {
    if (!reading) {
      if (!firstError)
        firstError = reading.error();
      return;
    }
    ++read;
    CounterWindow& counters = of->copy(id).counters;
    counters.add(now, std::move(*reading));
    const auto since = counters.change();
    if (!since)
      return;
    ++compared;
    change.add(*since);
  }

  Result<Measurement> result() const {
    if (read == 0 && firstError)
      return failure(*firstError);
    Measurement measurement;
    if (compared == 0)
      measurement.note = "the first look: there is nothing to compare with yet";
    else
      measurement = measurementOf(of->spec, change);
    if (firstError)
      measurement.note += (measurement.note.empty() ? "" : "; ") + std::string("not all copies were read: ") +
                          firstError->message;
    return measurement;
  }
};

CounterReading readingOf(const MeasurementSpec& spec, const RouterSample& sample) {
  CounterReading reading;
  reading.errors[{"errors", {}}] = static_cast<double>(sample.errors5xx + sample.connectionErrors);
  reading.requests[{"requests", {}}] = static_cast<double>(sample.requests);
  if (spec.quantity == MeasuredQuantity::Latency && sample.timeMs)
    reading.mean = *sample.timeMs / 1000;
  return reading;
}

} // namespace

struct TargetMeter::Impl {
  explicit Impl(MeterParts given) : parts(std::move(given)), prometheus(parts.secrets) {}

  std::shared_ptr<Watched> watched(const MeasurementSpec& spec, Duration window);
  void fail(ErrorKind kind, std::string message, Callback<Measurement> done);
  void router(std::shared_ptr<Watched> watched, Callback<Measurement> done);
  void copies(std::shared_ptr<Watched> watched, Callback<Measurement> done);
  Step findCopies(const std::shared_ptr<Round>& round);
  Step findReach(const std::shared_ptr<Round>& round);
  Step readCopies(const std::shared_ptr<Round>& round);
  void read(const std::shared_ptr<Round>& round, const InstanceInfo& copy, Callback<CounterReading> done);

  // What others answer may come when this object is gone.
  template <class T>
  Callback<T> alive(Callback<T> done) {
    return [still = std::weak_ptr(life), done = std::move(done)](Result<T> result) {
      if (!still.expired())
        done(std::move(result));
    };
  }

  MeterParts parts;
  PrometheusMeter prometheus;
  std::vector<std::shared_ptr<Watched>> all; // the one asked last at the end
  HttpClient ownHttp;
  Outbox outbox;
  std::shared_ptr<bool> life = std::make_shared<bool>(true);
};

std::shared_ptr<Watched> TargetMeter::Impl::watched(const MeasurementSpec& spec, Duration window) {
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& one) { return one->spec == spec && one->window == window; });
  auto one = found == all.end() ? std::make_shared<Watched>(Watched{spec, window, {}}) : *found;
  if (found != all.end())
    all.erase(found);
  else if (all.size() >= mostWatched)
    all.erase(all.begin());
  all.push_back(one);
  return one;
}

void TargetMeter::Impl::fail(ErrorKind kind, std::string message, Callback<Measurement> done) {
  outbox.post(
      [error = Error{kind, std::move(message), {}, {}}, done = std::move(done)] { done(failure(error)); });
}

void TargetMeter::Impl::router(std::shared_ptr<Watched> watched, Callback<Measurement> done) {
  if (!parts.router || !parts.router->routes(watched->spec.service))
    return fail(ErrorKind::NotFound, "nothing routes to service " + watched->spec.service, std::move(done));
  parts.router->look(alive<std::vector<RouterSample>>(
      [this, watched, done = std::move(done)](Result<std::vector<RouterSample>> samples) {
        if (!samples)
          return done(failure(samples.error()));
        Round round{watched, {}, nullptr, {}, 0, 0, {}};
        for (const RouterSample& sample : *samples)
          if (sample.service == watched->spec.service && sample.instance == watched->spec.copy)
            round.take(sample.instance, parts.clock.now().boot, readingOf(watched->spec, sample));
        if (round.read == 0)
          return done(failure(ErrorKind::NotFound,
                              "the router does not know " + (watched->spec.copy.isEmpty()
                                                                 ? "service " + watched->spec.service
                                                                 : watched->spec.copy.value)));
        done(round.result());
      }));
}

Step TargetMeter::Impl::findCopies(const std::shared_ptr<Round>& round) {
  return [this, round](Callback<Done> next) {
    parts.runtime.list(alive<std::vector<InstanceInfo>>(
        [round, next = std::move(next)](Result<std::vector<InstanceInfo>> list) {
          if (!list)
            return next(failure(list.error()));
          const MeasurementSpec& spec = round->of->spec;
          for (InstanceInfo& copy : *list)
            if (copy.state == InstanceState::Running && copy.service == spec.service &&
                (spec.copy.isEmpty() || copy.id == spec.copy))
              round->copies.push_back(std::move(copy));
          std::erase_if(round->of->copies, [&](const auto& known) {
            return std::none_of(round->copies.begin(), round->copies.end(),
                                [&](const InstanceInfo& copy) { return copy.id == known.first; });
          });
          if (round->copies.empty())
            return next(failure(ErrorKind::NotFound,
                                "no copy runs of " +
                                    (spec.copy.isEmpty() ? "service " + spec.service : spec.copy.value)));
          next(Done{});
        }));
  };
}

Step TargetMeter::Impl::findReach(const std::shared_ptr<Round>& round) {
  return [this, round](Callback<Done> next) {
    round->http = &ownHttp;
    if (!parts.reach || round->of->spec.source != MeasurementSource::Scrape)
      return next(Done{});
    parts.reach(alive<HttpSender*>([round, next = std::move(next)](Result<HttpSender*> sender) {
      if (!sender)
        return next(failure(sender.error()));
      if (*sender)
        round->http = *sender;
      next(Done{});
    }));
  };
}

void TargetMeter::Impl::read(const std::shared_ptr<Round>& round, const InstanceInfo& copy,
                             Callback<CounterReading> done) {
  const MeasurementSpec& spec = round->of->spec;
  if (spec.source == MeasurementSource::RequestLog)
    return parts.runtime.output(copy.id, linesOfALook,
                                alive<std::vector<std::string>>([round, id = copy.id, done = std::move(done)](
                                                                    Result<std::vector<std::string>> lines) {
                                  if (!lines)
                                    return done(failure(lines.error()));
                                  done(round->of->copy(id).log.look(std::move(*lines)));
                                }));
  const std::string url = "http://" + endpointOf(spec.scrape.port, copy.address) + spec.scrape.path;
  scrapeMetrics(*round->http, url, spec.timeout,
                alive<Exposition>([round, done = std::move(done)](Result<Exposition> exposed) {
                  if (!exposed)
                    return done(failure(exposed.error()));
                  done(readingOf(round->of->spec, *exposed));
                }));
}

Step TargetMeter::Impl::readCopies(const std::shared_ptr<Round>& round) {
  return [this, round](Callback<Done> next) {
    std::vector<Step> steps;
    for (const InstanceInfo& copy : round->copies)
      steps.push_back([this, round, copy](Callback<Done> taken) {
        read(round, copy,
             [this, round, id = copy.id, taken = std::move(taken)](Result<CounterReading> reading) {
               round->take(id, parts.clock.now().boot, std::move(reading));
               taken(Done{});
             });
      });
    runTogether(std::move(steps), std::move(next));
  };
}

void TargetMeter::Impl::copies(std::shared_ptr<Watched> watched, Callback<Measurement> done) {
  const auto round = std::make_shared<Round>(Round{std::move(watched), {}, nullptr, {}, 0, 0, {}});
  runSteps({findCopies(round), findReach(round), readCopies(round)},
           [round, done = std::move(done)](Result<Done> read) {
             done(read ? round->result() : failure(read.error()));
           });
}

TargetMeter::TargetMeter(MeterParts parts) : m_impl(std::make_unique<Impl>(std::move(parts))) {}
TargetMeter::~TargetMeter() = default;

void TargetMeter::measure(const MeasurementSpec& spec, Duration window, Callback<Measurement> done) {
  if (window <= 0s)
    return m_impl->fail(ErrorKind::Input, "a window has a length above 0", std::move(done));
  switch (spec.source) {
  case MeasurementSource::Prometheus:
    return m_impl->prometheus.measure(spec, window, std::move(done));
  case MeasurementSource::Router:
    return m_impl->router(m_impl->watched(spec, window), std::move(done));
  case MeasurementSource::Scrape:
  case MeasurementSource::RequestLog:
    return m_impl->copies(m_impl->watched(spec, window), std::move(done));
  }
}

} // namespace ratdeck

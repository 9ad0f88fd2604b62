#include "core/engine/engine.h"

#include "core/base/file.h"
#include "core/engine/past_rollout.h"
#include "core/journal/event_record.h"
#include "core/journal/recovery.h"
#include "core/journal/store.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace ratdeck {

namespace {

constexpr auto heartbeat = std::chrono::milliseconds(30);
constexpr Duration minTickInterval = std::chrono::milliseconds(20);
constexpr Duration gapLimit = std::chrono::seconds(30);
constexpr std::ptrdiff_t largestBatch = 1000; // events: who listens can let go of them one by one

// Observations may wait for the next group commit; everything else is on disk before it is acted on.
bool isObservation(const Event& event) {
  return event.type == EventType::Sampled || event.type == EventType::ProbeResultChanged ||
         event.type == EventType::InFlightObserved || event.type == EventType::RunsObserved ||
         event.type == EventType::DrainHealthObserved;
}

} // namespace

Engine::Engine(EngineConfig config) : m_config(std::move(config)) {}

Engine::~Engine() = default;

Status Engine::lock(const std::string& rollout) {
  if (m_config.hold) {
    m_lock = std::move(m_config.hold->here);
    return Done{};
  }
  auto lock =
      StackLock::acquire(m_config.lockPath, "process " + std::to_string(::getpid()) + ", rollout " + rollout);
  if (!lock)
    return failure(lock.error());
  m_lock = std::move(*lock);
  return Done{};
}

Status Engine::reachTarget() {
  auto made = m_config.makeTarget();
  if (!made)
    return failure(made.error());
  m_target = std::move(*made);
  auto* lock = m_target->target().lock;
  if (lock && !m_config.hold)
    return failure(ErrorKind::Internal, "the stack is not locked at its target");
  if (lock)
    lock->adopt(m_config.hold->token, [this](const Error& why) { fault(why.toString()); });
  return Done{};
}

namespace {

Status keep(RevisionStore& revisions, const Revision& revision, bool isTry) {
  if (isTry)
    return revisions.saveTried(revision);
  for (const auto* earlier : {&revision.amended, &revision.adopted})
    for (Revision one : *earlier) {
      one.inUse = revision.inUse;
      if (auto saved = revisions.save(one); !saved)
        return saved;
    }
  return revisions.save(revision);
}

Status checkNothingUnfinished(const JournalStore& store, const EngineConfig& config) {
  if (config.isTargetNew)
    return Done{};
  auto unfinished = unfinishedRollout(store, config.stack, *config.revisions);
  if (!unfinished)
    return failure(unfinished.error());
  if (*unfinished)
    return failure(
        unfinishedError(**unfinished, "ratdeckctl resume-unfinished --rollout " + (*unfinished)->id()));
  return Done{};
}

} // namespace

Status Engine::start(const StartRollout& request, Revision revision) {
  JournalStore store(m_config.journalRoot, *m_config.clock);
  auto rollout = m_config.hold ? m_config.hold->rollout : store.nextRolloutId();
  if (auto locked = lock(rollout.value); !locked)
    return locked;
  if (auto reached = reachTarget(); !reached)
    return reached;
  if (auto free = checkNothingUnfinished(store, m_config); !free)
    return free;
  const int first = revision.adopted.empty() ? revision.number : revision.adopted.front().number;
  if (m_config.revisions->nextNumber() != first)
    return failure(ErrorKind::Refused, "the stack was changed since the plan was made", "make a new plan");
  revision.rollout = rollout;
  for (auto& adopted : revision.adopted)
    adopted.rollout = rollout;
  if (auto kept = keep(*m_config.revisions, revision, request.plan.isTry); !kept)
    return kept;
  auto key = SigningKey::openOrMake(m_config.keysFolder);
  if (!key)
    return failure(key.error());
  auto path = store.pathOf(m_config.stack, rollout);
  if (!path)
    return failure(path.error());
  if (auto made = makePrivateFolder(std::filesystem::path(*path).parent_path().string()); !made)
    return made;
  auto header = headerOf(request.plan, rollout, m_config.stack, request.actor, bootId());
  header.windowOverride = request.windowOverride;
  auto journal = JournalWriter::create(*path, header, *key, *m_config.clock);
  if (!journal)
    return failure(journal.error());
  open(rollout, std::move(*journal));
  auto started = request;
  started.tookOver = m_config.hold ? m_config.hold->tookOver : std::string();
  take(std::move(started));
  return Done{};
}

namespace {

// Whether the journal is this stack's and nothing was deployed after it. What cannot be read is left to the
// recovery, which names the damage.
Status checkOurs(const std::string& journalPath, const EngineConfig& config) {
  auto past = readPastRollout(journalPath, config.stack);
  if (past)
    return checkNotOvertaken(*past, *config.revisions);
  return past.error().kind == ErrorKind::Refused ? Status(failure(past.error())) : Done{};
}

} // namespace

Status Engine::resume(const std::string& journalPath, ResumeRollout request) {
  if (auto locked = lock(std::filesystem::path(journalPath).stem().string()); !locked)
    return locked;
  if (auto ours = checkOurs(journalPath, m_config); !ours)
    return ours;
  if (auto reached = reachTarget(); !reached)
    return reached;
  auto key = SigningKey::openOrMake(m_config.keysFolder);
  if (!key)
    return failure(key.error());
  auto recovered = recoverJournal(journalPath, bootId(), *key, *m_config.clock);
  if (!recovered)
    return failure(recovered.error());
  auto events = eventsOf(recovered->records);
  if (!events)
    return failure(events.error());
  for (const auto& event : *events)
    apply(m_state, event);
  m_unpublished = std::move(*events);
  request.bootId = bootId();
  request.tookOver = m_config.hold ? m_config.hold->tookOver : std::string();
  request.awaySeconds = seconds(m_config.clock->now().wall - m_state.lastEventAt.wall);
  open(recovered->header.rollout, std::move(recovered->writer));
  m_effects->inherit(m_state);
  take(request);
  return Done{};
}

void Engine::open(const RolloutId& rollout, JournalWriter journal) {
  m_journal = std::move(journal);
  auto target = m_target->target();
  auto post = [this](Observation observation) {
    take(std::move(observation));
  };
  m_effects = std::make_unique<EffectRunner>(target, m_config.revisions, rollout, post);
  m_watches = std::make_unique<WatchSet>(target, m_config.revisions, *m_config.clock, post);
  Sampler::Samples samples;
  if (target.router)
    samples = [router = target.router](auto done) {
      router->sample(std::move(done));
    };
  m_sampler = std::make_unique<Sampler>(std::move(samples), post);
  m_deadline = std::make_unique<DeadlineTimer>();
  m_heartbeat = std::make_unique<QTimer>();
  connect(m_deadline.get(), &DeadlineTimer::expired, this, [this] { take(Tick{}); });
  connect(m_heartbeat.get(), &QTimer::timeout, this, [this] { beat(); });
  m_heartbeat->start(heartbeat);
  m_lastBeat = m_config.clock->now().boot;
  Q_EMIT opened(QString::fromStdString(rollout.value), QString::fromStdString(m_journal->path()));
}

void Engine::submit(const Command& command) {
  take(command);
}

// Stimuli are taken one at a time and never inside another's turn: a callback may come while one is handled.
void Engine::take(Stimulus stimulus) {
  if (m_isStopped)
    return;
  m_queue.push_back(std::move(stimulus));
  if (m_queue.size() == 1)
    QMetaObject::invokeMethod(
        this, [this] { drainQueue(); }, Qt::QueuedConnection);
}

void Engine::drainQueue() {
  try {
    while (!m_queue.empty() && !m_isStopped) {
      auto stimulus = m_queue.front();
      turn(stimulus);
      if (!m_queue.empty())
        m_queue.pop_front();
    }
    m_queue.clear();
  } catch (const std::exception& bug) {
    fault(bug.what());
  }
}

// The heartbeat goes on through a quiet wait, so only time in which nothing here ran counts as away.
void Engine::beat() {
  try {
    noticeGap(m_config.clock->now());
  } catch (const std::exception& bug) {
    return fault(bug.what());
  }
  if (!m_isStopped)
    publish();
}

void Engine::turn(const Stimulus& stimulus) {
  auto now = m_config.clock->now();
  noticeGap(now);
  if (!m_isStopped)
    handle(stimulus, now);
}

void Engine::noticeGap(Instant now) {
  auto gap = now.boot - std::exchange(m_lastBeat, now.boot);
  if (m_state.phase == RolloutPhase::New || gap <= gapLimit)
    return;
  handle(Observation{ObservationKind::Away, {}, {}, {}, {{"seconds", seconds(gap)}}}, now);
  if (!m_isStopped)
    handle(Observation{ObservationKind::Returned, {}, {}, {}, Json::object()}, now);
}

void Engine::handle(const Stimulus& stimulus, Instant now) {
  auto decision = decide(m_state, stimulus, now);
  if (!decision.events.empty()) {
    if (auto recorded = record(decision.events); !recorded)
      return fault(recorded.error().toString());
    for (const auto& event : decision.events)
      apply(m_state, event);
  }
  follow();
}

Status Engine::record(const std::vector<Event>& events) {
  bool canWait = std::all_of(events.begin(), events.end(), isObservation);
  auto range = m_journal->append(recordsOf(events), canWait ? Durability::Group : Durability::Sync);
  if (!range)
    return failure(range.error());
  m_unpublished.insert(m_unpublished.end(), events.begin(), events.end());
  return Done{};
}

// Effects, watches and the timer are functions of the state.
void Engine::follow() {
  auto now = m_config.clock->now();
  if (m_state.phase == RolloutPhase::Ended)
    return finish();
  auto wake = m_effects->begin(m_state, now);
  m_watches->sync(m_state);
  if (auto deadlines = deadlinesOf(m_state); !deadlines.empty()) // the earliest first
    wake = std::min(wake.value_or(deadlines.front().at), deadlines.front().at);
  if (wake) // a deadline that has passed was just decided on: look again soon, never in a spin
    m_deadline->set(std::max(*wake, now.boot + minTickInterval));
  else
    m_deadline->clear();
}

void Engine::publish() {
  if (auto due = m_journal->nextFlush(); due && *due <= m_config.clock->now().boot)
    if (auto flushed = m_journal->flush(); !flushed)
      return; // what waits is tried again; until it is on disk it is not published
  watchHead();
  if (m_unpublished.empty() || m_journal->acknowledged() < m_journal->appended())
    return;
  auto events = std::exchange(m_unpublished, {});
  for (auto from = events.begin(); from != events.end();) {
    const auto end = from + std::min(events.end() - from, largestBatch);
    Q_EMIT published(std::make_shared<const std::vector<Event>>(std::make_move_iterator(from),
                                                                std::make_move_iterator(end)));
    from = end;
  }
}

void Engine::watchHead() {
  const auto& error = m_journal->headError();
  if (error && !m_isHeadBehind)
    Q_EMIT warned(QString::fromStdString(error->toString()));
  m_isHeadBehind = error.has_value();
}

// The end is on the disk by now. Where the journal cannot be closed the next resume does that and nothing
// else.
void Engine::finish() {
  m_isStopped = true;
  m_watches.reset();
  m_sampler.reset();
  m_effects.reset();
  m_deadline->clear();
  m_heartbeat->stop();
  if (m_state.plan.isTry)
    m_config.revisions->forgetTried();
  auto closed = m_journal->close(toString(m_state.result));
  publish();
  letGo([this, closed] {
    if (m_journal->isClosed()) // if only its head lags, publish() has said so
      Q_EMIT ended();
    else
      Q_EMIT faulted(QString::fromStdString(closed.error().toString()));
  });
}

// Of a rollout that is over: the target first, so that who is let in here is let in there.
void Engine::letGo(std::function<void()> done) {
  auto* lock = m_target->target().lock;
  if (!lock) {
    m_lock.reset();
    return done();
  }
  lock->release([this, done = std::move(done)](Result<Done> released) {
    if (!released)
      Q_EMIT warned(QString::fromStdString("the stack's lock stays: " + released.error().toString()));
    m_lock.reset();
    done();
  });
}

void Engine::stop() {
  if (m_isStopped)
    return;
  m_isStopped = true;
  m_queue.clear();
  m_watches.reset();
  m_sampler.reset();
  m_effects.reset();
  m_deadline.reset();
  if (m_heartbeat)
    m_heartbeat->stop();
  if (m_journal && m_journal->flush())
    publish();
  m_target.reset();
  m_journal.reset();
  m_lock.reset();
}

void Engine::fault(const std::string& what) {
  stop();
  Q_EMIT faulted(QString::fromStdString(what));
}

} // namespace ratdeck

#include "core/runtime/docker/docker_lock.h"

#include "core/runtime/docker/lock_record.h"

#include <utility>

namespace ratdeck {

namespace {

constexpr int acquireAttempts = 50;
constexpr Duration attemptInterval = std::chrono::milliseconds(200);

Error notOurs(const std::string& name) {
  return {ErrorKind::Refused,
          "there is a container named " + name + ", which is no lock of ratdeck",
          "look at it with `docker inspect " + name + "`, and remove or rename it",
          {}};
}

} // namespace

DockerLock::DockerLock(DockerClient& client, const std::string& project, FindImage findImage,
                       Intervals intervals)
    : m_client(client), m_name("ratdeck-lock-" + project), m_findImage(std::move(findImage)),
      m_intervals(intervals), m_calls(client.connection) {}

// Each answer holds it alive until the next; the lock outlives it, or drops it.
struct DockerLock::Acquiring : std::enable_shared_from_this<Acquiring> {
  Acquiring(DockerLock& of, LockHolder who, bool takes, Callback<std::string> answer)
      : lock(of), holder(std::move(who)), takesOver(takes), done(std::move(answer)) {}

  template <class T>
  Answer<T> next(void (Acquiring::*step)(const T&)) {
    return [self = shared_from_this(), step](Result<T> result) {
      result ? (self.get()->*step)(*result) : self->done(failure(result.error()));
    };
  }

  void look() {
    if (attempt++ == acquireAttempts)
      return done(failure(ErrorKind::Refused, "the lock of this stack keeps changing hands", "try again"));
    lock.m_calls.add<DockerContainer>(
        [this](auto answer) { return lock.m_client.containers.inspect(lock.m_name, std::move(answer)); },
        [self = shared_from_this()](Result<DockerContainer> there) {
          if (there)
            return self->readRecord(*there);
          if (there.error().kind != ErrorKind::NotFound)
            return self->done(failure(there.error()));
          self->lock.m_findImage(self->next<std::string>(&Acquiring::create));
        });
  }

  void readRecord(const DockerContainer& container) {
    const auto found = lockRecordOf(container);
    if (!found)
      return done(failure(notOurs(lock.m_name)));
    record = *found;
    there = container.id;
    lock.m_calls.add<DockerFile>(
        [this](auto answer) { return lock.m_client.files.read(there, lockHeartbeatPath, std::move(answer)); },
        [self = shared_from_this()](Result<DockerFile> file) {
          if (file)
            self->record.heartbeat = heartbeatIn(*file); // one without is as old as its container
          self->readClock();
        });
  }

  void readClock() {
    lock.m_calls.add<DockerInfo>([this](auto answer) { return lock.m_client.system.info(std::move(answer)); },
                                 next<DockerInfo>(&Acquiring::judge));
  }

  void judge(const DockerInfo& info) {
    const WallTime now = info.time.value_or(WallTime());
    const bool isLeftByUs = record.holder.isSucceededBy(holder);
    if (!isLeftByUs && !(takesOver && silenceOf(record, now) >= staleLockAge))
      return done(failure(heldBy(record, now)));
    tookOver = describe(record, now);
    lock.m_calls.add<Done>(
        [this](auto answer) { return lock.m_client.containers.remove(there, false, std::move(answer)); },
        [self = shared_from_this()](Result<Done> removed) {
          removed ? self->look() : self->done(failure(removed.error()));
        });
  }

  void create(const std::string& image) {
    lock.m_calls.add<DockerCreated>(
        [this, &image](auto answer) {
          return lock.m_client.containers.create(lock.m_name, lockContainer(image, holder),
                                                 std::move(answer));
        },
        [self = shared_from_this()](Result<DockerCreated> created) {
          if (created)
            return self->begin(created->id);
          if (created.error().kind != ErrorKind::Conflict)
            return self->done(failure(created.error()));
          // Another was faster. Docker takes a name some time before it shows what has it.
          self->tookOver.clear();
          self->lock.m_outbox.postAfter(attemptInterval, [self] { self->look(); });
        });
  }

  // Its container's age is the first sign of life.
  void begin(const std::string& container) {
    lock.m_container = container;
    lock.keep();
    done(tookOver);
  }

  DockerLock& lock;
  LockHolder holder;
  bool takesOver;
  Callback<std::string> done;
  int attempt = 0;
  std::string there; // the id of the one that is in the way
  LockRecord record; // what it says
  std::string tookOver;
};

void DockerLock::acquire(const LockHolder& holder, bool takesOver, Callback<std::string> done) {
  std::make_shared<Acquiring>(*this, holder, takesOver, std::move(done))->look();
}

std::string DockerLock::handOver() {
  m_timer.reset();
  m_onLost = {};
  return std::exchange(m_container, {});
}

void DockerLock::adopt(const std::string& token, OnLost onLost) {
  m_container = token;
  m_onLost = std::move(onLost);
  keep();
}

void DockerLock::keep() {
  m_sinceBeat = Duration::zero();
  m_timer = std::make_unique<Outbox>();
  m_timer->postAfter(m_intervals.watch, [this] { watch(); });
}

// Nobody's answer is no answer: an engine that is away for a while still has the lock afterwards.
void DockerLock::watch() {
  m_sinceBeat += m_intervals.watch;
  check([this](Result<Done> held) {
    if (!m_timer || (!held && held.error().kind == ErrorKind::Refused))
      return;
    const auto goOn = [this](const Result<Done>&) {
      if (m_timer)
        m_timer->postAfter(m_intervals.watch, [this] { watch(); });
    };
    if (!held)
      m_sinceBeat = m_intervals.heartbeat; // as soon as it answers again
    if (!held || m_sinceBeat < m_intervals.heartbeat)
      return goOn(held);
    m_sinceBeat = Duration::zero();
    beat(goOn);
  });
}

void DockerLock::beat(Callback<Done> done) {
  m_calls.add<DockerInfo>([this](auto answer) { return m_client.system.info(std::move(answer)); },
                          [this, done = std::move(done)](Result<DockerInfo> info) {
                            if (!info)
                              return done(failure(info.error()));
                            if (!info->time)
                              return done(
                                  failure(ErrorKind::Internal, "Docker does not say what time it is"));
                            m_calls.add<Done>(
                                [&](auto answer) {
                                  return m_client.files.write(m_container, lockHeartbeatFolder,
                                                              lockHeartbeat(*info->time), std::move(answer));
                                },
                                done);
                          });
}

void DockerLock::check(Callback<Done> done) {
  if (m_container.empty())
    return m_outbox.post([this, done = std::move(done)] { tellLoss("it is not held", done); });
  m_calls.add<DockerContainer>(
      [this](auto answer) { return m_client.containers.inspect(m_container, std::move(answer)); },
      [this, done = std::move(done)](Result<DockerContainer> seen) {
        const bool isGone = seen ? seen->name != m_name || seen->state == DockerState::Removing
                                 : seen.error().kind == ErrorKind::NotFound;
        if (isGone)
          return findOutWhoHasIt(done);
        done(seen ? Result<Done>(Done{}) : failure(seen.error()));
      });
}

void DockerLock::findOutWhoHasIt(Callback<Done> done) {
  m_calls.add<DockerContainer>(
      [this](auto answer) { return m_client.containers.inspect(m_name, std::move(answer)); },
      [this, done = std::move(done)](Result<DockerContainer> there) {
        // One that is being removed still has the name.
        const bool isAnother = there && there->id != m_container && there->state != DockerState::Removing;
        const auto record = isAnother ? lockRecordOf(*there) : std::nullopt;
        tellLoss(record ? record->holder.toString() + " has it now"
                        : "its container " + m_name + " was removed",
                 done);
      });
}

// Both that are told may destroy this.
void DockerLock::tellLoss(const std::string& what, const Callback<Done>& done) {
  const Error error{ErrorKind::Refused,
                    "the lock of this stack was lost: " + what,
                    "nothing more was changed; see who works on the stack before going on",
                    {}};
  m_container.clear();
  m_timer.reset();
  const auto onLost = std::exchange(m_onLost, {});
  done(failure(error));
  if (onLost)
    onLost(error);
}

void DockerLock::release(Callback<Done> done) {
  m_timer.reset();
  m_onLost = {};
  if (m_container.empty())
    return m_outbox.post([done = std::move(done)] { done(Done{}); });
  m_calls.add<Done>(
      [this](auto answer) {
        return m_client.containers.remove(std::exchange(m_container, {}), false, std::move(answer));
      },
      std::move(done));
}

} // namespace ratdeck

// A target of one's own: copies that start at once and are well unless a test says otherwise, and an ordered
// log of every call that changes something.
#pragma once

#include "core/engine/engine_config.h"
#include "core/runtime/target_lock.h"

#include <QTimer>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ratdeck {

// Shared by the fake adapters that are made and by the test: the "outside world" outlives an engine.
struct FakeWorld {
  std::vector<std::string> log;
  std::map<InstanceId, InstanceInfo> instances;
  std::set<InstanceId> routed, unwell;
  std::map<InstanceId, long long> inFlight;
  std::string lockedBy;      // the lock's token
  bool isOutOfReach = false; // neither a list nor a probe is answered
  int execCode = 0;          // of every command in a copy
  std::string execOutput = "said in secret";
  std::string execErrors; // on its stderr
  bool isOutputCut = false;
  ExecReport once;                         // how a command that is run once ends
  std::map<InstanceId, long long> work;    // what a count says
  std::vector<std::string> counted;        // whose work was asked for, with the command that asked
  std::map<InstanceId, std::string> words; // what a probe says instead of a status
  int probes = 0, lists = 0;               // asked so far
  std::function<void()> duringList;        // what happens between the look at the copies and its answer, once
  std::map<std::string, int> refusals;     // how often "start", "leave", "give back" or "sample" is refused
};

// A lock whose loss is seen at a check alone, as far as nobody calls lose().
class FakeLock final : public TargetLock {
public:
  explicit FakeLock(std::shared_ptr<FakeWorld> world) : m_world(std::move(world)) {}

  void acquire(const LockHolder& holder, bool takesOver, Callback<std::string> done) override {
    const auto before = m_world->lockedBy;
    const bool gets = before.empty() || takesOver;
    if (gets)
      m_world->lockedBy = m_token = holder.rollout;
    answer<std::string>(done,
                        gets ? Result<std::string>(before) : failure(ErrorKind::Refused, before + " has it"));
  }
  std::string handOver() override { return std::exchange(m_token, {}); }
  void adopt(const std::string& token, OnLost onLost) override {
    m_token = token;
    m_onLost = std::move(onLost);
  }
  void check(Callback<Done> done) override {
    const auto who = m_world->lockedBy.empty() ? "nobody" : m_world->lockedBy;
    QTimer::singleShot(0, &m_context, [this, done, who] {
      if (m_token == who)
        return done(Done{});
      const Error error{ErrorKind::Refused, "the lock was lost: " + who + " has it now", {}, {}};
      const auto onLost = std::exchange(m_onLost, {});
      done(failure(error));
      if (onLost)
        onLost(error);
    });
  }
  void release(Callback<Done> done) override {
    m_world->log.push_back("release " + m_token);
    if (m_world->lockedBy == m_token)
      m_world->lockedBy.clear();
    answer<Done>(done, Done{});
  }

private:
  template <class T>
  void answer(Callback<T> done, Result<T> value) {
    QTimer::singleShot(0, &m_context, [done, value] { done(value); });
  }

  std::shared_ptr<FakeWorld> m_world;
  std::string m_token;
  OnLost m_onLost;
  QObject m_context;
};

class FakeTarget final : public StackTarget,
                         public Runtime,
                         public Router,
                         public Prober,
                         public WorkCounter {
public:
  explicit FakeTarget(std::shared_ptr<FakeWorld> world, bool hasLock = false) : m_world(std::move(world)) {
    if (hasLock)
      m_lock = std::make_unique<FakeLock>(m_world);
  }
  Target target() override {
    Target target = {this, this, this, nullptr, "fake", m_lock.get()};
    target.counter = this;
    return target;
  }
  void readMountedFiles(const StackSpec&, const std::set<std::string>&,
                        Callback<std::vector<MountedFile>> done) override {
    answer<std::vector<MountedFile>>(done, {});
  }
  void observe(Callback<World> done) override { answer<World>(done, World{}); }
  void prepare(const Preparation&, std::function<void(const std::string&)>,
               Callback<std::map<std::string, std::string>> done) override {
    answer<std::map<std::string, std::string>>(done, std::map<std::string, std::string>());
  }

  void list(Callback<std::vector<InstanceInfo>> done) override {
    ++m_world->lists;
    if (m_world->isOutOfReach)
      return answer<std::vector<InstanceInfo>>(done, failure(ErrorKind::Unreachable, "nobody is there"));
    std::vector<InstanceInfo> all;
    for (const auto& [id, info] : m_world->instances)
      all.push_back(info);
    if (auto happens = std::exchange(m_world->duringList, nullptr))
      happens();
    answer<std::vector<InstanceInfo>>(done, all);
  }
  void start(const StartRequest& request, Callback<InstanceInfo> done) override {
    if (refuses("start", done))
      return;
    auto [it, isNew] = m_world->instances.try_emplace(request.id);
    if (isNew) {
      note("start " + request.id.value + " " + request.service.image);
      it->second.id = request.id;
      it->second.service = request.service.name;
      it->second.number = request.number;
      it->second.address = "127.0.0.1";
    }
    answer<InstanceInfo>(done, it->second);
  }
  void stop(const StopRequest& request, Callback<StopReport> done) override {
    note("stop " + request.id.value + " " + request.signal);
    if (auto it = m_world->instances.find(request.id); it != m_world->instances.end())
      it->second.state = InstanceState::Exited;
    answer<StopReport>(done, StopReport{});
  }
  void remove(const InstanceId& id, Callback<Done> done) override {
    note("remove " + id.value);
    m_world->instances.erase(id);
    answer<Done>(done, Done{});
  }
  void exec(const InstanceId& id, const std::vector<std::string>& argv, Duration,
            Callback<ExecReport> done) override {
    if (refuses("exec", done))
      return;
    std::string line = "exec " + id.value;
    for (const auto& word : argv)
      line += " " + word;
    note(line);
    answer<ExecReport>(done, ExecReport{m_world->execCode,
                                        m_world->execErrors + m_world->execOutput,
                                        {m_world->execOutput, m_world->isOutputCut}});
  }
  void runOnce(const StartRequest& request, Duration, Callback<ExecReport> done) override {
    note((request.mayHaveBegun ? "find once " : "run once ") + request.id.value + " " +
         request.service.image);
    answer<ExecReport>(done, m_world->once);
  }
  void endOnce(const InstanceId& id, Callback<ExecReport> done) override {
    note("end once " + id.value);
    answer<ExecReport>(done, ExecReport{});
  }
  void signal(const InstanceId& id, const std::string& name, Callback<Done> done) override {
    if (refuses("signal", done))
      return;
    note("signal " + id.value + " " + name);
    answer<Done>(done, Done{});
  }
  void count(const WorkCount& spec, const InstanceId& id, const std::string&,
             Callback<long long> done) override {
    if (refuses("count", done))
      return;
    m_world->counted.push_back(id.value + (spec.command.empty() ? "" : " " + spec.command.front()));
    answer<long long>(done, m_world->work[id]);
  }
  void output(const InstanceId& id, int, Callback<std::vector<std::string>> done) override {
    note("evidence " + id.value);
    answer<std::vector<std::string>>(done, std::vector{"last words of " + id.value});
  }

  bool routes(const std::string&) const override { return true; }
  void join(const std::string&, const InstanceId& id, const std::string&, Callback<Done> done) override {
    note("join " + id.value);
    m_world->routed.insert(id);
    answer<Done>(done, Done{});
  }
  void drain(const std::string&, const InstanceId& id, Callback<Done> done) override {
    note("drain " + id.value);
    answer<Done>(done, Done{});
  }
  void giveBack(const std::string&, const InstanceId& id, const std::string& address,
                Callback<Done> done) override {
    if (refuses("give back", done))
      return;
    note("give back " + id.value + " at " + address);
    answer<Done>(done, Done{});
  }
  void leave(const std::string&, const InstanceId& id, Callback<Done> done) override {
    if (refuses("leave", done))
      return;
    note("leave " + id.value);
    m_world->routed.erase(id);
    answer<Done>(done, Done{});
  }
  void look(Callback<std::vector<RouterSample>> done) override { sample(std::move(done)); }
  void sample(Callback<std::vector<RouterSample>> done) override {
    if (refuses("sample", done))
      return;
    std::vector<RouterSample> samples;
    for (const auto& id : m_world->routed) {
      RouterSample sample;
      sample.service = m_world->instances[id].service;
      sample.instance = id;
      sample.routing = Routing::Serving;
      sample.inFlight = m_world->inFlight[id];
      samples.push_back(sample);
    }
    answer<std::vector<RouterSample>>(done, samples);
  }
  std::string frontendOf(const std::string&, std::uint16_t) const override { return "127.0.0.1:1"; }

  void probe(const ProbeSpec&, const InstanceId& id, const std::string&,
             Callback<ProbeResult> done) override {
    ++m_world->probes;
    if (m_world->isOutOfReach)
      return answer<ProbeResult>(done, failure(ErrorKind::Unreachable, "nobody is there"));
    bool isWell = !m_world->unwell.contains(id);
    if (auto word = m_world->words.find(id); word != m_world->words.end())
      return answer<ProbeResult>(done, ProbeResult{isWell, word->second, 1ms});
    answer<ProbeResult>(done, ProbeResult{isWell, isWell ? "200" : "503 not_ready", 1ms});
  }

private:
  void note(std::string line) { m_world->log.push_back(std::move(line)); }
  // From the event loop, and not at all once the target is gone: as the ports promise.
  template <class T>
  void answer(Callback<T> done, Result<T> value) {
    QTimer::singleShot(0, &m_context, [done, value] { done(value); });
  }
  template <class T>
  bool refuses(const char* call, const Callback<T>& done) {
    if (m_world->refusals[call] <= 0)
      return false;
    --m_world->refusals[call];
    answer<T>(done, failure(ErrorKind::Refused, std::string(call) + " is refused"));
    return true;
  }

  std::shared_ptr<FakeWorld> m_world;
  std::unique_ptr<FakeLock> m_lock;
  QObject m_context;
};

} // namespace ratdeck

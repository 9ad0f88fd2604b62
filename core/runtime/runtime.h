// The ports a rollout acts through. Adapters (process, later docker and kubernetes) implement them; tests
// fake them by hand. All calls are made on the engine's thread and answered there, exactly once, never from
// inside the call itself; destroying the adapter cancels what is under way without an answer. Every call is
// idempotent or looks before it acts, and has a timeout of its own.
#pragma once

#include "core/base/bounded_text.h"
#include "core/base/result.h"
#include "core/spec/probe_spec.h"
#include "core/spec/stack_spec.h"
#include "core/spec/world.h"

#include <functional>
#include <string>
#include <vector>

namespace ratdeck {

template <class T>
using Callback = std::function<void(Result<T>)>;

struct StartRequest {
  InstanceId id;
  int number = 0;
  int revision = 0;
  RolloutId rollout;
  std::string specHash;
  ServiceSpec service;
  StackSpec stack; // of the revision: what the service's networks, volumes and secrets are
  // Made for one command alone, the service's own (once_spec.h): it is no copy of the service.
  bool isOnce = false;
  // Of one that isOnce: an engine before this one may have begun it. One that is gone is not begun again.
  bool mayHaveBegun = false;
  // Of one that isOnce: what is there and was begun is waited for, and nothing begins, made or not.
  bool isOnlyAwaited = false;
};

struct StopRequest {
  InstanceId id;
  std::string signal = "SIGTERM";
  Duration grace = 10s;
};

struct StopReport {
  int exitCode = 0;
  bool forcedKill = false; // SIGKILL at the grace's end
  Duration took = 0s;
};

struct ExecReport {
  int exitCode = 0;
  std::string output;       // stdout and stderr, bounded, for people
  BoundedText printed = {}; // stdout alone, for programs
};

// Copies of services.
class Runtime {
public:
  virtual ~Runtime() = default;
  // All copies of the stack, ours or not; routing and health are filled in by others.
  virtual void list(Callback<std::vector<InstanceInfo>> done) = 0;
  // Creates and starts the copy; one that exists already under this id is answered as it is.
  virtual void start(const StartRequest& request, Callback<InstanceInfo> done) = 0;
  // Signals, waits, kills at the grace's end; answers when it is gone. One that is gone already: answered at
  // once.
  virtual void stop(const StopRequest& request, Callback<StopReport> done) = 0;
  // Deletes what is left of a stopped copy; one that does not exist: fine.
  virtual void remove(const InstanceId& id, Callback<Done> done) = 0;
  // Runs a command inside the copy.
  virtual void exec(const InstanceId& id, const std::vector<std::string>& argv, Duration timeout,
                    Callback<ExecReport> done) = 0;
  // Runs the command of a request that isOnce to its end, with what it printed last; nobody routes to it, no
  // list has it, and it has the image, environment, networks and mounts of its service. One that was begun
  // under this id is waited for, or answered as it ended: nothing runs twice. One that was begun and is gone,
  // since somebody removed it, is answered with exit code -1. What is left of it stays until endOnce. Errors:
  // Timeout (it runs on).
  virtual void runOnce(const StartRequest& request, Duration timeout, Callback<ExecReport> done) = 0;
  // Ends it if it runs, and removes what is left, with what it printed last; one that does not exist: fine.
  virtual void endOnce(const InstanceId& id, Callback<ExecReport> done) = 0;
  // Sends one signal ("SIGUSR1") to the copy, which goes on running. Errors: NotFound, Conflict (it does not
  // run), Input (no such signal).
  virtual void signal(const InstanceId& id, const std::string& name, Callback<Done> done) = 0;
  // The last lines it printed.
  virtual void output(const InstanceId& id, int lines, Callback<std::vector<std::string>> done) = 0;
};

// Counters of one copy at the router since it joined.
struct RouterSample {
  std::string service;
  InstanceId instance; // empty: the whole service, as its clients saw it
  Routing routing = Routing::None;
  long long inFlight = 0;
  long long requests = 0;
  long long errors5xx = 0;
  long long connectionErrors = 0; // refused, reset, aborted by the copy
  long long retries = 0;          // retries and redispatches; must stay 0
  // From the request's arrival to the first byte of its answer, in milliseconds: the mean of the last 1,024
  // requests. How long a stream lives does not count. Absent: it had no HTTP requests yet.
  std::optional<double> timeMs;
};

// Who gets the traffic of a service. A service with several routed ports has one backend each; the adapter
// acts on all of them.
class Router {
public:
  virtual ~Router() = default;
  virtual bool routes(const std::string& service) const = 0;
  // Adds the copy and enables it; answers when the router says that it routes there. The switch.
  virtual void join(const std::string& service, const InstanceId& id, const std::string& address,
                    Callback<Done> done) = 0;
  // No new requests to it.
  virtual void drain(const std::string& service, const InstanceId& id, Callback<Done> done) = 0;
  // A draining one takes traffic again; one that is not in the router any more is joined anew.
  virtual void giveBack(const std::string& service, const InstanceId& id, const std::string& address,
                        Callback<Done> done) = 0;
  // Out of the router; answers when it is read back that it is out.
  virtual void leave(const std::string& service, const InstanceId& id, Callback<Done> done) = 0;
  virtual void sample(Callback<std::vector<RouterSample>> done) = 0;
  // As sample, but changes nothing: where no router runs, none is started. Errors: Unreachable there.
  virtual void look(Callback<std::vector<RouterSample>> done) = 0;
  // Where clients reach the port of a service: HOST:PORT; empty if it is not routed.
  virtual std::string frontendOf(const std::string& service, std::uint16_t port) const = 0;
};

struct ProbeResult {
  bool passed = false;
  std::string detail; // "200 ready", "connection refused", the command's output …: the evidence
  Duration took = 0s;
};

// Asks one copy (at its own address) or a service through the router (at HOST = the frontend) whether it is
// well. A probe that fails is an answer with passed = false; an Error says nothing of the copy: the
// probe cannot be asked (Input), or the runtime that was to run it did not answer (Unreachable, Timeout).
class Prober {
public:
  virtual ~Prober() = default;
  virtual void probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
                     Callback<ProbeResult> done) = 0;
};

struct ActiveRun {
  std::string id;
  std::string status; // running, pending
  double ageSeconds = -1;
};

struct ActiveWork {
  long long count = 0;
  std::vector<ActiveRun> runs; // those that have a name: all of them, or none
  // In which time at most the platform marks runs failed that nobody follows any more, where it says so.
  std::optional<Duration> reapedWithin = {};
};

// Counts what a drain waits for.
class RunsFeed {
public:
  virtual ~RunsFeed() = default;
  virtual void activeRuns(Callback<ActiveWork> done) = 0;
};

// Reads the number of active work where a stack's own drain says that it stands.
class WorkCounter {
public:
  virtual ~WorkCounter() = default;
  // Of one copy, at its own address; a Prometheus server is asked for the service, and `id` says nothing.
  // Errors: whatever kept it from being a number from 0; never counted as zero.
  virtual void count(const WorkCount& spec, const InstanceId& id, const std::string& address,
                     Callback<long long> done) = 0;
};

class TargetLock;
class Meter;

// What one target offers. Router, runs, lock, meter and counter may be null: then nothing is routed, runs
// cannot be read, only the lock of this machine keeps others away, nothing can be measured, and no count of a
// stack's own can be read.
struct Target {
  Runtime* runtime = nullptr;
  Router* router = nullptr;
  Prober* prober = nullptr;
  RunsFeed* runs = nullptr;
  std::string name; // sandbox, docker …
  TargetLock* lock = nullptr;
  Meter* meter = nullptr;
  WorkCounter* counter = nullptr;
};

} // namespace ratdeck

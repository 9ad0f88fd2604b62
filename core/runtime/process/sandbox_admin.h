// Brings a sandbox up and down and turns its faults and its load on and off.
//
// It knows nothing of stacks: instances are the runtime's, routing the router's. All calls answer on the
// thread that made this object, which runs an event loop, once, never from inside the call; destroying it
// cancels (a supervisor that has been started goes on).
#pragma once

#include "core/base/json.h"
#include "core/runtime/runtime.h"

#include <memory>
#include <string>
#include <vector>

namespace ratdeck {

struct SandboxInfo {
  std::string name;
  std::string dir;
  std::string subnet; // "127.77"
  int pid = 0;        // of the supervisor
  int routerPid = 0;  // 0: no router runs
  std::string version;
  WallTime startedAt;
};

struct SandboxFault {
  std::string service;
  std::string kind;              // never-healthy, errors, slow …
  std::string value;             // "0.2", "800ms"; may be empty
  std::string scope = "default"; // default, now, next
};

struct SandboxStatus {
  SandboxInfo info;
  std::vector<InstanceInfo> instances;
  std::vector<SandboxFault> faults;
};

class SandboxAdmin {
public:
  // `program`: the path of ratdeck-sandbox. `dir`: the sandbox's folder, at most 80 bytes (sockets stand in
  // it).
  SandboxAdmin(std::string program, std::string dir);
  ~SandboxAdmin();
  SandboxAdmin(const SandboxAdmin&) = delete;
  SandboxAdmin& operator=(const SandboxAdmin&) = delete;

  // Starts a detached supervisor in the first free subnet of 127.77 to 127.89, clearing away first what a
  // dead one left. One that runs already is answered as it is. Errors: Input (the folder), Conflict (no
  // subnet is free), Internal (the program's own words), Timeout.
  void up(const std::string& name, Callback<SandboxInfo> done);
  // Ends everything of the sandbox, with the supervisor dead too; one that does not run: fine.
  void down(Callback<Done> done);
  void info(Callback<SandboxInfo> done);
  void status(Callback<SandboxStatus> done);

  // Errors: NotFound (no stack that was opened on this sandbox has such a service; before the first one any
  // name is taken), Input (no such kind).
  void setFault(const SandboxFault& fault, Callback<Done> done);
  void clearFaults(const std::string& service, Callback<Done> done);

  // The load generator; requests and reports in the supervisor's own shape.
  void startLoad(const Json& request, Callback<Json> done);
  void readLoad(Callback<Json> done);
  // Ends it and answers its final report, samples included.
  void stopLoad(Callback<Json> done);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

// "errors=0.2" as kind and value. Errors (Input): empty, or no kind. Pure; what the kinds mean is the
// sandbox's.
Result<SandboxFault> parseFault(const std::string& service, const std::string& text);

} // namespace ratdeck

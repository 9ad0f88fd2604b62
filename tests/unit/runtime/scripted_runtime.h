// A runtime that answers what a test says and logs its calls.
#pragma once

#include "core/remote/outbox.h"
#include "core/runtime/runtime.h"

#include <map>

namespace ratdeck::test {

class ScriptedRuntime final : public Runtime {
public:
  std::vector<InstanceInfo> instances;
  std::map<std::string, Result<ExecReport>> execs;         // by id; else exit code 0
  std::map<std::string, std::vector<std::string>> outputs; // by id
  std::vector<std::string> log;

  void list(Callback<std::vector<InstanceInfo>> done) override {
    m_outbox.post([this, done] { done(instances); });
  }
  void start(const StartRequest& request, Callback<InstanceInfo> done) override {
    InstanceInfo info;
    info.id = request.id;
    m_outbox.post([done, info] { done(info); });
  }
  void stop(const StopRequest&, Callback<StopReport> done) override {
    m_outbox.post([done] { done(StopReport{}); });
  }
  void remove(const InstanceId&, Callback<Done> done) override {
    m_outbox.post([done] { done(Done{}); });
  }
  void exec(const InstanceId& id, const std::vector<std::string>& argv, Duration,
            Callback<ExecReport> done) override {
    std::string line = "exec " + id.value;
    for (const std::string& word : argv)
      line += ' ' + word;
    log.push_back(line);
    const auto found = execs.find(id.value);
    const Result<ExecReport> report = found == execs.end() ? Result<ExecReport>(ExecReport{}) : found->second;
    m_outbox.post([done, report] { done(report); });
  }
  void signal(const InstanceId& id, const std::string& name, Callback<Done> done) override {
    log.push_back("signal " + id.value + ' ' + name);
    m_outbox.post([done] { done(Done{}); });
  }
  void output(const InstanceId& id, int lines, Callback<std::vector<std::string>> done) override {
    std::vector<std::string> last = outputs[id.value];
    if (static_cast<int>(last.size()) > lines)
      last.erase(last.begin(), last.end() - lines);
    m_outbox.post([done, last] { done(last); });
  }

private:
  Outbox m_outbox;
};

} // namespace ratdeck::test

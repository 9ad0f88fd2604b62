// The runner: keeps its runs in memory, so that they die with it. Like the real one it does not handle
// SIGTERM. Unlike today's it can be told to take no new runs.
#include "app/sandbox/grpc_host.h"
#include "app/sandbox/proto/runner.grpc.pb.h"

#include <map>

namespace ratdeck::sandbox {

namespace {

namespace runner = ratatouille::runner::v1;

struct Run {
  BootTime end;
  bool cancelled = false;
};

BootTime bootNow() {
  return SystemClock().now().boot;
}

grpc::Status noSuchRun() {
  return {grpc::StatusCode::NOT_FOUND, "no such run"};
}

class RunnerRole final : public GrpcRole {
public:
  explicit RunnerRole(RoleContext& context) : GrpcRole(context), m_service(*this) { m_host.add(m_service); }
  bool endsAtOnce() const override { return true; }

  // On the loop.
  std::string submit(Duration length) {
    auto id = m_context.options().instance + "-" + std::to_string(++m_count);
    m_runs[id] = {bootNow() + length, false};
    m_context.log("info", "run started", {{"run", id}});
    return id;
  }
  // "" for a run it does not know.
  std::string statusOf(const std::string& id) const {
    auto it = m_runs.find(id);
    if (it == m_runs.end())
      return {};
    if (it->second.cancelled)
      return "cancelled";
    return bootNow() < it->second.end ? "running" : "success";
  }
  bool cancel(const std::string& id) {
    auto it = m_runs.find(id);
    if (it == m_runs.end())
      return false;
    it->second.cancelled = true;
    return true;
  }

private:
  class Service final : public runner::RunnerService::CallbackService {
  public:
    explicit Service(RunnerRole& role) : m_role(role) {}

    grpc::ServerUnaryReactor* SubmitPipeline(grpc::CallbackServerContext* context,
                                             const runner::SubmitPipelineRequest* request,
                                             runner::SubmitPipelineResponse* reply) override {
      return later(context, [this, request, reply] {
        if (!m_role.m_host.takesNewWork())
          return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining: no new runs");
        reply->set_run_id(m_role.submit(std::chrono::milliseconds(request->duration_ms())));
        return grpc::Status::OK;
      });
    }

    grpc::ServerUnaryReactor* GetRunStatus(grpc::CallbackServerContext* context,
                                           const runner::GetRunStatusRequest* request,
                                           runner::GetRunStatusResponse* reply) override {
      return later(context, [this, request, reply] {
        reply->set_status(m_role.statusOf(request->run_id()));
        return reply->status().empty() ? noSuchRun() : grpc::Status::OK;
      });
    }

    grpc::ServerUnaryReactor* CancelRun(grpc::CallbackServerContext* context,
                                        const runner::CancelRunRequest* request,
                                        runner::CancelRunResponse* reply) override {
      return later(context, [this, request, reply] {
        reply->set_cancelled(m_role.cancel(request->run_id()));
        return reply->cancelled() ? grpc::Status::OK : noSuchRun();
      });
    }

    grpc::ServerUnaryReactor* PreviewPipeline(grpc::CallbackServerContext* context,
                                              const runner::PreviewPipelineRequest*,
                                              runner::PreviewPipelineResponse* reply) override {
      return later(context, [this, reply] {
        reply->add_rows("1");
        reply->set_version(m_role.m_context.options().version);
        reply->set_instance(m_role.m_context.options().instance);
        return grpc::Status::OK;
      });
    }

    grpc::ServerUnaryReactor* ValidatePipeline(grpc::CallbackServerContext* context,
                                               const runner::ValidatePipelineRequest*,
                                               runner::ValidatePipelineResponse* reply) override {
      return later(context, [reply] {
        reply->set_valid(true);
        return grpc::Status::OK;
      });
    }

    grpc::ServerUnaryReactor* ListPlugins(grpc::CallbackServerContext* context,
                                          const runner::ListPluginsRequest*,
                                          runner::ListPluginsResponse* reply) override {
      reply->add_plugins("sql");
      auto* reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }

    grpc::ServerWriteReactor<runner::LogLine>* StreamLogs(grpc::CallbackServerContext*,
                                                          const runner::StreamLogsRequest* request) override {
      return new LogStream("run " + request->run_id() + " goes on");
    }

  private:
    // One line and the end; deletes itself.
    class LogStream final : public grpc::ServerWriteReactor<runner::LogLine> {
    public:
      explicit LogStream(const std::string& line) {
        m_line.set_line(line);
        StartWriteAndFinish(&m_line, {}, grpc::Status::OK);
      }
      void OnDone() override { delete this; }

    private:
      runner::LogLine m_line;
    };

    template <class Work>
    grpc::ServerUnaryReactor* later(grpc::CallbackServerContext* context, Work work) {
      auto* reactor = context->DefaultReactor();
      m_role.m_host.answer(reactor, std::move(work));
      return reactor;
    }

    RunnerRole& m_role;
  };

  std::map<std::string, Run> m_runs;
  int m_count = 0;
  Service m_service;
};

} // namespace

std::unique_ptr<Role> makeRunner(RoleContext& context) {
  return std::make_unique<RunnerRole>(context);
}

} // namespace ratdeck::sandbox

#include "app/sandbox/grpc_clients.h"

#include "app/sandbox/grpc_deadline.h"
#include "app/sandbox/proto/query.grpc.pb.h"
#include "app/sandbox/proto/runner.grpc.pb.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <grpcpp/grpcpp.h>

namespace ratdeck::sandbox {

namespace query = ratatouille::query::v1;
namespace runner = ratatouille::runner::v1;

namespace {

constexpr int firstBackoffMs = 100;
constexpr int lastBackoffMs = 500;

std::shared_ptr<grpc::Channel> channelTo(const Endpoint& peer) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, firstBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, firstBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, lastBackoffMs);
  bool isAddress = peer.host.find_first_not_of("0123456789.") == std::string::npos;
  return grpc::CreateCustomChannel((isAddress ? "ipv4:" : "") + peer.toString(),
                                   grpc::InsecureChannelCredentials(), arguments);
}

CallOutcome outcomeOf(const grpc::Status& status) {
  CallOutcome outcome;
  outcome.ok = status.ok();
  outcome.notFound = status.error_code() == grpc::StatusCode::NOT_FOUND;
  if (!outcome.ok)
    outcome.detail = "code " + std::to_string(status.error_code()) + ": " + status.error_message();
  return outcome;
}

// One call's memory, alive until it is answered.
template <class Request, class Reply>
struct Call {
  grpc::ClientContext context;
  Request request;
  Reply reply;
};

// Starts `method`, and hands `read(reply, outcome)` and then `done` to the loop.
template <class Request, class Reply, class Async, class Read>
void start(boost::asio::io_context& io, Async* stub,
           void (Async::*method)(grpc::ClientContext*, const Request*, Reply*,
                                 std::function<void(grpc::Status)>),
           Request request, Duration timeout, Read read, CallDone done) {
  auto call = std::make_shared<Call<Request, Reply>>();
  call->request = std::move(request);
  call->context.set_deadline(grpcDeadline(timeout));
  (stub->*method)(&call->context, &call->request, &call->reply,
                  [&io, call, read, done = std::move(done)](const grpc::Status& status) mutable {
                    auto outcome = outcomeOf(status);
                    if (outcome.ok)
                      read(call->reply, outcome);
                    boost::asio::post(io, [done = std::move(done), outcome = std::move(outcome)]() mutable {
                      done(std::move(outcome));
                    });
                  });
}

} // namespace

using QueryAsync = class query::QueryService::Stub::async;
using RunnerAsync = class runner::RunnerService::Stub::async;

struct QueryClient::Core {
  boost::asio::io_context& io;
  std::unique_ptr<query::QueryService::Stub> stub;
};

QueryClient::QueryClient(boost::asio::io_context& io, const Endpoint& ratq)
    : m_core(new Core{io, query::QueryService::NewStub(channelTo(ratq))}) {}

QueryClient::~QueryClient() = default;

void QueryClient::executeQuery(const std::string& sql, Duration timeout, CallDone done) {
  query::ExecuteQueryRequest request;
  request.set_sql(sql);
  start<query::ExecuteQueryRequest, query::ExecuteQueryResponse, QueryAsync>(
      m_core->io, m_core->stub->async(), &QueryAsync::ExecuteQuery, std::move(request), timeout,
      [](const query::ExecuteQueryResponse& reply, CallOutcome& outcome) {
        for (const auto& row : reply.rows())
          outcome.text += (outcome.text.empty() ? "" : ",") + row;
        outcome.version = reply.version();
        outcome.instance = reply.instance();
      },
      std::move(done));
}

void QueryClient::listTables(Duration timeout, CallDone done) {
  start<query::ListTablesRequest, query::ListTablesResponse, QueryAsync>(
      m_core->io, m_core->stub->async(), &QueryAsync::ListTables, {}, timeout,
      [](const query::ListTablesResponse&, CallOutcome&) {}, std::move(done));
}

struct RunnerClient::Core {
  boost::asio::io_context& io;
  std::unique_ptr<runner::RunnerService::Stub> stub;
};

RunnerClient::RunnerClient(boost::asio::io_context& io, const Endpoint& peer)
    : m_core(new Core{io, runner::RunnerService::NewStub(channelTo(peer))}) {}

RunnerClient::~RunnerClient() = default;

void RunnerClient::submit(const std::string& pipeline, Duration length, Duration timeout, CallDone done) {
  runner::SubmitPipelineRequest request;
  request.set_pipeline(pipeline);
  request.set_duration_ms(std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
  start<runner::SubmitPipelineRequest, runner::SubmitPipelineResponse, RunnerAsync>(
      m_core->io, m_core->stub->async(), &RunnerAsync::SubmitPipeline, std::move(request), timeout,
      [](const runner::SubmitPipelineResponse& reply, CallOutcome& outcome) {
        outcome.text = reply.run_id();
      },
      std::move(done));
}

void RunnerClient::status(const std::string& run, Duration timeout, CallDone done) {
  runner::GetRunStatusRequest request;
  request.set_run_id(run);
  start<runner::GetRunStatusRequest, runner::GetRunStatusResponse, RunnerAsync>(
      m_core->io, m_core->stub->async(), &RunnerAsync::GetRunStatus, std::move(request), timeout,
      [](const runner::GetRunStatusResponse& reply, CallOutcome& outcome) { outcome.text = reply.status(); },
      std::move(done));
}

void RunnerClient::preview(const std::string& pipeline, Duration timeout, CallDone done) {
  runner::PreviewPipelineRequest request;
  request.set_pipeline(pipeline);
  start<runner::PreviewPipelineRequest, runner::PreviewPipelineResponse, RunnerAsync>(
      m_core->io, m_core->stub->async(), &RunnerAsync::PreviewPipeline, std::move(request), timeout,
      [](const runner::PreviewPipelineResponse& reply, CallOutcome& outcome) {
        for (const auto& row : reply.rows())
          outcome.text += (outcome.text.empty() ? "" : ",") + row;
        outcome.version = reply.version();
        outcome.instance = reply.instance();
      },
      std::move(done));
}

void RunnerClient::listPlugins(Duration timeout, CallDone done) {
  start<runner::ListPluginsRequest, runner::ListPluginsResponse, RunnerAsync>(
      m_core->io, m_core->stub->async(), &RunnerAsync::ListPlugins, {}, timeout,
      [](const runner::ListPluginsResponse&, CallOutcome&) {}, std::move(done));
}

} // namespace ratdeck::sandbox

#include "core/spec/compose/drain_reader.h"

#include "core/spec/compose/measurement_reader.h"

#include <algorithm>

namespace ratdeck::compose {

namespace {

std::string readSignal(PolicyReader& in, const Node& node, const std::string& name) {
  auto signal = in.text(node, name);
  const bool isNamed =
      signal.size() > 3 && signal.starts_with("SIG") && std::all_of(signal.begin(), signal.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-';
      });
  if (!isNamed)
    in.fail(node, name, "\"" + signal.substr(0, 60) + "\" is not the name of a signal",
            "write it like SIGUSR1");
  else if (signal == "SIGKILL" || signal == "SIGSTOP")
    in.fail(node, name, signal + " cannot be heard", "name a signal that the service takes, such as SIGUSR1");
  return signal;
}

DrainCall readCall(PolicyReader& in, const Node& node, const std::string& name) {
  DrainCall call;
  in.map(node, name,
         {{"exec",
           [&](const Node& n) {
             call.command = in.textList(n, name + ".exec");
           }},
          {"signal", [&](const Node& n) {
             call.signal = readSignal(in, n, name + ".signal");
           }}});
  if (call.command.empty() == call.signal.empty())
    in.wrong(node, name, "a mapping with either exec or signal");
  return call;
}

DrainHealth readDrainHealth(PolicyReader& in, const Node& node) {
  DrainHealth health;
  in.map(node, "drain.grpc",
         {{"port",
           [&](const Node& n) {
             health.port = in.port(n, "drain.grpc.port");
           }},
          {"service", [&](const Node& n) {
             health.service = n.isText() ? n.text : in.text(n, "drain.grpc.service");
           }}});
  in.needs(node, "port", "drain.grpc");
  return health;
}

void readHttpCount(PolicyReader& in, const Node& node, WorkCount& count) {
  count.kind = CountKind::Http;
  in.map(node, "drain.count.http",
         {{"port",
           [&](const Node& n) {
             count.port = in.port(n, "drain.count.http.port");
           }},
          {"path",
           [&](const Node& n) {
             count.path = in.text(n, "drain.count.http.path");
           }},
          {"field", [&](const Node& n) {
             count.field = in.text(n, "drain.count.http.field");
           }}});
  in.needs(node, "port", "drain.count.http");
}

void readPrometheusCount(PolicyReader& in, const Node& node, WorkCount& count) {
  const std::string name = "drain.count.prometheus";
  count.kind = CountKind::Prometheus;
  auto fields = loginFields(in, name, count.login);
  fields.push_back({"url", [&](const Node& n) {
                      count.url = in.serverUrl(n, name + ".url", loginInsteadOfUser);
                    }});
  fields.push_back({"query", [&](const Node& n) {
                      count.query = in.text(n, name + ".query");
                      if (count.query.find("{{") != std::string::npos)
                        in.fail(n, name + ".query", "a count is of now, and stands for no {{window}}",
                                "write the range itself, as [30s]");
                    }});
  in.map(node, name, fields);
  in.needs(node, "url", name);
  in.needs(node, "query", name);
  checkLogin(in, node, name, count.login);
}

WorkCount readCount(PolicyReader& in, const Node& node) {
  WorkCount count;
  in.map(node, "drain.count",
         {{"exec",
           [&](const Node& n) {
             count.command = in.textList(n, "drain.count.exec");
             if (count.command.empty())
               in.wrong(n, "drain.count.exec", "a command as a list of texts");
           }},
          {"http",
           [&](const Node& n) {
             readHttpCount(in, n, count);
           }},
          {"prometheus", [&](const Node& n) {
             readPrometheusCount(in, n, count);
           }}});
  if (!node.isMap() || node.entries.size() != 1)
    in.wrong(node, "drain.count", "a mapping with one of exec, http, prometheus");
  return count;
}

// A drain that says how old copies are told, or how their work is counted, waits for it.
void checkDrain(PolicyReader& in, const Node& node, DrainPolicy& drain) {
  if (drain.back && !drain.hook)
    in.fail(node, "drain.back", "there is no hook to take back", "add drain.hook, or leave drain.back out");
  const bool saysHow = drain.hook || drain.grpc || drain.count;
  if (saysHow && node.isMap() && node.find("wait_for_runs") && !drain.waitForRuns)
    in.fail(node, "drain", "hook, grpc and count say nothing without the wait for active work",
            "leave wait_for_runs out, or set it to true");
  drain.waitForRuns = drain.waitForRuns || saysHow;
}

std::string readTokenFile(PolicyReader& in, const Node& node) {
  auto path = in.text(node, "active_runs.token_file");
  if (!path.empty() && path.front() != '/')
    in.fail(node, "active_runs.token_file", "\"" + path.substr(0, 60) + "\" is not an absolute path",
            "start it with /");
  return path;
}

} // namespace

DrainPolicy readDrain(PolicyReader& in, const Node& node) {
  DrainPolicy drain;
  in.map(node, "drain",
         {{"hook",
           [&](const Node& n) {
             drain.hook = readCall(in, n, "drain.hook");
           }},
          {"back",
           [&](const Node& n) {
             drain.back = readCall(in, n, "drain.back");
           }},
          {"grpc",
           [&](const Node& n) {
             drain.grpc = readDrainHealth(in, n);
           }},
          {"count",
           [&](const Node& n) {
             drain.count = readCount(in, n);
           }},
          {"wait_for_runs",
           [&](const Node& n) {
             drain.waitForRuns = in.boolean(n, "drain.wait_for_runs");
           }},
          {"deadline",
           [&](const Node& n) {
             drain.deadline = in.duration(n, "drain.deadline");
           }},
          {"extension",
           [&](const Node& n) {
             drain.extension = in.duration(n, "drain.extension");
           }},
          {"at_deadline", [&](const Node& n) {
             drain.atDeadline = in.word<DeadlineAction>(n, "drain.at_deadline",
                                                        {{"wait", DeadlineAction::Wait},
                                                         {"extend", DeadlineAction::Extend},
                                                         {"end", DeadlineAction::End},
                                                         {"undo", DeadlineAction::Undo}});
           }}});
  checkDrain(in, node, drain);
  return drain;
}

ActiveRunsSpec readActiveRuns(PolicyReader& in, const Node& node) {
  ActiveRunsSpec runs;
  in.map(node, "active_runs",
         {{"service",
           [&](const Node& n) {
             runs.service = in.text(n, "active_runs.service");
           }},
          {"port",
           [&](const Node& n) {
             runs.port = in.port(n, "active_runs.port");
           }},
          {"path",
           [&](const Node& n) {
             runs.path = in.text(n, "active_runs.path");
           }},
          {"token_env",
           [&](const Node& n) {
             runs.tokenEnv = in.text(n, "active_runs.token_env");
           }},
          {"token_file", [&](const Node& n) {
             runs.tokenFile = readTokenFile(in, n);
           }}});
  in.needs(node, "service", "active_runs");
  in.needs(node, "port", "active_runs");
  if (!runs.tokenEnv.empty() && !runs.tokenFile.empty())
    in.fail(node, "active_runs", "a token is read from one place", "keep one of token_env and token_file");
  return runs;
}

} // namespace ratdeck::compose

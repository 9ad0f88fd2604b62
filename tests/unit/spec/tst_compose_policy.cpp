#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// The x-ratdeck keys: what is read, and what is said of what cannot be. That page and schema know the same
// ones: tst_x_ratdeck.cpp.
class TestComposePolicy : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void defaultsHoldWithoutAnyKey();
  void readsTheStacksKeys();
  void readsAServicesKeys();
  void readsHooksAndMigrations();
  void readsHowActiveWorkIsDrained();
  void variablesWorkInIt();
  void namesTheNearestKnownKey_data();
  void namesTheNearestKnownKey();
};

namespace {

Result<Loaded> loadText(const std::string& text) {
  ComposeFolder folder;
  return folder.write("compose.yaml", text).load();
}

const std::string web = "services:\n  web:\n    image: i\n    x-ratdeck:\n      ";

} // namespace

void TestComposePolicy::defaultsHoldWithoutAnyKey() {
  auto loaded = loadText("services: {web: {image: i}}\n");
  QVERIFY(loaded.has_value());
  QVERIFY(loaded->stack.policy == StackPolicy{});
  QVERIFY(loaded->stack.services.at("web").policy == ServicePolicy{});
}

void TestComposePolicy::readsTheStacksKeys() {
  auto loaded = loadText(R"(
x-ratdeck:
  tiers: loose
  tier_names: [one, two]
  router: r
  on_failure_scope: service
  monitor: 3s
  keep_warm: 4s
  bake: 5m
  unattended: true
  error_gate: {max_ratio: 0.5, min_requests: 7, max_over_old: 3, window: 1m, inconclusive: undo, observe: true}
  latency_gate: {max: 500ms}
  active_runs: {service: r, port: 8080, path: /runs, token_env: TOKEN}
  verify:
    - {service: r, http: {port: 1, path: /p, status: 204, timeout: 1s}}
    - {service: r, tcp: {port: 2}}
  approvals:
    - {id: a, before: r, expires: 1h}
    - {id: b, after: {wave: 2}}
services: {r: {image: i, x-ratdeck: {tier: two, approve: {before: c, after: d, expires: 2m}}}}
)");
  QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
  StackPolicy expected;
  expected.tiers = TierMode::Loose;
  expected.tierNames = {"one", "two"};
  expected.routerService = "r";
  expected.onFailureScope = FailureScope::Service;
  expected.monitor = 3s;
  expected.keepWarm = 4s;
  expected.bake = 5min;
  expected.unattended = true;
  AnalysisSpec errors, latency;
  errors.name = "errors";
  errors.most = 0.5;
  errors.minRequests = 7;
  errors.mostOverOld = 3;
  errors.window = 1min;
  errors.onInconclusive = Inconclusive::Undo;
  errors.isObserveOnly = true;
  latency.name = "latency";
  latency.measurement.quantity = MeasuredQuantity::Latency;
  latency.most = 0.5; // seconds
  expected.analyses = {errors, latency};
  expected.activeRuns = ActiveRunsSpec{"r", 8080, "/runs", "TOKEN"};
  ProbeSpec http{ProbeKind::Http, "GET /p", {}, 1, "/p", 204, "", 1s};
  ProbeSpec tcp{ProbeKind::Tcp, "TCP 2", {}, 2, "/", 0, "", 2s};
  expected.verify = {{"r", http}, {"r", tcp}};
  using When = ApprovalSpec::When;
  expected.approvals = {{"a", When::Before, "r", 0, 1h},
                        {"b", When::After, "", 2, 30min},
                        {"c", When::Before, "r", 0, 2min},
                        {"d", When::After, "r", 0, 2min}};
  QVERIFY(loaded->stack.policy == expected);
  QCOMPARE(loaded->stack.services.at("r").policy.tier.value(), std::string("two"));
}

void TestComposePolicy::readsHooksAndMigrations() {
  auto loaded = loadText(R"(
x-ratdeck:
  hooks:
    before: [{id: backup, service: db, exec: [/b, "1"], timeout: 5m, on_error: ignore}]
  migrations:
    - id: email
      before: web
      up: {run: [/m, up]}
      down: {run: [/m, down], service: db}
      status: {exec: [/s], service: db}
      versions: [042.sql]
      reversible: false
      down_after_failure: yes
      down_order: before-code
      approve: go
    - {id: drop, phase: contract, service: db, up: {exec: [/d]}}
  schema: {applied_by: web, status: {exec: [/s], service: db}, compatible: false}
services:
  web: {image: i, x-ratdeck: {hooks: {after: [{id: smoke, run: [/t]}]}}}
  db: {image: i}
)");
  QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
  const auto& tasks = loaded->stack.policy.tasks;
  QCOMPARE(tasks.size(), size_t(5));
  using Where = TaskCommand::Where;
  const auto& backup = tasks[0];
  QVERIFY(backup.up == (TaskCommand{Where::Copy, "db", {"/b", "1"}}));
  QVERIFY(backup.kind == TaskSpec::Kind::Hook && backup.when == TaskSpec::When::Before);
  QVERIFY(backup.service.empty() && backup.limit == 5min && backup.onError == TaskSpec::OnError::Ignore);
  const auto& email = tasks[1];
  QVERIFY(email.up == (TaskCommand{Where::Own, "web", {"/m", "up"}}));
  QVERIFY(email.down == (TaskCommand{Where::Own, "db", {"/m", "down"}}));
  QVERIFY(email.status == (TaskCommand{Where::Copy, "db", {"/s"}}));
  QVERIFY(email.service == "web" && email.limit == 10min && email.approval == "go");
  QVERIFY(!email.isReversible && !email.canGoBack() && email.isDownSafe && email.goesBackFirst);
  QVERIFY(email.isCompatible && email.versions == std::vector<std::string>{"042.sql"});
  QVERIFY(email.location.line == 6);
  const auto& drop = tasks[2];
  QVERIFY(drop.phase == TaskSpec::Phase::Contract && drop.service.empty() && !drop.isCompatible);
  QVERIFY(drop.onError == TaskSpec::OnError::Ask && !drop.isReversible);
  const auto& schema = tasks[3];
  QVERIFY(schema.kind == TaskSpec::Kind::Schema && schema.id == "schema-web" && schema.service == "web");
  QVERIFY(!schema.isCompatible && schema.status->service == "db");
  const auto& smoke = tasks[4];
  QVERIFY(smoke.service == "web" && smoke.when == TaskSpec::When::After && smoke.up->service == "web");
}

void TestComposePolicy::readsAServicesKeys() {
  auto loaded = loadText(web + R"(order: start-first
      route: [{port: 80}, {port: 81, protocol: h2}, {port: 82, protocol: tcp}]
      ready: [{http: {port: 80}}, {tcp: {port: 1}}, {grpc: {port: 2, service: s}}, {exec: [a, b]}]
      drain: {wait_for_runs: true, deadline: 1m, at_deadline: extend, extension: 2m}
      monitor: 1s
      keep_warm: 2s
      error_gate: {}
      sandbox: {plays: ratd}
  off: {image: i, x-ratdeck: {route: false}}
)");
  QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
  ServicePolicy expected;
  expected.order = UpdateOrder::StartFirst;
  expected.route = {{80, RouteProtocol::Http}, {81, RouteProtocol::H2}, {82, RouteProtocol::Tcp}};
  expected.ready = {{ProbeKind::Http, "GET /", {}, 80, "/", 0, "", 2s},
                    {ProbeKind::Tcp, "TCP 1", {}, 1, "/", 0, "", 2s},
                    {ProbeKind::GrpcHealth, "gRPC health s", {}, 2, "/", 0, "s", 2s},
                    {ProbeKind::Exec, "exec a", {"a", "b"}, 0, "/", 0, "", 2s}};
  expected.drain = DrainPolicy{true, 1min, DeadlineAction::Extend, 2min};
  expected.monitor = 1s;
  expected.keepWarm = 2s;
  expected.analyses.resize(1);
  expected.analyses.front().name = "errors";
  expected.sandboxPlays = "ratd";
  QVERIFY(loaded->stack.services.at("web").policy == expected);
  QVERIFY(loaded->stack.services.at("off").policy.route == std::vector<RouteSpec>{});
}

void TestComposePolicy::readsHowActiveWorkIsDrained() {
  auto drainOf = [](const std::string& text) {
    auto loaded = loadText(web + "drain: " + text + "\n");
    return loaded ? *loaded->stack.services.at("web").policy.drain : DrainPolicy{};
  };
  DrainPolicy told;
  told.waitForRuns = true; // saying how says that
  told.hook = DrainCall{{"/drain", "on"}};
  told.back = DrainCall{{}, "SIGUSR2"};
  told.grpc = DrainHealth{50052, "rat.Runner"};
  QVERIFY(drainOf("{hook: {exec: [/drain, on]}, back: {signal: SIGUSR2}, "
                  "grpc: {port: 50052, service: rat.Runner}}") == told);
  DrainPolicy counted;
  counted.waitForRuns = true;
  counted.count = WorkCount{CountKind::Command, {"/jobs", "count"}};
  QVERIFY(drainOf("{count: {exec: [/jobs, count]}}") == counted);
  counted.count = WorkCount{};
  counted.count->kind = CountKind::Http;
  counted.count->port = 9000;
  counted.count->path = "/stats";
  counted.count->field = "jobs.active";
  QVERIFY(drainOf("{count: {http: {port: 9000, path: /stats, field: jobs.active}}}") == counted);
  counted.count = WorkCount{};
  counted.count->kind = CountKind::Prometheus;
  counted.count->url = "http://p:9090";
  counted.count->query = "sum(jobs)";
  QVERIFY(drainOf("{count: {prometheus: {url: 'http://p:9090', query: sum(jobs)}}}") == counted);
  counted.count->login = {"", "ops", "PASS"};
  QVERIFY(
      drainOf(
          "{count: {prometheus: {url: 'http://p:9090', query: sum(jobs), user: ops, password_env: PASS}}}") ==
      counted);
  counted.count->login = {"TOKEN", "", ""};
  QVERIFY(drainOf("{count: {prometheus: {url: 'http://p:9090', query: sum(jobs), token_env: TOKEN}}}") ==
          counted);
}

void TestComposePolicy::variablesWorkInIt() {
  auto loaded = loadText(web + "route: [{port: '${P:-80}'}]\n      drain: {wait_for_runs: '${W:-yes}'}\n");
  QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
  QCOMPARE(loaded->stack.services.at("web").policy.route->front().port, 80);
  QVERIFY(loaded->stack.services.at("web").policy.drain->waitForRuns);
}

void TestComposePolicy::namesTheNearestKnownKey_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("error");
  auto row = [](const std::string& text, const char* error) {
    QTest::newRow(error) << text << std::string(error);
  };
  const std::string end = "\nservices: {web: {image: i}}\n";
  row("x-ratdeck: {tires: loose}" + end,
      "compose.yaml:1:13: x-ratdeck has no key \"tires\"; did you mean \"tiers\"?");
  row("x-ratdeck: {tiers: lose}" + end,
      "compose.yaml:1:20: x-ratdeck.tiers: \"lose\" is not one of strict, loose; did you mean \"loose\"?");
  row("x-ratdeck: {bake: soon}" + end,
      "compose.yaml:1:19: x-ratdeck.bake: invalid duration \"soon\": a number is "
      "missing; write it like 1m30s, 10s or 500ms");
  row("x-ratdeck: {bake: -1s}" + end,
      "compose.yaml:1:19: x-ratdeck.bake: a duration cannot be negative: -1s; write it like 30s");
  row("x-ratdeck: {router: wbe}" + end,
      "compose.yaml:1:21: x-ratdeck.router names the undefined service \"wbe\"; did you mean \"web\"?");
  row("x-ratdeck: {error_gate: {max_ratio: 2}}" + end,
      "compose.yaml:1:37: x-ratdeck.error_gate.max_ratio must be a "
      "number from 0 to 1, not a integer; see the reference of "
      "x-ratdeck");
  row("x-ratdeck: {latency_gate: {}}" + end,
      "compose.yaml:1:27: x-ratdeck.latency_gate is missing \"max\"; add max:");
  row("x-ratdeck: {error_gate: {window: 0s}}" + end,
      "compose.yaml:1:34: x-ratdeck.error_gate.window: a window cannot be empty; write it like 30s");
  row("x-ratdeck: {approvals: [{id: a, before: web}, {id: a, after: web}]}" + end,
      "compose.yaml:1:12: two approvals have the id \"a\"; give each its own id");
  row("x-ratdeck: {approvals: [{id: a}]}" + end,
      "compose.yaml:1:25: x-ratdeck.approvals: an approval stands before or "
      "after a service or a wave; add before: SERVICE, or after: {wave: 2}");
  row(web + "oder: start-first\n",
      "compose.yaml:5:7: services.web.x-ratdeck has no key \"oder\"; did you mean \"order\"?");
  row(web + "tier: querry\n", "compose.yaml:5:13: services.web.x-ratdeck.tier: \"querry\" is not one of the "
                              "tiers; did you mean \"query\"?");
  row(web + "ready: [{http: {path: /}}]\n",
      "compose.yaml:5:22: services.web.x-ratdeck.ready.http is missing \"port\"; add port:");
  row(web + "ready: [{tcp: {port: 0}}]\n", "compose.yaml:5:28: services.web.x-ratdeck.ready.tcp.port must be "
                                           "a number from 1 to 65535, not a integer; see the "
                                           "reference of x-ratdeck");
  row(web + "drain: {hook: {signal: USR1}}\n",
      "compose.yaml:5:30: services.web.x-ratdeck.drain.hook.signal: \"USR1\" is not the name of a signal; "
      "write it like SIGUSR1");
  row(web + "drain: {hook: {signal: SIGKILL}}\n",
      "compose.yaml:5:30: services.web.x-ratdeck.drain.hook.signal: SIGKILL cannot be heard; name a signal "
      "that the service takes, such as SIGUSR1");
  row(web + "drain: {hook: {exec: [a], signal: SIGUSR1}}\n",
      "compose.yaml:5:21: services.web.x-ratdeck.drain.hook must be a mapping with either exec or signal, "
      "not "
      "a mapping; see the reference of x-ratdeck");
  row(web + "drain: {back: {exec: [a]}}\n",
      "compose.yaml:5:14: services.web.x-ratdeck.drain.back: there is no hook to take back; add drain.hook, "
      "or leave drain.back out");
  row(web + "drain: {wait_for_runs: false, hook: {exec: [a]}}\n",
      "compose.yaml:5:14: services.web.x-ratdeck.drain: hook, grpc and count say nothing without the wait "
      "for "
      "active work; leave wait_for_runs out, or set it to true");
  row(web + "drain: {count: {prometheus: {url: 'http://u:s3cret@p', query: a}}}\n",
      "compose.yaml:5:41: services.web.x-ratdeck.drain.count.prometheus.url: a user or password in an "
      "address "
      "would be shown; use user and password_env, or token_env");
  row(web + "drain: {count: {prometheus: {url: 'http://p', query: a, token_env: 'Bearer s3cret'}}}\n",
      "compose.yaml:5:74: services.web.x-ratdeck.drain.count.prometheus.token_env: this is not the name of "
      "an "
      "environment variable; name the variable that holds the secret, as PROMETHEUS_TOKEN");
  row(web + "drain: {count: {prometheus: {url: 'http://p', query: a, user: ops}}}\n",
      "compose.yaml:5:35: services.web.x-ratdeck.drain.count.prometheus: user and password_env belong "
      "together; "
      "give both, or neither");
  row(web + "drain: {count: {prometheus: {url: p, query: a}}}\n",
      "compose.yaml:5:41: services.web.x-ratdeck.drain.count.prometheus.url: this is no http:// or https:// "
      "address; write it like http://prometheus:9090");
  row(web + "drain: {count: {prometheus: {url: 'http://p', query: 'a[{{window}}]'}}}\n",
      "compose.yaml:5:60: services.web.x-ratdeck.drain.count.prometheus.query: a count is of now, and stands "
      "for "
      "no {{window}}; write the range itself, as [30s]");
  row(web + "drain: {count: {http: {path: /}}}\n",
      "compose.yaml:5:29: services.web.x-ratdeck.drain.count.http is missing \"port\"; add port:");
  row("x-ratdeck: {active_runs: {service: web, port: 1, token_file: t}}" + end,
      "compose.yaml:1:62: x-ratdeck.active_runs.token_file: \"t\" is not an absolute path; start it with /");
  const std::string stack = "services: {web: {image: i}}\nx-ratdeck:\n  ";
  row(stack + "hooks: {before: [{id: a, service: web}]}\n",
      "compose.yaml:3:20: x-ratdeck.hooks.before: a command is missing; add run: [COMMAND, ARGUMENT] or "
      "exec: "
      "[COMMAND, ARGUMENT]");
  row(stack + "hooks: {before: [{id: a, exec: [x]}]}\n",
      "compose.yaml:3:20: x-ratdeck.hooks.before: it does not say of which service the copy is that it runs "
      "in; "
      "add service: NAME");
  row(stack + "migrations: [{id: a b, service: web, up: {run: [x]}}]\n",
      "compose.yaml:3:21: x-ratdeck.migrations.id: \"a b\" is no id; use letters, digits, '_', '-' and '.', "
      "at "
      "most 60");
  row(stack + "migrations: [{id: a, before: wep, up: {run: [x]}}]\n",
      "compose.yaml:3:16: x-ratdeck.migrations names the undefined service \"wep\"; did you mean \"web\"?");
  row(stack +
          "migrations:\n  - {id: a, before: web, up: {run: [x]}}\n  - {id: a, before: web, up: {run: [x]}}\n",
      "compose.yaml:5:5: two tasks have the id \"a\"; give each hook and migration its own");
  row(stack +
          "approvals: [{id: go, before: web}]\n  migrations: [{id: a, before: web, approve: go, up: {run: "
          "[x]}}]\n",
      "compose.yaml:4:16: two approvals have the id \"go\"; give each its own id");
  row(web + "hooks: {after: [{id: a, service: wep, run: [x]}]}\n",
      "compose.yaml:5:23: x-ratdeck.hooks names the undefined service \"wep\"; did you mean \"web\"?");
  row(stack + "migrations: [{id: a, service: web, up: {run: [x]}, reversible: true}]\n",
      "compose.yaml:3:66: x-ratdeck.migrations.reversible: there is no down to say that of; add down: { run: "
      "[COMMAND, ARGUMENT] }, or leave it out");
  row(web + "route: true\n",
      "compose.yaml:5:14: services.web.x-ratdeck.route: true says no port; write a list of "
      "ports, or false for none");
}

void TestComposePolicy::namesTheNearestKnownKey() {
  QFETCH(std::string, text);
  QFETCH(std::string, error);
  auto loaded = loadText(text);
  QVERIFY(!loaded.has_value());
  QCOMPARE(loaded.error().toString(), error);
}

QTEST_APPLESS_MAIN(TestComposePolicy)
#include "tst_compose_policy.moc"

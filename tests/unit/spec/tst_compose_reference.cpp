#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// Corners in which the reference loader decides what a file means, or whether it is one.
class TestComposeReference : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void readsAFileAsTheReferenceDoes_data();
  void readsAFileAsTheReferenceDoes();
  void refusesWhatTheReferenceRefuses_data();
  void refusesWhatTheReferenceRefuses();
  void aServiceMayExtendAnIncludedOne();
  void anEmptyOverrideFileChangesNothing();
  void anEnvFileSeesTheProjectsVariablesFirstAndThenTheServicesOwn();
  void aNameWithoutValueIsNotHandedToTheContainer();
  void aHomePathNeedsNoSlash();
};

namespace {

const std::string web = "services:\n  web:\n    image: i\n";

// A service `web` whose body is `body`, indented below it.
std::string withBody(const std::string& body) {
  return web + "    " + body + "\n";
}

} // namespace

void TestComposeReference::readsAFileAsTheReferenceDoes_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("pointer");
  QTest::addColumn<std::string>("json");
  auto row = [](const char* name, const std::string& text, const char* pointer, const char* json) {
    QTest::newRow(name) << text << std::string(pointer) << std::string(json);
  };
  row("a variable without a value anywhere stays, as null", withBody("environment: [A, B=]"),
      "/services/web/environment", R"({"A":null,"B":""})");
  row("a build argument without a value is left out", withBody("build: {args: [A, B=1]}"),
      "/services/web/build/args", R"({"B":"1"})");
  row("what a provider runs is on no network", "services: {ai: {provider: {type: model}}}\n",
      "/services/ai/networks", "absent");
  row("the target of a long mount is cleaned", withBody("volumes: [{type: tmpfs, target: /a//b/}]"),
      "/services/web/volumes", R"([{"target":"/a/b","type":"tmpfs"}])");
  row("a host path that must be there is said to be so, the default is not printed",
      withBody("volumes: ['/x:/x', {type: bind, source: /y, target: /y, bind: {create_host_path: 'false'}}]"),
      "/services/web/volumes",
      R"([{"bind":{},"source":"/x","target":"/x","type":"bind"},)"
      R"({"bind":{"create_host_path":false},"source":"/y","target":"/y","type":"bind"}])");
  row("a network that is told not to speak IPv6 says so",
      web + "networks: {default: {enable_ipv6: false, internal: false}}\n", "/networks/default",
      R"({"enable_ipv6":false,"ipam":{},"name":"project_default"})");
  row("gpus need no capabilities and may be counted in text", withBody("gpus: [{driver: d, count: '2'}]"),
      "/services/web/gpus", R"([{"count":2,"driver":"d"}])");
  row("all gpus are counted as minus one", withBody("gpus: all"), "/services/web/gpus", R"([{"count":-1}])");
  row("a reserved device may name a driver alone",
      withBody("deploy: {resources: {reservations: {devices: [{driver: d, device_ids: [a]}]}}}"),
      "/services/web/deploy/resources/reservations/devices", R"([{"device_ids":["a"],"driver":"d"}])");
  row("modes of secrets are octal, quoted or not",
      withBody("secrets: [{source: s, mode: '0440'}, {source: t, mode: 0400}]") +
          "secrets: {s: {file: a}, t: {file: b}}\n",
      "/services/web/secrets",
      R"([{"mode":"0440","source":"s","target":"/run/secrets/s"},{"mode":"0400","source":"t","target":"/run/secrets/t"}])");
  row("several addresses of one host are several lines", withBody("extra_hosts: ['a=::1,[::2]']"),
      "/services/web/extra_hosts", R"(["a=::1","a=::2"])");
  row("switches of a build may be written as text", withBody("build: {no_cache: 'yes', pull: 'false'}"),
      "/services/web/build/no_cache", "true");
  row("a hook before the start may be any container", withBody("pre_start: [{image: j, command: a b}]"),
      "/services/web/pre_start", R"([{"command":["a","b"],"image":"j"}])");
  row("a tag that is merged in counts where it is merged to",
      "services:\n  base: {image: i, environment: {A: 1}}\n"
      "  x: &x {extends: base, environment: !override {B: 2}}\n  y: {<<: *x}\n",
      "/services/y/environment", R"({"B":"2"})");
  row("commands of hooks are split", withBody("post_start: [{command: echo 'a b'}]"),
      "/services/web/post_start", R"([{"command":["echo","a b"]}])");
  row("limits that are said twice alike are taken",
      withBody(
          "cpus: 0.5\n    mem_limit: 64m\n    deploy: {resources: {limits: {cpus: '0.50', memory: 64M}}}"),
      "/services/web/cpus", "0.5");
  row("a limit beside a deploy section without limits is taken",
      withBody("mem_limit: 1g\n    deploy: {replicas: 1}"), "/services/web/mem_limit", R"("1073741824")");
  row("a watch that restarts needs no target", withBody("develop: {watch: [{path: a, action: restart}]}"),
      "/services/web/image", R"("i")");
  row("a pull policy may be a period", withBody("pull_policy: every_12h"), "/services/web/pull_policy",
      R"("every_12h")");
  row("one limit and a pair of limits stay as they are across files",
      withBody("ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}") + "---\nservices: {web: {tty: true}}\n",
      "/services/web/ulimits", R"({"nofile":{"hard":2,"soft":1},"nproc":5})");
  row("a file that is only named keys is read", "name: x\nservices: {}\n", "/services", "{}");
}

void TestComposeReference::readsAFileAsTheReferenceDoes() {
  QFETCH(std::string, text);
  QFETCH(std::string, pointer);
  QFETCH(std::string, json);
  ComposeFolder folder;
  QCOMPARE(folder.write("compose.yaml", text).json(pointer), json);
}

void TestComposeReference::refusesWhatTheReferenceRefuses_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("error");
  auto row = [](const char* name, const std::string& text, const char* error) {
    QTest::newRow(name) << text << std::string(error);
  };
  row("an empty document after the first", web + "---\n# nothing\n",
      ":6:1: top-level object must be a mapping");
  row("a file with a version only", "version: '3'\n", ":1:1: empty compose file");
  row("a memory limit beside limits that leave it out",
      withBody("mem_limit: 1g\n    deploy: {resources: {limits: {cpus: '1'}}}"),
      ":4:16: services.web: can't set distinct values on 'mem_limit' and 'deploy.resources.limits.memory'");
  row("two limits of processes that differ",
      withBody("pids_limit: 5\n    deploy: {resources: {limits: {pids: 6}}}"),
      ":4:17: services.web: can't set distinct values on 'pids_limit' and 'deploy.resources.limits.pids'");
  row("two numbers of processors that differ",
      withBody("cpus: 1\n    deploy: {resources: {limits: {cpus: '2'}}}"),
      ":4:11: services.web: can't set distinct values on 'cpus' and 'deploy.resources.limits.cpus'");
  row("two reservations of memory that differ",
      withBody("mem_reservation: 1g\n    deploy: {resources: {reservations: {memory: 2G}}}"),
      ":4:22: services.web: can't set distinct values on 'mem_reservation' and "
      "'deploy.resources.reservations.memory'");
  row("a watch that syncs nowhere", withBody("develop: {watch: [{path: a, action: sync}]}"),
      ":4:23: services.web.develop.watch: target is required for the action sync");
  row("a watch of nothing", withBody("develop: {watch: [{path: '', action: rebuild}]}"),
      ":4:23: services.web.develop.watch: the path is empty");
  row("a secret from nowhere", web + "secrets: {s: {external: false}}\n",
      ":4:14: secrets.s must declare either file or environment");
  row("a container name of nothing", withBody("container_name: ${NONE:-}"),
      ":4:21: services.web.container_name: \"\" is not valid");
  row("an unknown pull policy", withBody("pull_policy: often"),
      ":4:18: services.web.pull_policy: \"often\" is not valid");
  row("half a pair of limits", withBody("ulimits: {nofile: {soft: 1}}"),
      ":4:23: services.web.ulimits.nofile is missing \"hard\"");
  row("a device that names neither what it can do nor its driver",
      withBody("deploy: {resources: {reservations: {devices: [{count: 1}]}}}"),
      ":4:51: services.web.deploy.resources.reservations.devices[0] is missing \"capabilities\"");
  row("devices both counted and named", withBody("gpus: [{count: 1, device_ids: [a]}]"),
      ":4:12: services.web.gpus: \"count\" and \"device_ids\" are mutually exclusive");
  row("a host without an address", withBody("extra_hosts: [a]"),
      ":4:19: services.web.extra_hosts: the address of \"a\" is missing");
  row("an address without a host", withBody("extra_hosts: ['=::1']"),
      ":4:19: services.web.extra_hosts: bad host name \"\"");
  row("a score out of bounds", withBody("oom_score_adj: 1001"),
      ":4:20: services.web.oom_score_adj must be at most 1000");
  row("an empty address of a port", withBody("ports: [{target: 80, host_ip: ''}]"),
      ":4:13: services.web.ports: invalid IP address \"\"");
  row("a key of ssh without its path", withBody("build: {ssh: [mine]}"),
      ":4:19: services.web.build.ssh: the key \"mine\" has no path");
  row("a size with the suffix of another tool", withBody("mem_limit: 512Mi"),
      ":4:16: services.web.mem_limit: invalid size \"512Mi\"");
  row("a device with too many colons", withBody("devices: ['/dev/a:b:c:d']"),
      ":4:15: services.web.devices: \"/dev/a:b:c:d\" has too many colons");
  row("a control character beyond ASCII", web + "# \xc2\x80\n", ":4:3: control characters are not allowed");
  row("a number of processes in words", withBody("deploy: {resources: {limits: {pids: many}}}"),
      ":4:41: services.web.deploy.resources.limits.pids: \"many\" is not a whole number");
  row("an env file of an unknown format", withBody("env_file: [{path: compose.yaml, format: json}]"),
      ":4:45: services.web.env_file: the format \"json\" is not known");
}

void TestComposeReference::refusesWhatTheReferenceRefuses() {
  QFETCH(std::string, text);
  QFETCH(std::string, error);
  ComposeFolder folder;
  QCOMPARE(folder.write("compose.yaml", text).error(), "compose.yaml" + error);
}

void TestComposeReference::aServiceMayExtendAnIncludedOne() {
  ComposeFolder folder;
  folder.write("part/compose.yaml", "services: {base: {image: b, environment: {A: 1}}}\n");
  folder.write("compose.yaml", "include: [{path: part/compose.yaml, colour: red}]\n"
                               "services: {web: {extends: base, environment: {B: 2}}}\n");
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("b")"));
  QCOMPARE(folder.json("/services/web/environment"), std::string(R"({"A":"1","B":"2"})"));
  auto loaded = folder.load();
  QVERIFY(loaded.has_value());
  QCOMPARE(loaded->warnings.front().message,
           std::string("include: the key 'colour' is not known, it is ignored"));
}

void TestComposeReference::anEmptyOverrideFileChangesNothing() {
  ComposeFolder folder;
  folder.write("compose.yaml", web).write("over.yaml", "# nothing yet\n");
  QCOMPARE(folder.json("/services/web/image", {"compose.yaml", "over.yaml"}), std::string(R"("i")"));
  QCOMPARE(folder.error({"over.yaml"}), std::string("over.yaml:1:1: empty compose file"));
}

void TestComposeReference::anEnvFileSeesTheProjectsVariablesFirstAndThenTheServicesOwn() {
  ComposeFolder folder;
  folder.request.environment = {{"BOTH", "project"}};
  folder.write("a.env", "BOTH=file\nX=${BOTH}\nY=${OWN}\nZ=${X}\nBARE");
  folder.write("compose.yaml", withBody("environment: {BOTH: own, OWN: o}\n    env_file: a.env"));
  QCOMPARE(folder.json("/services/web/environment"),
           std::string(R"({"BOTH":"own","OWN":"o","X":"project","Y":"o","Z":"project"})"));
}

void TestComposeReference::aNameWithoutValueIsNotHandedToTheContainer() {
  ComposeFolder folder;
  auto loaded = folder.write("compose.yaml", withBody("environment: {A: null, B: x}")).load();
  QVERIFY(loaded.has_value());
  const auto& environment = loaded->stack.services.at("web").environment;
  QCOMPARE(environment.size(), 1u);
  QCOMPARE(environment.at("B").reveal(), std::string("x"));
}

void TestComposeReference::aHomePathNeedsNoSlash() {
  ComposeFolder folder;
  folder.request.environment = {{"HOME", "/home/me"}};
  folder.write("compose.yaml",
               withBody("volumes: ['~/a:/a', '~b:/b', {type: bind, source: '', target: /c}]"));
  QCOMPARE(folder.json("/services/web/volumes/0/source"), std::string(R"("/home/me/a")"));
  QCOMPARE(folder.json("/services/web/volumes/1/source"), std::string(R"("/home/me/b")"));
  QCOMPARE(folder.json("/services/web/volumes/2/source"), "\"" + folder.path() + "\"");
}

QTEST_APPLESS_MAIN(TestComposeReference)
#include "tst_compose_reference.moc"

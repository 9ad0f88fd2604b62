#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// What single values become, in the JSON shape of `docker compose config`.
class TestComposeValues : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void readsAValue_data();
  void readsAValue();
  void loadsTheProductsOwnStack();
};

void TestComposeValues::readsAValue_data() {
  QTest::addColumn<std::string>("body");
  QTest::addColumn<std::string>("pointer");
  QTest::addColumn<std::string>("json");
  auto row = [](const char* name, const char* body, const char* pointer, const char* json) {
    QTest::newRow(name) << std::string(body) << std::string(pointer) << std::string(json);
  };
  auto port = [&](const char* text, const char* json) {
    QTest::newRow(text) << "ports: [" + std::string(text) + "]" << std::string("/ports") << std::string(json);
  };
  port("\"80\"", R"([{"mode":"ingress","protocol":"tcp","target":80}])");
  port("80", R"([{"mode":"ingress","protocol":"tcp","target":80}])");
  port("\"8080:80\"", R"([{"mode":"ingress","protocol":"tcp","published":"8080","target":80}])");
  port("\"53:53/UDP\"", R"([{"mode":"ingress","protocol":"udp","published":"53","target":53}])");
  port("\"127.0.0.1:1:2\"",
       R"([{"host_ip":"127.0.0.1","mode":"ingress","protocol":"tcp","published":"1","target":2}])");
  port("\"127.0.0.1::2\"", R"([{"host_ip":"127.0.0.1","mode":"ingress","protocol":"tcp","target":2}])");
  port("\"[::1]:1:2\"",
       R"([{"host_ip":"::1","mode":"ingress","protocol":"tcp","published":"1","target":2}])");
  port("\"3000-3001:9-10\"", R"([{"mode":"ingress","protocol":"tcp","published":"3001","target":10},)"
                             R"({"mode":"ingress","protocol":"tcp","published":"3000","target":9}])");
  port("\"3000-3005:80\"", R"([{"mode":"ingress","protocol":"tcp","published":"3000-3005","target":80}])");
  port("\"080:80\"", R"([{"mode":"ingress","protocol":"tcp","published":"80","target":80}])");
  port("{target: 80, published: 8080}",
       R"([{"mode":"ingress","protocol":"tcp","published":"8080","target":80}])");
  port("{target: \"80\", mode: host, name: http}",
       R"([{"mode":"host","name":"http","protocol":"tcp","target":80}])");
  row("the same port twice", "ports: ['80:80', '80:80']", "/ports",
      R"([{"mode":"ingress","protocol":"tcp","published":"80","target":80}])");

  row("test as text", "healthcheck: {test: curl x}", "/healthcheck", R"({"test":["CMD-SHELL","curl x"]})");
  row("test as list", "healthcheck: {test: [CMD, a, b]}", "/healthcheck", R"({"test":["CMD","a","b"]})");
  row("test none", "healthcheck: {test: [NONE]}", "/healthcheck", R"({"test":["NONE"]})");
  row("disabled", "healthcheck: {disable: true}", "/healthcheck", R"({"disable":true})");
  row("durations",
      "healthcheck: {interval: 90s, timeout: 1.5s, start_period: 0s, start_interval: 300ms, retries: 4}",
      "/healthcheck",
      R"({"interval":"1m30s","retries":4,"start_interval":"300ms","start_period":"0s","timeout":"1.5s"})");
  row("days", "stop_grace_period: 1d1h", "/stop_grace_period", R"("25h0m0s")");
  row("no grace", "stop_grace_period: 0s", "/stop_grace_period", R"("0s")");

  row("depends_on short", "depends_on: [web2]\nprofiles: []", "/depends_on",
      "ERROR: compose.yaml:4:18: "
      "service \"web\" depends on undefined service \"web2\"; did you mean \"web\"?");
  row("no command", "tty: false", "/command", "null");
  row("command as text", "command: sh -c \"a b\" 'c d' e\\ f", "/command",
      R"(["sh","-c","a b","c d","e f"])");
  row("command as list", "command: [a, 'b c']", "/command", R"(["a","b c"])");
  row("empty command", "command: ''", "/command", "[]");
  row("command cut at an operator", "command: a b && c", "/command", R"(["a","b"])");
  row("environment as map",
      "environment: {A: 1, B: 1.10, C: true, D: x, E: 1e3, F: 0o17, G: 017, H: yes, I: 12:30:45}",
      "/environment",
      R"({"A":"1","B":"1.1","C":"true","D":"x","E":"1000","F":"15","G":"15","H":"yes","I":"12:30:45"})");
  row("environment as list", "environment: [A=1, 'B=x=y', C, 'D=']", "/environment",
      R"({"A":"1","B":"x=y","C":null,"D":""})");
  row("labels", "labels: [a=1, b]", "/labels", R"({"a":"1","b":""})");
  row("extra hosts", "extra_hosts: ['a:1.2.3.4', 'b=::1', 'c=[::2]']", "/extra_hosts",
      R"(["a=1.2.3.4","b=::1","c=::2"])");
  row("size", "mem_limit: 1.5g", "/mem_limit", R"("1610612736")");
  row("shm", "shm_size: '64M'", "/shm_size", R"("67108864")");
  row("no deploy", "tty: true", "/deploy", "absent");
  row("deploy", "deploy: {replicas: 3}", "/deploy", R"({"placement":{},"replicas":3,"resources":{}})");
  row("update", "deploy: {update_config: {parallelism: 0, delay: 10s, order: start-first, monitor: 0s}}",
      "/deploy/update_config", R"({"delay":"10s","order":"start-first","parallelism":0})");
  row("limits", "deploy: {resources: {limits: {cpus: '0.50', memory: 50M, pids: 1}}}",
      "/deploy/resources/limits", R"({"cpus":0.5,"memory":"52428800","pids":1})");
  row("scale", "scale: 2", "/scale", "2");
  row("a quoted number", "deploy: {replicas: '2'}", "/deploy/replicas", "2");
  row("a written boolean", "init: 'yes'", "/init", "true");
  row("volume", "volumes: ['/data']", "/volumes", R"([{"target":"/data","type":"volume","volume":{}}])");
  row("bind", "volumes: ['/a/../b/:/c/:ro,z']", "/volumes",
      R"([{"bind":{"selinux":"z"},"read_only":true,"source":"/a/../b/","target":"/c","type":"bind"}])");
  row("tmpfs", "tmpfs: /run", "/tmpfs", R"(["/run"])");
  row("block rates", "blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 12mb}]}",
      "/blkio_config", R"({"device_read_bps":[{"path":"/dev/sda","rate":"12582912"}],"weight":300})");
  row("ulimits", "ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}", "/ulimits",
      R"({"nofile":{"hard":2,"soft":1},"nproc":5})");
  row("default network", "tty: true", "/networks", R"({"default":null})");
  row("host network", "network_mode: host", "/networks", "absent");
  row("expose", "expose: [80, '81']", "/expose", R"(["80","81"])");
  row("merge key", "environment:\n  <<: [{A: 1, B: 1}, {B: 2, C: 2}]\n  C: 3", "/environment",
      R"({"A":"1","B":"1","C":"3"})");
  row("extensions", "x-any: {a: [1]}", "/x-any", R"({"a":[1]})");
}

void TestComposeValues::readsAValue() {
  QFETCH(std::string, body);
  QFETCH(std::string, pointer);
  QFETCH(std::string, json);
  QCOMPARE(serviceJson(body, pointer), json);
}

void TestComposeValues::loadsTheProductsOwnStack() {
  LoadRequest request;
  request.workingDirectory = RATDECK_SOURCE_FOLDER "/resources";
  for (const std::vector<std::string>& files :
       {std::vector<std::string>{"docker-compose.yml"}, {"docker-compose.yml", "docker-compose.pro.yml"}}) {
    request.files = files;
    auto loaded = load(request);
    QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
    QCOMPARE(loaded->warnings.size(), 0u);
    QVERIFY(loaded->stack.find("ratd"));
  }
}

QTEST_APPLESS_MAIN(TestComposeValues)
#include "tst_compose_values.moc"

#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// One file over another, extends, include, reset and override.
class TestComposeMerge : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void mergesTheServiceOfALaterFile_data();
  void mergesTheServiceOfALaterFile();
  void mergesDocumentsOfOneFile();
  void extendsAServiceOfTheSameFile();
  void extendsAServiceOfAnotherFileWithItsPaths();
  void extendsAcrossAChain();
  void anOverrideWipesWhatIsExtended();
  void includesAProjectWithItsOwnFolderAndEnvironment();
  void whatIncludesGoesOverWhatIsIncluded();
  void includesTheSameFileTwiceInADiamond();
  void includesSeveralFilesAsOneProject();
  void keepsThePlaceOfTheFileThatHasTheLastWord();
};

void TestComposeMerge::mergesTheServiceOfALaterFile_data() {
  QTest::addColumn<std::string>("base");
  QTest::addColumn<std::string>("over");
  QTest::addColumn<std::string>("pointer");
  QTest::addColumn<std::string>("json");
  auto row = [](const char* name, const char* base, const char* over, const char* pointer, const char* json) {
    QTest::newRow(name) << std::string(base) << std::string(over) << std::string(pointer)
                        << std::string(json);
  };
  row("scalar", "image: a", "image: b", "/image", R"("b")");
  row("null keeps", "image: a", "tty: true", "/image", R"("a")");
  row("command is replaced", "command: [a, b]", "command: c", "/command", R"(["c"])");
  row("entrypoint is replaced", "entrypoint: a b", "entrypoint: [c]", "/entrypoint", R"(["c"])");
  row("test is replaced", "healthcheck: {test: [CMD, a], retries: 2}", "healthcheck: {test: b}",
      "/healthcheck", R"({"retries":2,"test":["CMD-SHELL","b"]})");
  row("lists are joined", "security_opt: [a]", "security_opt: [b]", "/security_opt", R"(["a","b"])");
  row("environment, map over list", "environment: [A=1, B=2]", "environment: {B: 3, C: 4}", "/environment",
      R"({"A":"1","B":"3","C":"4"})");
  row("environment, list over map", "environment: {A: 1, B: true}", "environment: [B=x]", "/environment",
      R"({"A":"1","B":"x"})");
  row("labels", "labels: {a: 1}", "labels: [a=2, b=3]", "/labels", R"({"a":"2","b":"3"})");
  row("ports by address", "ports: ['8080:80', '443:443']", "ports: ['8080:80', '9:9/udp']", "/ports",
      R"([{"mode":"ingress","protocol":"tcp","published":"8080","target":80},)"
      R"({"mode":"ingress","protocol":"tcp","published":"443","target":443},)"
      R"({"mode":"ingress","protocol":"udp","published":"9","target":9}])");
  row("a port in another form is the same", "ports: ['8080:80']", "ports: [{target: 80, published: '8080'}]",
      "/ports", R"([{"mode":"ingress","protocol":"tcp","published":"8080","target":80}])");
  row("volumes by target", "volumes: ['/a:/x', '/b:/y']", "volumes: ['/c:/x:ro']", "/volumes/0/source",
      R"("/c")");
  row("depends_on, long over short", "depends_on: [db]", "depends_on: {db: {condition: service_healthy}}",
      "/depends_on", R"({"db":{"condition":"service_healthy","required":true}})");
  row("depends_on, short over long", "depends_on: {db: {condition: service_healthy, restart: true}}",
      "depends_on: [db, x]", "/depends_on",
      R"({"db":{"condition":"service_started","required":true,"restart":true},)"
      R"("x":{"condition":"service_started","required":true}})");
  row("a part of depends_on", "depends_on: {db: {condition: service_healthy}}",
      "depends_on: {db: {restart: true}}", "/depends_on",
      R"({"db":{"condition":"service_healthy","required":true,"restart":true}})");
  row("networks, list over map", "networks: {n: {aliases: [a]}}", "networks: [n, m]", "/networks",
      R"({"m":null,"n":{"aliases":["a"]}})");
  row("build, text over map", "build: {context: /a, target: t}", "build: /b", "/build",
      R"({"context":"/b","dockerfile":"Dockerfile","target":"t"})");
  row("deploy", "deploy: {replicas: 2, update_config: {order: start-first, delay: 1s}}",
      "deploy: {update_config: {delay: 2s}}", "/deploy/update_config",
      R"({"delay":"2s","order":"start-first"})");
  row("logging of the same driver", "logging: {driver: d, options: {a: 1}}", "logging: {options: {b: 2}}",
      "/logging", R"({"driver":"d","options":{"a":"1","b":"2"}})");
  row("logging of another driver", "logging: {driver: d, options: {a: 1}}", "logging: {driver: e}",
      "/logging", R"({"driver":"e"})");
  row("profiles are joined", "profiles: [p]", "profiles: [p, q]", "/profiles", R"(["p","q"])");
  row("env_file, text over list", "env_file: [{path: /none, required: false}]", "tmpfs: /a", "/tmpfs",
      R"(["/a"])");
  row("tmpfs", "tmpfs: /a", "tmpfs: [/b, /a]", "/tmpfs", R"(["/a","/b"])");
  row("expose", "expose: [80]", "expose: ['80', 81]", "/expose", R"(["80","81"])");
  row("cap_add", "cap_add: [A]", "cap_add: [A, B]", "/cap_add", R"(["A","B"])");
  row("ulimits", "ulimits: {nofile: 1}", "ulimits: {nofile: {soft: 2, hard: 3}}", "/ulimits",
      R"({"nofile":{"hard":3,"soft":2}})");
  row("extra_hosts", "extra_hosts: ['a:1']", "extra_hosts: {b: '2'}", "/extra_hosts", R"(["a=1","b=2"])");
  row("reset", "ports: ['80:80']\ncommand: a", "ports: !reset []\ncommand: !reset null", "/ports", "absent");
  row("reset of a key", "environment: {A: 1, B: 2}", "environment: {A: !reset null}", "/environment",
      R"({"B":"2"})");
  row("override", "ports: ['80:80']", "ports: !override ['81:81']", "/ports",
      R"([{"mode":"ingress","protocol":"tcp","published":"81","target":81}])");
  row("override of a map", "environment: {A: 1}", "environment: !override {B: 2}", "/environment",
      R"({"B":"2"})");
}

void TestComposeMerge::mergesTheServiceOfALaterFile() {
  QFETCH(std::string, base);
  QFETCH(std::string, over);
  QFETCH(std::string, pointer);
  QFETCH(std::string, json);
  auto file = [](const std::string& body, bool isBase) {
    std::string text = "services:\n  web:\n";
    if (isBase && body.find("image:") == std::string::npos)
      text += "    image: i\n";
    std::string indented = "    " + body;
    for (size_t at = 0; (at = indented.find('\n', at)) != std::string::npos; at += 5)
      indented.insert(at + 1, "    ");
    text += indented + "\n";
    if (isBase)
      text += "  db: {image: d}\n  x: {image: x}\nnetworks: {n: {}, m: {}}\n";
    return text;
  };
  ComposeFolder folder;
  folder.write("a.yaml", file(base, true)).write("b.yaml", file(over, false));
  folder.request.profiles = {"*"};
  QCOMPARE(folder.json("/services/web" + pointer, {"a.yaml", "b.yaml"}), json);
}

void TestComposeMerge::mergesDocumentsOfOneFile() {
  ComposeFolder folder;
  folder.write("compose.yaml", "services:\n  a: {image: x, tty: true}\n---\nservices:\n  a: {image: y}\n");
  QCOMPARE(folder.json("/services/a/image"), std::string(R"("y")"));
  QCOMPARE(folder.json("/services/a/tty"), std::string("true"));
}

void TestComposeMerge::extendsAServiceOfTheSameFile() {
  ComposeFolder folder;
  folder.write("compose.yaml", "services:\n  a: {image: x, environment: {A: 1}, depends_on: [c]}\n"
                               "  b: {extends: a, environment: [B=2]}\n  c: {image: c}\n");
  QCOMPARE(folder.json("/services/b/environment"), std::string(R"({"A":"1","B":"2"})"));
  QCOMPARE(folder.json("/services/b/depends_on/c/condition"), std::string(R"("service_started")"));
  QCOMPARE(folder.json("/services/b/extends"), std::string("absent"));
}

void TestComposeMerge::extendsAServiceOfAnotherFileWithItsPaths() {
  ComposeFolder folder;
  folder.write("sub/base.yaml",
               "services:\n  base:\n    image: ${TAG:-x}\n    build: .\n    env_file: e.env\n"
               "    volumes: ['./d:/d']\n    ports: ['1:1']\n");
  folder.write("sub/e.env", "FROM_FILE=yes\n");
  folder.write("compose.yaml", "services:\n  web:\n    extends: {file: sub/base.yaml, service: base}\n"
                               "    volumes: ['./own:/own']\n    ports: ['2:2']\n");
  QCOMPARE(folder.json("/services/web/build/context"), "\"" + folder.path("sub") + "\"");
  QCOMPARE(folder.json("/services/web/volumes/0/source"), "\"" + folder.path("sub/d") + "\"");
  QCOMPARE(folder.json("/services/web/volumes/1/source"), "\"" + folder.path("own") + "\"");
  QCOMPARE(folder.json("/services/web/environment"), std::string(R"({"FROM_FILE":"yes"})"));
  QCOMPARE(folder.json("/services/web/ports/1/published"), std::string(R"("2")"));
}

void TestComposeMerge::extendsAcrossAChain() {
  ComposeFolder folder;
  folder.write("a/one.yaml", "services:\n  one: {extends: {file: ../b/two.yaml, service: two}, tty: true}\n");
  folder.write("b/two.yaml", "services:\n  two: {extends: three, init: true}\n  three: {image: three}\n");
  folder.write("compose.yaml", "services:\n  web: {extends: {file: a/one.yaml, service: one}}\n");
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("three")"));
  QCOMPARE(folder.json("/services/web/tty"), std::string("true"));
  QCOMPARE(folder.json("/services/web/init"), std::string("true"));
}

void TestComposeMerge::anOverrideWipesWhatIsExtended() {
  ComposeFolder folder;
  folder.write("compose.yaml", "services:\n  a: {image: x, ports: ['1:1'], tty: true}\n"
                               "  b: {extends: a, ports: !override ['2:2'], tty: !reset false}\n");
  QCOMPARE(folder.json("/services/b/ports"),
           std::string(R"([{"mode":"ingress","protocol":"tcp","published":"2","target":2}])"));
  QCOMPARE(folder.json("/services/b/tty"), std::string("absent"));
  QCOMPARE(folder.json("/services/a/tty"), std::string("true"));
}

void TestComposeMerge::includesAProjectWithItsOwnFolderAndEnvironment() {
  ComposeFolder folder;
  folder.write("sub/compose.yaml", "services:\n  db:\n    image: ${IMAGE}:${TAG}\n    volumes: ['./d:/d']\n"
                                   "    environment: [TAG]\nvolumes: {v: {}}\n");
  folder.write("sub/.env", "IMAGE=postgres\nTAG=1\n");
  folder.write("other.env", "TAG=3\nIMAGE=mysql\n");
  folder.write(".env", "TAG=2\n");
  folder.write("compose.yaml",
               "include: [sub/compose.yaml]\nservices:\n  web: {image: i, depends_on: [db]}\n");
  QCOMPARE(folder.json("/services/db/image"), std::string(R"("postgres:2")"));
  QCOMPARE(folder.json("/services/db/environment/TAG"), std::string(R"("2")"));
  QCOMPARE(folder.json("/services/db/volumes/0/source"), "\"" + folder.path("sub/d") + "\"");
  folder.write("compose.yaml",
               "include: [{path: sub/compose.yaml, env_file: other.env, project_directory: .}]\n");
  QCOMPARE(folder.json("/services/db/image"), std::string(R"("mysql:2")"));
  QCOMPARE(folder.json("/services/db/volumes/0/source"), "\"" + folder.path("d") + "\"");
}

void TestComposeMerge::whatIncludesGoesOverWhatIsIncluded() {
  ComposeFolder folder;
  folder.write("a.yaml", "services:\n  db: {image: a, ports: ['1:1']}\n");
  folder.write("compose.yaml", "include: [a.yaml]\nservices:\n  db: {image: b, ports: !override ['2:2']}\n");
  QCOMPARE(folder.json("/services/db/image"), std::string(R"("b")"));
  QCOMPARE(folder.json("/services/db/ports"),
           std::string(R"([{"mode":"ingress","protocol":"tcp","published":"2","target":2}])"));
}

void TestComposeMerge::includesTheSameFileTwiceInADiamond() {
  ComposeFolder folder;
  folder.write("d.yaml", "services:\n  d: {image: d, ports: ['1:1']}\n");
  folder.write("b.yaml", "include: [d.yaml]\nservices: {b: {image: b}}\n");
  folder.write("c.yaml", "include: [d.yaml]\nservices: {c: {image: c}}\n");
  folder.write("compose.yaml", "include: [b.yaml, c.yaml]\n");
  auto loaded = folder.load();
  QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
  QCOMPARE(loaded->stack.services.size(), 3u);
  QCOMPARE(loaded->stack.services.at("d").ports.size(), 1u);
}

void TestComposeMerge::includesSeveralFilesAsOneProject() {
  ComposeFolder folder;
  folder.write("sub/a.yaml", "services: {db: {image: a, build: .}}\n");
  folder.write("over.yaml", "services: {db: {image: o}}\n");
  folder.write("compose.yaml", "include: [{path: [sub/a.yaml, over.yaml]}]\n");
  QCOMPARE(folder.json("/services/db/image"), std::string(R"("o")"));
  QCOMPARE(folder.json("/services/db/build/context"), "\"" + folder.path("sub") + "\"");
}

void TestComposeMerge::keepsThePlaceOfTheFileThatHasTheLastWord() {
  ComposeFolder folder;
  folder.write("a.yaml", "services:\n  web:\n    image: a\n    tty: true\n");
  folder.write("b.yaml", "services:\n  web:\n    labels: {}\n    image: b\n");
  auto loaded = folder.load({"a.yaml", "b.yaml"});
  QVERIFY(loaded.has_value());
  const auto& web = loaded->stack.services.at("web");
  QCOMPARE(web.locationOf("image").toString(), std::string("b.yaml:4:12"));
  QCOMPARE(web.locationOf("tty").toString(), std::string("a.yaml:4:5"));
  QCOMPARE(web.locationOf("").toString(), std::string("a.yaml:2:3"));
  QCOMPARE(web.locationOf("not there").toString(), std::string("a.yaml:2:3"));
}

QTEST_APPLESS_MAIN(TestComposeMerge)
#include "tst_compose_merge.moc"

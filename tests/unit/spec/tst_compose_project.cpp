#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// Variables, env files, profiles, names, files that are found, and what becomes of a whole project.
class TestComposeProject : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void replacesVariables_data();
  void replacesVariables();
  void readsEnvFiles_data();
  void readsEnvFiles();
  void theEnvironmentWinsOverEnvFiles();
  void laterEnvFilesWin();
  void envFilesOfAServiceFillItsEnvironment();
  void profilesPickServices();
  void anOptionalDependencyOnAnInactiveServiceIsPrintedButNotWaitedFor();
  void namesTheProject();
  void findsDefaultFilesWithTheirOverride();
  void theEnvironmentNamesFiles();
  void setsImages();
  void linksAndNamespacesImplyDependencies();
  void namesResourcesAndLeavesUnusedOnesOut();
  void fillsTheSpec();
  void tellsJobsFromServices();
};

void TestComposeProject::replacesVariables_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("result");
  auto row = [](const char* text, const char* result) {
    QTest::newRow(text) << std::string(text) << std::string(result);
  };
  row("$SET", "value");
  row("${SET}", "value");
  row("a$SET-b${SET}c", "avalue-bvaluec");
  row("$UNSET.", ".");
  row("${SET:-d}", "value");
  row("${EMPTY:-d}", "d");
  row("${EMPTY-d}", "");
  row("${UNSET-d}", "d");
  row("${UNSET:-d}", "d");
  row("${SET:+a}", "a");
  row("${EMPTY:+a}b", "b");
  row("${EMPTY+a}", "a");
  row("${UNSET+a}b", "b");
  row("${SET:?no}", "value");
  row("${EMPTY?no}b", "b");
  row("${UNSET:-${SET}}", "value");
  row("${UNSET:-${EMPTY:-${UNSET-deep}}}", "deep");
  row("${UNSET:-a b}${SET}", "a bvalue");
  row("${UNSET:-{}}", "{}");
  row("${UNSET:-{\"a\":{}}}", "{\"a\":{}}");
  row("${UNSET:-x:-y}", "x:-y");
  row("${UNSET:-http://h:1/?a=b}", "http://h:1/?a=b");
  row("$$SET", "$SET");
  row("$$$SET", "$value");
  row("$${SET}", "${SET}");
  row("100$", "100$");
  row("$1 $-", "$1 $-");
  row("${SET}}", "value}");
  row("${UNSET:-}x", "x");
}

void TestComposeProject::replacesVariables() {
  QFETCH(std::string, text);
  QFETCH(std::string, result);
  ComposeFolder folder;
  folder.request.environment = {{"SET", "value"}, {"EMPTY", ""}};
  folder.write("compose.yaml", "services:\n  web:\n    image: i\n    labels:\n      - 'x=" + text + "'\n");
  QCOMPARE(folder.json("/services/web/labels/x"), Json(result).dump());
}

void TestComposeProject::readsEnvFiles_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("value");
  auto row = [](const char* name, const char* text, const char* value) {
    QTest::newRow(name) << std::string(text) << std::string(value);
  };
  row("plain", "V=a b ", "a b");
  row("colon", "V: a", "a");
  row("blanks", "  V =  a", "a");
  row("export", "export V=a", "a");
  row("a name that begins with export", "export=1\nexporting=2\nV=a", "a");
  row("comment", "# c\nV=a # b\n#V=c", "a");
  row("hash inside", "V=a#b", "a#b");
  row("double quotes", "V=\"a # b\"  # c", "a # b");
  row("escapes", "V=\"a\\nb\\tc\\\"\"", "a\nb\tc\"");
  row("octal escapes", "V=\"\\0101\\0351\\0189\\0777\"", "A\xc3\xa9\\0189\\0777");
  row("single quotes", "V='a\\nb $X'", "a\\nb $X");
  row("a quote in single quotes", "V='a\\'b'", "a'b");
  row("several lines", "V=\"a\nb\"\nW=1", "a\nb");
  row("variable", "X=1\nV=${X}2", "12");
  row("variable in quotes", "X=1\nV=\"${X}2$$\"", "12$");
  row("default", "V=${NONE:-d}", "d");
  row("escaped dollar", "V=\"a\\$b\"", "a$b");
  row("empty", "V=", "");
  row("crlf", "V=a\r\nW=b\r\n", "a");
  row("byte order mark", "\xef\xbb\xbfV=a", "a");
  row("the last wins", "V=a\nV=b", "b");
  row("json", "V={\"a\": 1}", "{\"a\": 1}");
  row("equals", "V=a=b", "a=b");
}

void TestComposeProject::readsEnvFiles() {
  QFETCH(std::string, text);
  QFETCH(std::string, value);
  ComposeFolder folder;
  folder.write(".env", text);
  folder.write("compose.yaml", "services:\n  web:\n    image: i\n    labels: {x: '${V}'}\n");
  QCOMPARE(folder.json("/services/web/labels/x"), Json(value).dump());
}

void TestComposeProject::theEnvironmentWinsOverEnvFiles() {
  ComposeFolder folder;
  folder.request.environment = {{"A", "shell"}};
  folder.write(".env", "A=file\nB=${A}\n").write("compose.yaml", "services: {web: {image: '${A}-${B}'}}\n");
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("shell-shell")"));
  folder.request.environment["COMPOSE_DISABLE_ENV_FILE"] = "1";
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("shell-")"));
}

void TestComposeProject::laterEnvFilesWin() {
  ComposeFolder folder;
  folder.write("a.env", "A=1\nB=1\n").write("b.env", "B=2\nC=${A}\n").write(".env", "A=no\n");
  folder.write("compose.yaml", "services: {web: {image: '${A}${B}${C}'}}\n");
  folder.request.envFiles = {"a.env", "b.env"};
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("121")"));
  folder.request.envFiles.clear();
  folder.request.environment = {{"COMPOSE_ENV_FILES", "a.env,b.env"}};
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("121")"));
}

void TestComposeProject::envFilesOfAServiceFillItsEnvironment() {
  ComposeFolder folder;
  folder.request.environment = {{"OUTER", "o"}};
  folder.write("a.env", "A=1\nB=1\nC=${OUTER}\nOUTER\n")
      .write("b.env", "B=2\n")
      .write("raw.env", "R=\"a$b\"\n");
  folder.write("compose.yaml",
               "services:\n  web:\n    image: i\n    environment: {A: own, D: null}\n"
               "    env_file:\n      - a.env\n      - {path: b.env}\n"
               "      - {path: none.env, required: false}\n      - {path: raw.env, format: raw}\n");
  QCOMPARE(folder.json("/services/web/environment"),
           std::string(R"({"A":"own","B":"2","C":"o","D":null,"OUTER":"o","R":"\"a$b\""})"));
  QCOMPARE(folder.json("/services/web/env_file"), std::string("absent"));
}

void TestComposeProject::profilesPickServices() {
  ComposeFolder folder;
  folder.write("compose.yaml",
               "services:\n  always: {image: i}\n  debug: {image: i, profiles: [debug, all]}\n"
               "  test: {image: i, profiles: [test]}\n");
  auto names = [&] {
    std::string text;
    auto loaded = folder.load();
    if (loaded)
      for (const auto& [name, service] : loaded->stack.services)
        text += name + " ";
    return text;
  };
  QCOMPARE(names(), std::string("always "));
  folder.request.profiles = {"debug"};
  QCOMPARE(names(), std::string("always debug "));
  folder.request.profiles = {"*"};
  QCOMPARE(names(), std::string("always debug test "));
  folder.request.profiles.clear();
  folder.request.environment = {{"COMPOSE_PROFILES", "test, all"}};
  QCOMPARE(names(), std::string("always debug test "));
}

void TestComposeProject::anOptionalDependencyOnAnInactiveServiceIsPrintedButNotWaitedFor() {
  ComposeFolder folder;
  folder.write("compose.yaml", "services:\n  web:\n    image: i\n    depends_on:\n"
                               "      db: {condition: service_started, required: false}\n"
                               "  db: {image: d, profiles: [p]}\n");
  QCOMPARE(folder.json("/services/web/depends_on/db/required"), std::string("false"));
  QVERIFY(folder.load()->stack.services.at("web").dependsOn.empty());
  folder.request.profiles = {"p"};
  QCOMPARE(folder.json("/services/web/depends_on/db/required"), std::string("false"));
  QCOMPARE(folder.load()->stack.services.at("web").dependsOn.size(), 1u);
}

void TestComposeProject::namesTheProject() {
  ComposeFolder folder;
  folder.write("compose.yaml", "services: {web: {image: '${COMPOSE_PROJECT_NAME}'}}\n");
  QCOMPARE(folder.json("/name"), std::string(R"("project")"));
  folder.write("compose.yaml", "name: My-${N:-App}!\nservices: {web: {image: '${COMPOSE_PROJECT_NAME}'}}\n");
  QCOMPARE(folder.json("/name"), std::string(R"("my-app")"));
  QCOMPARE(folder.json("/services/web/image"), std::string(R"("my-app")"));
  folder.request.environment = {{"COMPOSE_PROJECT_NAME", "shell"}};
  QCOMPARE(folder.json("/name"), std::string(R"("shell")"));
  folder.request.projectName = "given";
  QCOMPARE(folder.json("/name"), std::string(R"("given")"));
  folder.request.projectName = "Given";
  QVERIFY(folder.error().find("invalid project name \"Given\"") == 0);
}

void TestComposeProject::findsDefaultFilesWithTheirOverride() {
  ComposeFolder folder;
  folder.write("docker-compose.yml", "services: {web: {image: old}}\n");
  folder.write("compose.yaml", "services: {web: {image: new}}\n");
  folder.write("compose.override.yaml", "services: {web: {tty: true}}\n").write("deep/er/x", "");
  folder.request.workingDirectory = folder.path("deep/er");
  QCOMPARE(folder.json("/services/web/image", {}), std::string(R"("new")"));
  QCOMPARE(folder.json("/services/web/tty", {}), std::string("true"));
  QCOMPARE(findDefaultFiles("/proc/self"), std::vector<std::string>());
}

void TestComposeProject::theEnvironmentNamesFiles() {
  ComposeFolder folder;
  folder.write("a.yaml", "services: {web: {image: a, tty: true}}\n")
      .write("b.yaml", "services: {web: {image: b}}\n");
  folder.write(".env", "COMPOSE_FILE=a.yaml:b.yaml\n");
  QCOMPARE(folder.json("/services/web/image", {}), std::string(R"("b")"));
  folder.request.environment = {{"COMPOSE_FILE", "b.yaml,a.yaml"}, {"COMPOSE_PATH_SEPARATOR", ","}};
  QCOMPARE(folder.json("/services/web/image", {}), std::string(R"("a")"));
}

void TestComposeProject::setsImages() {
  ComposeFolder folder;
  folder.write("compose.yaml", "services: {web: {image: 'host:5000/a/b:1'}, own: {build: .}}\n");
  auto image = [&](const std::string& value) {
    folder.request.setImages = {{"web", value}};
    return folder.json("/services/web/image");
  };
  QCOMPARE(image("c:2"), std::string(R"("c:2")"));
  QCOMPARE(image(":2"), std::string(R"("host:5000/a/b:2")"));
  QCOMPARE(image("@sha256:ab"), std::string(R"("host:5000/a/b@sha256:ab")"));
  folder.request.setImages = {{"wob", "x"}};
  QCOMPARE(folder.json("/name"),
           std::string("ERROR: an image is set for the unknown service \"wob\"; did you mean \"web\"?"));
  folder.request.setImages = {{"own", ":2"}};
  QVERIFY(folder.json("/name").find("ERROR: cannot set the image of \"own\"") == 0);
}

void TestComposeProject::linksAndNamespacesImplyDependencies() {
  ComposeFolder folder;
  folder.write("compose.yaml",
               "services:\n  a: {image: i}\n  b: {image: i}\n  c: {image: i}\n"
               "  web: {image: i, links: ['a:x'], network_mode: 'service:b', volumes_from: ['c:ro']}\n");
  QCOMPARE(folder.json("/services/web/depends_on"),
           std::string(R"({"a":{"condition":"service_started","required":true,"restart":true},)"
                       R"("b":{"condition":"service_started","required":true,"restart":true},)"
                       R"("c":{"condition":"service_started","required":true}})"));
}

void TestComposeProject::namesResourcesAndLeavesUnusedOnesOut() {
  ComposeFolder folder;
  folder.write("compose.yaml",
               "name: p\nx-top: 1\nservices:\n  web: {image: i, volumes: ['vol:/v', 'ext:/e'], networks: [n],"
               " secrets: [s]}\nvolumes: {vol: , ext: {external: true}, unused: }\n"
               "networks: {n: {name: own}, unused: }\nsecrets: {s: {file: ./s.txt}}\n");
  QCOMPARE(folder.json("/volumes"),
           std::string(R"({"ext":{"external":true,"name":"ext"},"vol":{"name":"p_vol"}})"));
  QCOMPARE(folder.json("/networks"), std::string(R"({"n":{"ipam":{},"name":"own"}})"));
  QCOMPARE(folder.json("/secrets/s"), R"({"file":")" + folder.path("s.txt") + R"(","name":"p_s"})");
  QCOMPARE(folder.json("/services/web/secrets"),
           std::string(R"([{"source":"s","target":"/run/secrets/s"}])"));
  QCOMPARE(folder.json("/x-top"), std::string("1"));
}

void TestComposeProject::fillsTheSpec() {
  ComposeFolder folder;
  folder.write("compose.yaml", R"(services:
  web:
    image: i:1
    container_name: ww
    restart: always
    environment: {A: b}
    depends_on: {db: {condition: service_healthy, restart: true}}
    healthcheck: {test: [CMD, x], interval: 5s, timeout: 3s, retries: 5, start_period: 7s}
    stop_grace_period: 45s
    stop_signal: SIGQUIT
    ports: ["127.0.0.1:80:8080"]
    expose: [9]
    volumes: ["data:/data:ro"]
    tmpfs: /tmp:size=1
    networks: {default: {aliases: [w1, w2]}}
    deploy:
      replicas: 2
      update_config: {parallelism: 2, delay: 4s, failure_action: rollback, monitor: 6s, max_failure_ratio: 0.5, order: start-first}
      rollback_config: {}
  db: {image: d, healthcheck: {disable: true}}
volumes: {data: }
)");
  QCOMPARE(folder.error(),
           std::string("compose.yaml:4:21: services.web: can't set container_name and deploy.replicas "
                       "as container name must be unique"));
  folder.write("over.yaml", "services: {web: {container_name: !reset null}}\n");
  auto loaded = folder.load({"compose.yaml", "over.yaml"});
  QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
  const auto& web = loaded->stack.services.at("web");
  QCOMPARE(web.image, std::string("i:1"));
  QCOMPARE(web.restart, std::string("always"));
  QCOMPARE(web.environment.at("A").reveal(), std::string("b"));
  QVERIFY(web.dependsOn.at("db") == (Dependency{DependencyCondition::Healthy, true, true}));
  QVERIFY(web.healthCheck.has_value());
  QVERIFY(web.healthCheck->worstCase() == 7s + 5 * 8s);
  QVERIFY(web.stopGrace() == 45s);
  QCOMPARE(web.stopSignal, std::string("SIGQUIT"));
  QVERIFY(web.ports == std::vector<PortMapping>({{"127.0.0.1", "80", 8080, "tcp", "ingress"}}));
  QVERIFY(web.expose == std::vector<std::uint16_t>{9});
  QVERIFY(web.mounts ==
          std::vector<Mount>({{"volume", "data", "/data", true}, {"tmpfs", "", "/tmp", false}}));
  QVERIFY(web.networks.at("default") == std::vector<std::string>({"w1", "w2"}));
  QCOMPARE(web.replicas, 2);
  QVERIFY(web.updateConfig ==
          (UpdateConfig{2, 4s, FailureAction::Rollback, 6s, 0.5, UpdateOrder::StartFirst}));
  QVERIFY(web.rollbackConfig == UpdateConfig{});
  const auto& db = loaded->stack.services.at("db");
  QVERIFY(db.healthCheck->isDisabled);
  QVERIFY(!db.updateConfig && !db.rollbackConfig && !db.stopGracePeriod);
  QVERIFY(db.stopGrace() == 10s);
}

void TestComposeProject::tellsJobsFromServices() {
  ComposeFolder folder;
  folder.write(
      "compose.yaml",
      "services:\n  init: {image: i}\n  job: {image: i, restart: 'no'}\n  retry: {image: i, restart: "
      "on-failure:3}\n"
      "  served: {image: i, restart: 'no', ports: ['1:1']}\n  used: {image: i, restart: on-failure}\n"
      "  plain: {image: i}\n  web:\n    image: i\n    depends_on:\n      used: {condition: service_started}\n"
      "      init: {condition: service_completed_successfully}\n");
  auto loaded = folder.load();
  QVERIFY(loaded.has_value());
  std::string jobs;
  for (const auto& [name, service] : loaded->stack.services)
    jobs += service.isOneShot ? name + " " : "";
  QCOMPARE(jobs, std::string("init job retry "));
}

QTEST_APPLESS_MAIN(TestComposeProject)
#include "tst_compose_project.moc"

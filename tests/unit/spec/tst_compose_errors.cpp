#include "tests/unit/spec/compose_fixture.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// Bad input is named with its place and what to do next.
class TestComposeErrors : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void namesThePlace_data();
  void namesThePlace();
  void saysWhatToDoNext_data();
  void saysWhatToDoNext();
  void aMissingFileIsNamed();
  void warnsOfWhatIsObsoleteOrUnset();
  void messagesStayOnOneLine();
};

namespace {
const std::string web = "services:\n  web:\n    image: i\n";
}

void TestComposeErrors::namesThePlace_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("error");
  auto row = [](const char* name, const std::string& text, const char* error) {
    QTest::newRow(name) << text << std::string(error);
  };
  row("unknown top-level key", web + "servces: {}\n", ":4:1: additional properties 'servces' not allowed");
  row("unknown key of a service", web + "    imagee: x\n",
      ":4:5: services.web additional properties 'imagee' not allowed");
  row("list instead of mapping", "services:\n  - web\n", ":2:3: services must be a mapping");
  row("a service that is empty", "services:\n  web:\n", ":2:3: services.web must be a mapping, it is empty");
  row("empty list", web + "    ports:\n", ":4:5: services.web.ports must be a list, it is empty");
  row("number as duration", web + "    stop_grace_period: 10\n",
      ":4:24: services.web.stop_grace_period must be a string");
  row("bad duration", web + "    healthcheck: {interval: 10x}\n",
      ":4:29: services.web.healthcheck.interval: invalid duration \"10x\": unknown unit");
  row("negative duration", web + "    healthcheck:\n      timeout: -5s\n",
      ":5:16: services.web.healthcheck.timeout: a duration cannot be negative: -5s");
  row("negative delay", web + "    deploy: {update_config: {delay: -1s}}\n",
      ":4:37: services.web.deploy.update_config.delay: a duration cannot be negative: -1s");
  row("negative replicas", web + "    deploy: {replicas: -1}\n",
      ":4:24: services.web.deploy.replicas: -1 is not a count");
  row("a word for a number", web + "    deploy: {replicas: 'two'}\n",
      ":4:24: services.web.deploy.replicas: \"two\" is not a whole number");
  row("unknown condition", web + "    depends_on: {db: {condition: healthy}}\n  db: {image: d}\n",
      ":4:34: services.web.depends_on.db.condition: \"healthy\" is not known, it must be one of "
      "service_started, "
      "service_healthy, service_completed_successfully");
  row("unknown order", web + "    deploy: {update_config: {order: start}}\n",
      ":4:37: services.web.deploy.update_config.order: \"start\" is not known, it must be one of "
      "start-first, "
      "stop-first");
  row("undefined dependency", web + "    depends_on:\n      - dbb\n  db: {image: d}\n",
      ":5:9: service \"web\" depends on undefined service \"dbb\"");
  row("inactive dependency", web + "    depends_on: [db]\n  db: {image: d, profiles: [p]}\n",
      ":4:18: service \"web\" depends on undefined service \"db\": none of its profiles is active");
  row("undefined network", web + "    networks: [n]\n",
      ":4:16: service \"web\" refers to undefined network \"n\"");
  row("undefined volume", web + "    volumes: ['vol:/v']\n",
      ":4:15: service \"web\" refers to undefined volume \"vol\"");
  row("undefined secret", web + "    secrets: [s]\n",
      ":4:15: service \"web\" refers to undefined secret \"s\"");
  row("circle of dependencies",
      "services:\n  a: {image: i, depends_on: [b]}\n  b: {image: i, depends_on: [c]}\n  c: {image: i, "
      "depends_on: [a]}\n",
      ":4:30: dependency cycle detected: a -> b -> c -> a");
  row("dependency on itself", "services:\n  a: {image: i, depends_on: [a]}\n",
      ":2:30: dependency cycle detected: a -> a");
  row("circle of extends", "services:\n  a: {extends: b}\n  b: {extends: {service: a}}\n",
      ":2:16: services extend each other in a circle: a (compose.yaml) -> b (compose.yaml) -> a "
      "(compose.yaml)");
  row("circle of includes", "include: [compose.yaml]\n",
      ":1:11: files include each other in a circle: compose.yaml -> compose.yaml");
  row("extends nothing", web + "    extends: wob\n",
      ":4:14: cannot extend service \"web\": service \"wob\" not found in compose.yaml");
  row("extends a file that is not there", web + "    extends: {service: a, file: none.yaml}\n",
      ":4:14: none.yaml: cannot read the file: No such file or directory");
  row("includes a file that is not there", "include:\n  - none.yaml\n",
      ":2:5: none.yaml: cannot read the file: No such file or directory");
  row("includes a device", "include:\n  - /dev/zero\n", ":2:5: /dev/zero: is not a regular file");
  row("env file that is not there", web + "    env_file: none.env\n",
      ":4:15: services.web.env_file: FOLDER/none.env: cannot read the file: No such file or directory");
  row("required variable", web + "    labels:\n      a: ${A:?say which A}\n",
      ":5:10: services.web.labels.a: required variable A is missing a value: say which A");
  row("bad variable", web + "    labels: {a: '${A'}\n",
      ":4:17: services.web.labels.a: invalid variable in \"${A\"");
  row("variable over two lines", web + "    labels: {a: \"${A:-x\\ny}\"}\n",
      ":4:17: services.web.labels.a: invalid variable in \"${A:-x y}\"");
  row("bad port", web + "    ports:\n      - '80:x'\n",
      ":5:9: services.web.ports: invalid container port \"x\" in the port \"80:x\"");
  row("port too large", web + "    ports: ['70000']\n",
      ":4:13: services.web.ports: invalid container port \"70000\" in the port \"70000\"");
  row("bad address", web + "    ports: ['1.2.3:1:1']\n",
      ":4:13: services.web.ports: invalid IP address \"1.2.3\" in the port \"1.2.3:1:1\"");
  row("ranges of different length", web + "    ports: ['1-3:1-2']\n",
      ":4:13: services.web.ports: ranges of different length in the port \"1-3:1-2\"");
  row("bad protocol", web + "    ports: ['1/icmp']\n",
      ":4:13: services.web.ports: unknown protocol \"icmp\" in the port \"1/icmp\"");
  row("bad volume", web + "    volumes: ['aa:bb:cc:dd']\n",
      ":4:15: services.web.volumes: invalid volume \"aa:bb:cc:dd\": too many colons");
  row("repeated item", web + "    security_opt: [a, a]\n",
      ":4:23: services.web.security_opt[1] repeats an earlier item");
  row("duplicate key", web + "    image: j\n", ":4:5: the key \"image\" is already defined at line 3");
  row("duplicate merge key", "x-a: &a {}\n" + web + "    <<: *a\n    <<: *a\n",
      ":6:5: the key \"<<\" is already defined at line 5");
  row("number as key", web + "    environment: {1: a}\n",
      ":4:19: a mapping key must be text, not the integer 1");
  row("list as key", web + "x-a: {[a]: b}\n", ":4:7: a mapping key must be text, not a list");
  row("tab", "services:\n\tweb:\n", ":2:1: a tab is used for indentation, which YAML does not allow");
  row("merge of a text", web + "    <<: a\n", ":4:9: a merge key (<<) needs a mapping or a list of mappings");
  row("anchor in itself", web + "x-a: &a [*a]\n", ":4:10: an alias stands inside the value that it names");
  row("colon missing", web + "    tty\n    init: true\n", ":4:5: a colon is missing after the key");
  row("dedent to nowhere", web + "   tty: true\n",
      ":4:4: this line does not fit the indentation of the lines before it");
  row("quote that does not end", web + "    hostname: 'a\n", ":4:15: a quoted text does not end");
  row("unknown anchor", web + "x-a: *a\n", ":4:6: the alias *a names no anchor before it");
  row("comma missing", web + "    dns: [a b: c d\n", ":5:1: a comma or ] is expected here");
  row("two colons", web + "    hostname: a: b\n", ":4:16: a second value (:) stands on one line");
  row("an at sign", web + "    hostname: @a\n", ":4:15: the character \"@\" cannot begin a value");
  row("a second document without its mark", web + "...\n" + web,
      ":5:1: this line does not fit the indentation of the "
      "lines before it");
  row("not UTF-8", web + "x-a: \xff\n", ":4:6: the file is not valid UTF-8");
  row("control character", web + "x-a: \x01\n", ":4:6: control characters are not allowed");
  row("text at the top", "hello\n", ":1:1: top-level object must be a mapping");
  row("nothing", "# nothing\n", ":1:1: empty compose file");
  row("no image", "services:\n  web: {tty: true}\n",
      ":2:3: service \"web\" has neither an image nor a build context specified");
  row("test without CMD", web + "    healthcheck: {test: [curl]}\n",
      ":4:26: services.web.healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"");
  row("scale and replicas", web + "    scale: 2\n    deploy: {replicas: 3}\n",
      ":4:12: services.web: can't set distinct values on 'scale' and 'deploy.replicas'");
  row("network_mode and networks",
      web + "    network_mode: host\n    networks: [default]\nnetworks: {default: }\n",
      ":5:15: service \"web\" declares mutually exclusive network_mode and networks");
  row("bad size", web + "    mem_limit: 5x\n", ":4:16: services.web.mem_limit: invalid size \"5x\"");
  row("open quote in a command", web + "    command: 'a \"b'\n",
      ":4:14: services.web.command: invalid command line \"a \"b\"");
  row("version as number", "version: 3.8\n" + web, ":1:10: version must be a string");
  row("secret without source", web + "secrets: {s: {}}\n",
      ":4:14: secrets.s: one of file|environment must be set");
  row("external with more", web + "volumes: {v: {external: true, driver: d}}\n",
      ":4:31: volumes.v: conflicting parameters \"external\" and \"driver\"");
  row("service name", "services:\n  'a b': {image: i}\n", ":2:3: services: the name \"a b\" is not valid");
}

void TestComposeErrors::namesThePlace() {
  QFETCH(std::string, text);
  QFETCH(std::string, error);
  ComposeFolder folder;
  folder.write("compose.yaml", text);
  if (auto at = error.find("FOLDER"); at != std::string::npos)
    error.replace(at, 6, folder.path());
  auto found = folder.error();
  QCOMPARE(found, "compose.yaml" + error);
}

void TestComposeErrors::saysWhatToDoNext_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("next");
  auto row = [](const std::string& text, const char* next) {
    QTest::newRow(next) << text << std::string(next);
  };
  row(web + "    enviroment: {}\n", "did you mean \"environment\"?");
  row(web + "    zzzzzz: {}\n", "remove it, or begin the key with x-");
  row(web + "    depends_on: [wbe]\n", "did you mean \"web\"?");
  row(web + "    image: ${A?}\n" + "x: 1\n", "remove one of the two, or merge them");
  row("services: {web: {image: '${A?}'}}\n", "set A in the environment or in an env file");
  row(web + "    depends_on: [db]\n  db: {image: d, profiles: [p]}\n",
      "activate a profile of it with --profile, or write required: false");
  row(web + "    stop_grace_period: 5\n", "write a string instead of a integer");
}

void TestComposeErrors::saysWhatToDoNext() {
  QFETCH(std::string, text);
  QFETCH(std::string, next);
  ComposeFolder folder;
  auto loaded = folder.write("compose.yaml", text).load();
  QVERIFY(!loaded.has_value());
  QCOMPARE(loaded.error().next, next);
  QCOMPARE(loaded.error().kind, ErrorKind::Input);
}

void TestComposeErrors::aMissingFileIsNamed() {
  ComposeFolder folder;
  QCOMPARE(folder.error({"none.yaml"}),
           std::string("none.yaml: cannot read the file: No such file or directory"));
  folder.request.workingDirectory = "/proc/self";
  QCOMPARE(folder.error({}), std::string("no Compose file found in /proc/self or above it"));
  QCOMPARE(folder.load({}).error().kind, ErrorKind::NotFound);
}

void TestComposeErrors::warnsOfWhatIsObsoleteOrUnset() {
  ComposeFolder folder;
  folder.write("compose.yaml", "version: '3'\nservices:\n  web:\n    image: i$NONE\n    command: a && b\n");
  auto loaded = folder.load();
  QVERIFY(loaded.has_value());
  std::string text;
  for (const auto& warning : loaded->warnings)
    text += warning.where.toString() + " " + warning.message + "\n";
  QCOMPARE(
      text,
      std::string("compose.yaml:4:12 the variable \"NONE\" is not set, a blank string is used\n"
                  "compose.yaml:1:1 the attribute `version` is obsolete, it is ignored\n"
                  "compose.yaml:5:14 services.web.command: the command line ends before \"&& b\", no shell "
                  "reads it\n"));
}

void TestComposeErrors::messagesStayOnOneLine() {
  ComposeFolder folder;
  folder.write("compose.yaml", web + "    \"a\\nb\\e[31mc\": 1\n");
  auto text = folder.error();
  QCOMPARE(text, std::string("compose.yaml:4:5: services.web additional properties 'a b?[31mc' not allowed"));
}

QTEST_APPLESS_MAIN(TestComposeErrors)
#include "tst_compose_errors.moc"

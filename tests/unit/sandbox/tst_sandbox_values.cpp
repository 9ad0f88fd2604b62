// What the sandbox understands, without a process: health commands, faults, instances, endpoints, role ports.
#include "app/sandbox/endpoint.h"
#include "app/sandbox/fault_book.h"
#include "app/sandbox/health_command.h"
#include "app/sandbox/instance_spec.h"
#include "app/sandbox/load_report.h"
#include "app/sandbox/role_kind.h"

#include <QtTest>

using namespace ratdeck;
using namespace ratdeck::sandbox;

namespace {

using Kind = HealthQuestion::Kind;

std::string print(const std::vector<HealthLink>& chain) {
  static const char* kinds[] = {"http", "channel", "grpc", "tcp", "constant", "own"};
  static const char* whens[] = {"", "|| ", "&& "};
  std::string text;
  for (const auto& link : chain) {
    const auto& q = link.question;
    text += text.empty() ? "" : " ";
    text += whens[static_cast<int>(link.when)];
    text += kinds[static_cast<int>(q.kind)];
    if (q.kind == Kind::Constant)
      text += " " + std::to_string(q.status);
    else if (q.kind != Kind::Own)
      text += " " + q.host + ":" + std::to_string(q.port) + q.path;
  }
  return text;
}

std::string names(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults)
    text += (text.empty() ? "" : " ") + toText(fault);
  return text;
}

} // namespace

class TestSandboxValues : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void understandsHealthCommands_data();
  void understandsHealthCommands();
  void faultsReachRunningOrLaterCopiesByKindAndScope();
  void badFaultsAreRefusedWithWhatIsRight_data();
  void badFaultsAreRefusedWithWhatIsRight();
  void errorRatioIsExact();
  void readsAddressesFromEnvironments();
  void versionComesFromTheImage();
  void idsThatAreNoPlainNamesAreRefused();
  void portsAreTheRolesOwnAndThoseGiven();
  void reportCountsLostAndDoubledPosts();
};

void TestSandboxValues::understandsHealthCommands_data() {
  QTest::addColumn<QStringList>("argv");
  QTest::addColumn<QString>("meaning");
  auto row = [](const char* name, QStringList argv, const char* meaning) {
    QTest::newRow(name) << argv << QString::fromLatin1(meaning);
  };
  auto l = [](const char* text) {
    return QString::fromLatin1(text);
  };
  row("ratd", {l("CMD"), l("/ratd"), l("healthcheck")}, "http :8080/health");
  row("python",
      {l("CMD"), l("python"), l("-c"),
       l("import grpc; ch=grpc.insecure_channel('localhost:50051'); grpc.channel_ready_future(ch)")},
      "channel :50051");
  row("wget", {l("CMD"), l("wget"), l("-qO-"), l("http://127.0.0.1:3000")}, "http :3000/");
  row("pg", {l("CMD-SHELL"), l("pg_isready -U rat")}, "http :5432/health");
  row("mc", {l("mc"), l("ready"), l("local")}, "http :9000/minio/health/ready");
  row("or",
      {l("/bin/sh"), l("-c"),
       l("curl -f http://localhost:19120/q/health/ready 2>/dev/null || curl -f "
         "http://localhost:19120/api/v2/config 2> /dev/null")},
      "http :19120/q/health/ready || http :19120/api/v2/config");
  row("exit", {l("CMD-SHELL"), l("wget -q http://localhost/x >/dev/null 2>&1 || exit 1")},
      "http :80/x || constant 1");
  row("and", {l("CMD-SHELL"), l("true && nc -z localhost 99")}, "constant 0 && tcp :99");
  row("grpc", {l("grpc_health_probe"), l("-addr=:50052"), l("--service=x")}, "grpc :50052x");
  row("elsewhere", {l("curl"), l("http://10.0.0.1:8080/a")}, "http 10.0.0.1:8080/a");
  row("unknown", {l("/app/check"), l("--deep")}, "own");
  row("nothing", {}, "own");
}

void TestSandboxValues::understandsHealthCommands() {
  QFETCH(QStringList, argv);
  QFETCH(QString, meaning);
  std::vector<std::string> words;
  for (const auto& word : argv)
    words.push_back(word.toStdString());
  QCOMPARE(QString::fromStdString(print(understandHealthCommand(words))), meaning);
}

void TestSandboxValues::faultsReachRunningOrLaterCopiesByKindAndScope() {
  FaultBook book;
  book.set("ratd", *parseFault("crash", ""));
  book.set("ratd", *parseFault("errors", "0.2", "now"));
  book.set("ratd", *parseFault("slow", "800ms"));
  QCOMPARE(names(book.forNewCopy("ratd")), std::string("crash slow=800ms"));
  QCOMPARE(names(book.forNewCopy("ratq")), std::string());
  QVERIFY(!appliesToRunning(*parseFault("crash", "")));
  QVERIFY(appliesToRunning(*parseFault("never-healthy", "", "now")));
  QVERIFY(appliesToRunning(*parseFault("slow", "1s")));
  QVERIFY(!appliesToRunning(*parseFault("slow", "1s", "next")));
  book.set("ratd", *parseFault("slow", "900ms"));
  QCOMPARE(names(book.forNewCopy("ratd")), std::string("crash slow=900ms"));
  book.clear("ratd");
  QCOMPARE(names(book.forNewCopy("ratd")), std::string());
}

void TestSandboxValues::badFaultsAreRefusedWithWhatIsRight_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("value");
  for (auto [kind, value] : {std::pair{"crush", ""},
                             {"errors", "2"},
                             {"errors", ""},
                             {"slow", "fast"},
                             {"slow", "-1s"},
                             {"runs", "3"},
                             {"runs", "0x9s"},
                             {"exit-code", "256"},
                             {"crash", "1"}})
    QTest::newRow(qPrintable(QString::fromLatin1(kind) + QLatin1Char('=') + QString::fromLatin1(value)))
        << QString::fromLatin1(kind) << QString::fromLatin1(value);
}

void TestSandboxValues::badFaultsAreRefusedWithWhatIsRight() {
  QFETCH(QString, kind);
  QFETCH(QString, value);
  auto fault = parseFault(kind.toStdString(), value.toStdString());
  QVERIFY(!fault);
  QCOMPARE(fault.error().kind, ErrorKind::Input);
}

void TestSandboxValues::errorRatioIsExact() {
  FaultSet faults;
  QVERIFY(!faults.failsNow());
  faults.set(*parseFault("errors", "0.2"));
  int failed = 0;
  for (int i = 0; i < 1000; ++i)
    failed += faults.failsNow() ? 1 : 0;
  QCOMPARE(failed, 200);
  faults.set(*parseFault("errors", "1"));
  QVERIFY(faults.failsNow() && faults.failsNow());
}

void TestSandboxValues::readsAddressesFromEnvironments() {
  QCOMPARE(parseEndpoint("http://127.77.4.1:50051")->toString(), std::string("127.77.4.1:50051"));
  QCOMPARE(parseEndpoint("postgres://rat:p@ss@127.77.1.1:5432/rat?sslmode=disable")->toString(),
           std::string("127.77.1.1:5432"));
  QCOMPARE(parseEndpoint("minio", 9000)->toString(), std::string("minio:9000"));
  for (const char* bad : {"", "http://", "host", "host:0", "host:70000", "host:x", ":80"})
    QVERIFY2(!parseEndpoint(bad), bad);
}

void TestSandboxValues::versionComesFromTheImage() {
  InstanceSpec spec;
  for (auto [image, version] : {std::pair{"rat/ratd:2.0.0", "2.0.0"},
                                {"registry:5000/ratd", "latest"},
                                {"ratd", "latest"},
                                {"rat/ratd@sha256:0123456789abcdef", "0123456789ab"}}) {
    spec.image = image;
    QCOMPARE(spec.version(), std::string(version));
  }
}

void TestSandboxValues::idsThatAreNoPlainNamesAreRefused() {
  const std::string body = R"({"service":"ratd","address":"127.90.0.1"})";
  QVERIFY(readInstanceSpec("rat-ratd-2", body).has_value());
  for (const char* id : {"", "..", "a/b", "a b", ".x"})
    QVERIFY2(!readInstanceSpec(id, body), id);
  QVERIFY(!readInstanceSpec("x", "[]"));
  QVERIFY(!readInstanceSpec("x", R"({"service":"ratd"})"));
  QVERIFY(!readInstanceSpec("x", R"({"service":"ratd","address":"a","ports":[0]})"));
}

void TestSandboxValues::portsAreTheRolesOwnAndThoseGiven() {
  using Ports = std::vector<std::uint16_t>;
  QCOMPARE(portsOf("ratd", {8080}, {}), (Ports{8080, 8090}));
  QCOMPARE(portsOf("ratd", {}, {{"RAT_LISTEN_ADDR", "0.0.0.0:8085"}}), (Ports{8085, 8090}));
  QCOMPARE(portsOf("ratq", {}, {{"GRPC_PORT", "60051"}}), (Ports{60051}));
  QCOMPARE(portsOf("web", {80, 443}, {}), (Ports{80, 443}));
  QCOMPARE(portsOf("web", {}, {}), (Ports{8080}));
  QCOMPARE(portsOf("minio-init", {}, {}), Ports{});
}

void TestSandboxValues::reportCountsLostAndDoubledPosts() {
  LoadReport report({"post"}, SystemClock().now());
  for (int i = 0; i < 4; ++i)
    report.postSent();
  report.postAcknowledged(0);
  report.postAcknowledged(1);
  auto posts = [&] {
    return report.toJson(SystemClock().now(), false)["posts"];
  };
  QVERIFY(posts()["lost"].is_null()); // a ledger that was not read is no zero
  report.checkLedger({{0, 1}, {1, 1}, {2, 1}});
  QCOMPARE(integerAt(posts(), "lost"), 0);
  QCOMPARE(integerAt(posts(), "doubled"), 0);
  report.checkLedger({{0, 2}, {2, 2}});
  QCOMPARE(integerAt(posts(), "lost"), 1);
  QCOMPARE(integerAt(posts(), "doubled"), 2);
}

QTEST_APPLESS_MAIN(TestSandboxValues)
#include "tst_sandbox_values.moc"

// The main job: `ratdeckctl demo` ends in exit 0 with every application service on version 2 and nobody hurt.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <set>

using namespace ratdeck;

class TestDemo : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void rollsTheEightApplicationServicesToVersionTwoWithoutOneFailedRequest() {
    SandboxRig rig;
    auto demo = rig.run({QStringLiteral("demo"), QStringLiteral("--output"), QStringLiteral("json")},
                        QStringLiteral("1.0.0"), 300000);
    QVERIFY2(demo.exitCode == 0, demo.toString().c_str());
    QCOMPARE(textAt(demo.json, "result"), "succeeded");
    const std::set<std::string> application = {
        "ratd",          "ratq",        "runner",    "portal",
        "auth-keycloak", "enforcement", "cloud-aws", "executor-container"};
    std::set<std::string> updated;
    for (const auto& service : memberAt(demo.json, "services")) {
      auto name = textAt(service, "name");
      bool isApplication = application.contains(name);
      QVERIFY2(textAt(service, "result") == (isApplication ? "updated" : "unchanged"), name.c_str());
      if (isApplication) {
        QCOMPARE(textAt(service, "to"), "2.0.0");
        updated.insert(name);
      } else {
        QCOMPARE(textAt(service, "from"), textAt(service, "to"));
      }
    }
    QVERIFY(updated == application);
    const auto& traffic = memberAt(demo.json, "traffic");
    qInfo("%s", dumpJson(traffic).c_str());
    QCOMPARE(integerAt(traffic, "failed", -1), 0);
    QCOMPARE(integerAt(traffic, "router_retries", -1), 0);
    QVERIFY(integerAt(traffic, "requests") >= 5000);
    QVERIFY(integerAt(traffic, "near_switch") >= 2000);
    const auto& posts = memberAt(traffic, "posts");
    QVERIFY(integerAt(posts, "acknowledged") > 0);
    QCOMPARE(integerAt(posts, "lost", -1), 0);
    QCOMPARE(integerAt(posts, "doubled", -1), 0);
    QVERIFY(integerAt(traffic, "streams_completed") > 0);
    QVERIFY(QFile::exists(QString::fromStdString(textAt(demo.json, "journal"))));
  }
};

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"

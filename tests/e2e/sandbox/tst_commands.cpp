// What the commands answer to bad input and before anything runs: the contract's exit codes, one-line errors
// with their place, nothing changed.
#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QFile>

using namespace ratdeck;

class TestCommands : public QObject {
  Q_OBJECT

  QString write(const SandboxRig& rig, const char* name, const char* text) {
    auto path = rig.folder() + QLatin1Char('/') + QLatin1String(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
      qFatal("cannot write %s", qPrintable(path));
    file.write(text);
    return path;
  }

private Q_SLOTS:
  void badUsageIsExitTwoAndSaysWhatToDo() {
    SandboxRig rig;
    for (const auto& arguments :
         {QStringList{QStringLiteral("fly")}, QStringList{},
          QStringList{QStringLiteral("plan"), QStringLiteral("--runtime"), QStringLiteral("moon")}}) {
      auto result = rig.run(arguments);
      QVERIFY2(result.exitCode == 2, result.toString().c_str());
      QVERIFY2(result.err.find("ratdeckctl --help") != std::string::npos, result.err.c_str());
    }
  }

  void aWordThatIsNoCommandIsNamed_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("a command") << QStringList{QStringLiteral("fly")};
    QTest::newRow("of the sandbox") << QStringList{QStringLiteral("sandbox"), QStringLiteral("fly")};
  }
  void aWordThatIsNoCommandIsNamed() {
    QFETCH(QStringList, arguments);
    SandboxRig rig;
    auto result = rig.run(arguments);
    QVERIFY2(result.exitCode == 2, result.toString().c_str());
    QVERIFY2(result.err.find("\"fly\"") != std::string::npos, result.err.c_str());
  }

  void aListOptionTakesOneValueAndLeavesTheRestToTheCommand() {
    SandboxRig rig;
    auto path = write(rig, "stack.yml", "services:\n  web:\n    image: nginx:1.27\n");
    auto result =
        rig.run({QStringLiteral("deploy"), QStringLiteral("-f"), path, QStringLiteral("plan.json")});
    QVERIFY2(result.exitCode == 2, result.toString().c_str());
    QVERIFY2(result.err.find("a plan file names its own inputs") != std::string::npos, result.err.c_str());
    auto both = rig.run({QStringLiteral("config"), QStringLiteral("-f"), path, QStringLiteral("-f"), path});
    QVERIFY2(both.exitCode == 0, both.toString().c_str());
  }

  void aServiceThatTheStackDoesNotHaveIsRefusedByConfigToo() {
    SandboxRig rig;
    auto path = write(rig, "stack.yml", "services:\n  web:\n    image: nginx:1.27\n");
    auto result = rig.run({QStringLiteral("config"), QStringLiteral("-f"), path, QStringLiteral("--service"),
                           QStringLiteral("zzz")});
    QVERIFY2(result.exitCode == 2, result.toString().c_str());
    QVERIFY2(result.err.find("zzz") != std::string::npos, result.err.c_str());
  }

  void badComposeFilesAreNamedWithLineAndColumn() {
    SandboxRig rig;
    auto path = write(rig, "bad.yml", "services:\n  a:\n    image: x\n    depends_on: [nobody]\n");
    for (const char* command : {"config", "plan"}) {
      auto result = rig.run({QLatin1String(command), QStringLiteral("-f"), path});
      QVERIFY2(result.exitCode == 2, result.toString().c_str());
      QVERIFY2(result.err.starts_with(path.toStdString() + ":4:"), result.err.c_str());
    }
  }

  void planWithoutARuntimeComparesWithNothingAndSaysSo() {
    SandboxRig rig;
    auto path = write(rig, "stack.yml", "services:\n  web:\n    image: nginx:1.27\n");
    auto result = rig.run({QStringLiteral("plan"), QStringLiteral("-f"), path, QStringLiteral("--output"),
                           QStringLiteral("json")});
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    bool hasNoRuntime = false;
    for (const auto& problem : memberAt(result.json, "problems"))
      hasNoRuntime |= textAt(problem, "code") == "no-runtime";
    QVERIFY(hasNoRuntime);
    auto again = rig.run({QStringLiteral("plan"), QStringLiteral("-f"), path, QStringLiteral("--output"),
                          QStringLiteral("json")});
    QVERIFY2(again.out == result.out, "the same input gave another plan");
  }

  void deployingToASandboxThatIsNotUpIsExitSix() {
    SandboxRig rig;
    auto path = write(rig, "stack.yml", "services:\n  web:\n    image: nginx:1.27\n");
    auto result = rig.run({QStringLiteral("deploy"), QStringLiteral("-f"), path, QStringLiteral("--yes")});
    QVERIFY2(result.exitCode == 6, result.toString().c_str());
    QVERIFY2(result.err.find("sandbox up") != std::string::npos, result.err.c_str());
  }

  void configPrintsTheShapeOfDockerComposeConfig() {
    SandboxRig rig;
    auto path = write(rig, "stack.yml",
                      "name: shop\nservices:\n  web:\n    image: nginx:1.27\n    ports: ['8080:80']\n");
    auto result = rig.run({QStringLiteral("config"), QStringLiteral("-f"), path, QStringLiteral("--output"),
                           QStringLiteral("json")});
    QVERIFY2(result.exitCode == 0, result.toString().c_str());
    QCOMPARE(textAt(result.json, "name"), "shop");
    const auto& port = memberAt(memberAt(memberAt(result.json, "services"), "web"), "ports").at(0);
    QCOMPARE(integerAt(port, "target"), 80);
    QCOMPARE(textAt(port, "published"), "8080");
  }
};

QTEST_GUILESS_MAIN(TestCommands)
#include "tst_commands.moc"

// What the window's command line means, and what is said of one that means nothing.
#include <QtTest>

#include "app/ratdeck/options.h"

using namespace ratdeck;

class TestWindowOptions : public QObject {
  Q_OBJECT

  static ParsedWindowOptions parse(QStringList words) {
    return parseWindowOptions(QStringList{QStringLiteral("ratdeck")} + words);
  }
  static ParsedWindowOptions parse(const char* line) {
    return parse(QString::fromLatin1(line).split(QLatin1Char(' '), Qt::SkipEmptyParts));
  }

private Q_SLOTS:
  void withoutWordsNothingIsChosen() {
    const auto parsed = parse("");
    QVERIFY(!parsed.exitCode);
    QVERIFY(parsed.options.choice == StackChoice());
    QVERIFY(!parsed.options.isTargetNamed);
    QVERIFY(!parsed.options.isReadOnly);
    QVERIFY(parsed.options.theme == ThemeChoice::System);
    QVERIFY(!parsed.options.load);
  }

  void theSandboxMayGoWithoutAName() {
    const auto one = parse("--sandbox --load 50").options;
    QVERIFY(one.isSandboxNamed);
    QVERIFY(one.isTargetNamed);
    QCOMPARE(one.choice.sandbox, std::string("default"));
    QCOMPARE(*one.load, 50.0);
    QCOMPARE(parse("--sandbox=blue").options.choice.sandbox, std::string("blue"));
  }

  void aStackAndATargetAreNamedAsOnTheCommandLine() {
    const auto parsed = parse("-f a.yml --file b.yml --env-file e --profile pro --profile debug -p rat "
                              "--set ratd=:2 --set ratq=reg/x@sha256:0 --runtime docker --context far "
                              "--journal-dir /j --read-only --theme dark");
    QVERIFY2(!parsed.exitCode, parsed.err.c_str());
    const auto& choice = parsed.options.choice;
    QCOMPARE(choice.files, (std::vector<std::string>{"a.yml", "b.yml"}));
    QCOMPARE(choice.envFiles, std::vector<std::string>{"e"});
    QCOMPARE(choice.profiles, (std::vector<std::string>{"pro", "debug"}));
    QCOMPARE(choice.projectName.value_or(""), std::string("rat"));
    QCOMPARE(choice.setImages.at("ratd"), std::string(":2"));
    QCOMPARE(choice.setImages.at("ratq"), std::string("reg/x@sha256:0"));
    QCOMPARE(choice.runtime, std::string("docker"));
    QVERIFY(choice.isRuntimeNamed);
    QCOMPARE(choice.context, std::string("far"));
    QCOMPARE(choice.journalFolder, std::string("/j"));
    QVERIFY(parsed.options.isReadOnly);
    QVERIFY(parsed.options.isTargetNamed);
    QVERIFY(parsed.options.theme == ThemeChoice::Dark);
  }

  void badUsageSaysWhatIsOffAndWhatToDo_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("what");
    QTest::newRow("unknown option") << "--sandbx"
                                    << "sandbx";
    QTest::newRow("lonely word") << "deploy"
                                 << "\"deploy\" is no option";
    QTest::newRow("no value") << "--theme"
                              << "theme";
    QTest::newRow("no theme") << "--theme pink"
                              << "there is no theme \"pink\"";
    QTest::newRow("no runtime") << "--runtime vms"
                                << "there is no runtime \"vms\"";
    QTest::newRow("two targets") << "--sandbox --runtime docker"
                                 << "two targets";
    QTest::newRow("no name") << "--sandbox="
                             << "lacks the name";
    QTest::newRow("context alone") << "--context far"
                                   << "--runtime docker";
    QTest::newRow("no image") << "--set ratd"
                              << "SERVICE=IMAGE";
    QTest::newRow("no rate") << "--sandbox --load many"
                             << "\"many\" is not a rate";
    QTest::newRow("too fast") << "--sandbox --load 5001"
                              << "not a rate";
    QTest::newRow("no number") << "--sandbox --load nan"
                               << "not a rate";
    QTest::newRow("load elsewhere") << "--runtime docker --load 5"
                                    << "the sandbox's";
    QTest::newRow("load, but watch only") << "--sandbox --read-only --load 5"
                                          << "contradict";
  }
  void badUsageSaysWhatIsOffAndWhatToDo() {
    QFETCH(QString, line);
    QFETCH(QString, what);
    const auto parsed = parse(line.toLatin1().constData());
    QCOMPARE(parsed.exitCode.value_or(0), 2);
    const auto err = QString::fromStdString(parsed.err);
    QVERIFY2(err.contains(what), parsed.err.c_str());
    QVERIFY2(err.startsWith(QStringLiteral("ratdeck: ")), parsed.err.c_str());
    QVERIFY2(err.contains(QStringLiteral("`ratdeck --help`")), parsed.err.c_str());
    QVERIFY(parsed.out.empty());
  }

  void whatComesFromOutsideReachesTheTerminalAsPlainText() {
    const auto parsed = parse(QStringList{QStringLiteral("\x1b[31mred")});
    QCOMPARE(parsed.exitCode.value_or(0), 2);
    QVERIFY(parsed.err.find('\x1b') == std::string::npos);
  }

  void helpAndVersionAreNoFailure() {
    const auto help = parse("--help");
    QCOMPARE(help.exitCode.value_or(9), 0);
    QVERIFY2(help.out.starts_with("Usage: ratdeck [options]\n"), help.out.c_str());
    for (const char* option : {"--sandbox", "--file", "--env-file", "--profile", "--project-name", "--set",
                               "--runtime", "--context", "--journal-dir", "--read-only", "--theme", "--load"})
      QVERIFY2(help.out.find(option) != std::string::npos, option);
    const auto version = parse("--version");
    QCOMPARE(version.exitCode.value_or(9), 0);
    QCOMPARE(version.out, std::string("ratdeck " RATDECK_VERSION "\n"));
  }
};

QTEST_APPLESS_MAIN(TestWindowOptions)
#include "tst_window_options.moc"

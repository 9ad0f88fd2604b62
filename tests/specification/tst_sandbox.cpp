#include "tests/e2e/migration_sentences.h"
#include "tests/specification/sandbox_stage.h"
#include "tests/specification/scenes.h"

#include <QFile>
#include <QMetaMethod>

using namespace ratdeck;
using namespace ratdeck::sentences;

class SpecificationOnTheSandbox : public SpecificationScenes {
  Q_OBJECT

  std::unique_ptr<Stage> makeStage() const override { return std::make_unique<SandboxStage>(); }
  SandboxStage& sandbox() { return static_cast<SandboxStage&>(stage()); }

private Q_SLOTS:
  void section_3_what_does_not_stop_is_killed_after_its_grace() {
    const QString runner = QStringLiteral("runner");
    QCOMPARE(sandbox().faultNow(runner, QStringLiteral("ignore-sigterm")).exitCode, 0);
    const Scene killed =
        sandbox().play(deployOf(runner), QStringLiteral("9.0.0"), {QStringLiteral("short_grace.yml")});
    sandbox().clear(runner);
    QVERIFY2(killed.result.exitCode == 0, killed.result.toString().c_str());
    QCOMPARE(text(isKilledAtTheEndOfItsGrace(killed, "runner")), QString());
    QVERIFY(!isKilledAtTheEndOfItsGrace(asSpecified(), "runner").empty()); // the control: one that stops
  }

  // A test that is not in the table, or a row without its test, is a mistake.
  void theTableNamesEveryTest() {
    QFile page(QStringLiteral(SPECIFICATION_PAGE));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QByteArray rows = page.readAll();
    static const QRegularExpression names(QStringLiteral(
        "`((?:overview|key_constraints|section|compose|kubernetes|migrations|rollback|monitoring)_\\w+)`"));
    std::set<QByteArray> tests, told;
    for (const QMetaObject* object : {metaObject(), &MigrationSentences::staticMetaObject})
      for (int i = 0; i < object->methodCount(); ++i)
        if (const QByteArray name = object->method(i).name();
            names.match(QString::fromLatin1('`' + name + '`')).hasMatch())
          tests.insert(name);
    for (auto found = names.globalMatch(QString::fromUtf8(rows)); found.hasNext();)
      told.insert(found.next().captured(1).toLatin1());
    QVERIFY(tests.size() > 20);
    for (const QByteArray& name : tests)
      QVERIFY2(told.contains(name), (name + " is not in the table").constData());
    for (const QByteArray& name : told)
      QVERIFY2(tests.contains(name), (name + " is no test").constData());
  }
};

QTEST_GUILESS_MAIN(SpecificationOnTheSandbox)
#include "tst_sandbox.moc"

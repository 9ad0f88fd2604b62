// What goes wrong with an engine in the midst of a rollout: it restarts, it hangs, its disk is full, somebody
// removes a container or has taken a name or a port. Nobody is hurt, and what is said names the trouble.
#include "tests/e2e/docker/disk_filler.h"
#include "tests/e2e/docker/stack_rig.h"
#include "tests/support/size.h"

#include <QFile>
#include <QTcpServer>

#include <curl/curl.h>

#include <algorithm>
#include <fcntl.h>
#include <functional>

using namespace ratdeck;

namespace {

constexpr int rate = 100; // requests a second

DockerRig::Options engineOfItsOwnDisk() {
  DockerRig::Options options;
  options.liveRestore = true;
  options.dataMegabytes = 400;
  return options;
}

} // namespace

class TestTroubles : public QObject {
  Q_OBJECT

  std::unique_ptr<StackRig> m_rig;
  int m_next = 2;

  struct Swap {
    CliResult deployed;
    Result<LoadReport> load;
    bool hasHappened = false; // the event before the trouble
    std::string version;
  };
  // A new version of ratq under load, with the trouble right after the event, or with "" before the rollout.
  Swap swap(const char* event, const std::function<void()>& trouble, const QStringList& faults = {}) {
    Swap swap{{}, failure(ErrorKind::Internal, "no load"), false, std::to_string(m_next++) + ".0.0"};
    const auto made = m_rig->images().make("ratq", swap.version, faults);
    const auto problem = made.isEmpty() ? m_rig->startLoad(rate) : made;
    if (!problem.isEmpty())
      qWarning("%s", qPrintable(problem));
    const auto journal = m_rig->newestJournal();
    if (*event == '\0')
      trouble();
    const auto engine =
        m_rig->begin(StackRig::deployWords(QStringLiteral("ratq")), QString::fromStdString(swap.version));
    swap.hasHappened = *event == '\0' || m_rig->waitForEvent(journal, event, {});
    if (swap.hasHappened && *event != '\0')
      trouble();
    if (!QTest::qWaitFor([&] { return engine->state() == QProcess::NotRunning; }, 180000))
      engine->kill();
    engine->waitForFinished(5000);
    swap.deployed = resultOf(*engine);
    m_rig->waitForRequests(rate); // what is broken now would show
    swap.load = m_rig->stopLoad();
    return swap;
  }
  // "" if it ended in this way with nobody hurt.
  QString verdict(const Swap& swap, int exitCode) const {
    if (!swap.hasHappened || swap.deployed.exitCode != exitCode)
      return QStringLiteral("wanted exit %1: ").arg(exitCode) +
             QString::fromStdString(swap.deployed.toString());
    if (!swap.load || swap.load->requests() < rate || swap.load->failed() != 0)
      return QString::fromStdString(swap.load ? dumpJson(m_rig->loadJson()) : swap.load.error().toString());
    return {};
  }
  bool says(const CliResult& result, const char* text) const {
    return (result.out + result.err).find(text) != std::string::npos;
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<StackRig>(QStringLiteral("rdtrouble"), engineOfItsOwnDisk(),
                                       QStringLiteral("fixed_names.yml"));
    const auto problem = m_rig->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }
  void cleanupTestCase() { m_rig.reset(); }

  void aPortThatIsTakenIsNamedAndTheStackComesUpWhenItIsFree() {
    {
      QTcpServer other;
      QVERIFY(other.listen(QHostAddress::LocalHost, m_rig->portalPort()));
      const auto refused = m_rig->run(StackRig::deployWords(QStringLiteral("router")));
      QVERIFY2(refused.exitCode == 2, refused.toString().c_str());
      QVERIFY2(says(refused, "is held by a process of this machine"), refused.toString().c_str());
      QVERIFY2(m_rig->inventory().empty(), "something is left over");
    }
    const auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
  }

  void anImageThatIsNowhereChangesNothingAndIsBadInput() {
    const auto before = m_rig->inventory();
    const auto registry = m_rig->engine().startRegistry();
    QVERIFY(!registry.empty());
    const auto image = QString::fromStdString(registry + "/rat/ratq:9.9.9");
    const auto result =
        m_rig->run({QStringLiteral("deploy"), QStringLiteral("--yes"), QStringLiteral("--service"),
                    QStringLiteral("ratq"), QStringLiteral("--set"), QStringLiteral("ratq=") + image});
    m_rig->engine().stopRegistry();
    QVERIFY2(result.exitCode == 2, result.toString().c_str());
    QVERIFY2(says(result, qPrintable(image)), result.toString().c_str());
    QVERIFY(m_rig->inventory() == before);
  }

  void anEngineThatRestartsInMidRolloutIsWaitedFor_data() {
    QTest::addColumn<QByteArray>("event");
    QTest::newRow("while its gate is asked") << QByteArray("InstanceStarted");
    if (!isFullSize())
      return;
    QTest::newRow("while a copy is started") << QByteArray("StartRequested");
    QTest::newRow("while the old copy leaves") << QByteArray("StopRequested");
  }
  void anEngineThatRestartsInMidRolloutIsWaitedFor() {
    QFETCH(QByteArray, event);
    QString problem;
    const auto done = swap(event.constData(), [&] {
      m_rig->engine().stop();
      problem = m_rig->engine().start();
    });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    QVERIFY2(verdict(done, 0).isEmpty(), qPrintable(verdict(done, 0)));
    QCOMPARE(m_rig->running("ratq").image, "rat/ratq:" + done.version);
  }

  void anEngineThatHangsInMidRolloutIsWaitedFor_data() {
    QTest::addColumn<QByteArray>("event");
    QTest::newRow("while a copy is started") << QByteArray("StartRequested");
    if (isFullSize())
      QTest::newRow("while its gate is asked") << QByteArray("InstanceStarted");
  }
  void anEngineThatHangsInMidRolloutIsWaitedFor() {
    QFETCH(QByteArray, event);
    const auto done = swap(event.constData(), [&] {
      m_rig->engine().freeze();
      QVERIFY(m_rig->waitForRequests(8 * rate)); // users are served meanwhile
      m_rig->engine().thaw();
    });
    QVERIFY2(verdict(done, 0).isEmpty(), qPrintable(verdict(done, 0)));
    QCOMPARE(m_rig->running("ratq").image, "rat/ratq:" + done.version);
  }

  void aCopyThatIgnoresSigtermIsKilledAtTheEndOfItsGraceAndThatIsSaid() {
    const auto stubborn = swap("", [] {}, {QStringLiteral("ignore-sigterm")});
    QVERIFY2(verdict(stubborn, 0).isEmpty(), qPrintable(verdict(stubborn, 0)));
    const auto done = swap("", [] {});
    QVERIFY2(verdict(done, 0).isEmpty(), qPrintable(verdict(done, 0)));
    bool wasKilled = false;
    for (const auto& service : memberAt(done.deployed.json, "services"))
      wasKilled |= textAt(service, "name") == "ratq" && boolAt(service, "forced_kill");
    QVERIFY2(wasKilled, done.deployed.toString().c_str());
    QCOMPARE(m_rig->versionsOf("ratq"), std::vector<std::string>{done.version});
  }

  void aNewCopyThatSomebodyRemovesIsAFailureThatIsUndone() {
    const auto before = m_rig->inventory();
    const auto old = m_rig->running("ratq");
    const auto done = swap("InstanceStarted", [&] {
      for (const SeenContainer& one : m_rig->containers())
        if (one.service == "ratq" && one.id != old.id)
          m_rig->engine().raw("DELETE", "/containers/" + one.id + "?force=true");
    });
    QVERIFY2(verdict(done, 3).isEmpty(), qPrintable(verdict(done, 3)));
    QVERIFY2(m_rig->inventory() == before, "a container is missing or left over");
  }

  void aForeignContainerOfTheNewCopysNameIsNamedAndLeftAlone() {
    const auto before = m_rig->inventory();
    const auto old = m_rig->running("ratq");
    const auto dash = old.name.rfind('-') + 1;
    const auto name = old.name.substr(0, dash) + std::to_string(std::stoi(old.name.substr(dash)) + 1);
    auto foreign = DockerRig::containerOf("rat/ratq:1.0.0", {});
    foreign.erase("Entrypoint"); // that of the image
    const auto made = m_rig->engine().raw("POST", "/containers/create?name=" + name, dumpJson(foreign));
    QVERIFY(made && made->status == 201);
    m_rig->engine().raw("POST", "/containers/" + name + "/start");
    const auto done = swap("", [] {});
    QVERIFY2(verdict(done, 1).isEmpty(), qPrintable(verdict(done, 1)));
    QVERIFY2(says(done.deployed, name.c_str()), done.deployed.toString().c_str());
    QVERIFY2(m_rig->inventory() == before, "a container is missing or left over");
    const auto there = m_rig->engine().raw("GET", "/containers/" + name + "/json");
    QVERIFY(there && there->status == 200);
    QVERIFY(boolAt(memberAt(parseJson(there->body).value_or(Json()), "State"), "Running"));
    m_rig->engine().raw("DELETE", "/containers/" + name + "?force=true");
  }

  // The same engine under another name: what this machine knows of the router is kept with the old one.
  void aRouterThatIsDrivenFromElsewhereIsLeftAlone() {
    const auto before = m_rig->inventory();
    const auto socket = QString::fromStdString(m_rig->engine().endpoint().socket);
    const auto other = m_rig->folder() + QStringLiteral("/other.sock");
    QVERIFY(QFile::link(socket, other));
    m_rig->putBetween(other);
    const auto done = swap("", [] {});
    m_rig->putBetween(socket);
    QVERIFY2(verdict(done, 2).isEmpty(), qPrintable(verdict(done, 2)));
    QVERIFY2(says(done.deployed, "not from here"), done.deployed.toString().c_str());
    QVERIFY2(m_rig->inventory() == before, "a container is missing or left over");
  }

  void aDiskThatIsFullIsNamedAndTheOldCopyServes() {
    const auto before = m_rig->inventory();
    std::unique_ptr<DiskFiller> filler;
    const auto done = swap("", [&] {
      filler = std::make_unique<DiskFiller>(m_rig->engine().folder() + QStringLiteral("/data"));
    });
    QVERIFY(filler->size() > 0);
    filler.reset();
    QVERIFY2(verdict(done, 2).isEmpty(), qPrintable(verdict(done, 2)));
    QVERIFY2(says(done.deployed, "MB are free at"), done.deployed.toString().c_str());
    QVERIFY2(m_rig->inventory() == before, "a container is missing or left over");
    const auto again = swap("", [] {}); // the control: with space it goes
    QVERIFY2(verdict(again, 0).isEmpty(), qPrintable(verdict(again, 0)));
  }
};

QTEST_GUILESS_MAIN(TestTroubles)
#include "tst_troubles.moc"

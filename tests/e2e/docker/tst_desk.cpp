// What stands behind the window, on real containers: looked at and sampled while nothing rolls, rolled,
// handed over and taken back, with the lock that lies in the target.
#include "tests/e2e/desk_window.h"
#include "tests/e2e/docker/stack_rig.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

class DeskRig : public StackRig {
public:
  using StackRig::StackRig;
  Environment window() const { return environmentOfWindow(environment(QStringLiteral("1.0.0")), program()); }
  StackChoice choice() const {
    StackChoice choice;
    choice.runtime = "docker";
    choice.isRuntimeNamed = true;
    choice.projectName = project().toStdString();
    for (const auto& file : files())
      choice.files.push_back(file.toStdString());
    return choice;
  }
};

} // namespace

class TestDesk : public QObject {
  Q_OBJECT

  std::unique_ptr<DeskRig> m_rig;
  std::unique_ptr<DeskWindow> m_window;

  PlanWish wish(const std::string& service, const std::string& version) const {
    PlanWish wish{m_rig->choice(), PlanKind::Deploy, {}, {}};
    wish.choice.services = {service};
    wish.choice.setImages[service] = ":" + version;
    return wish;
  }
  std::string refusal() const { return m_window->refusalText(); }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DeskRig>(QStringLiteral("rddesk"));
    const auto problem = m_rig->startAndBringUp();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    for (const char* service : {"ratq", "ratd"}) {
      const auto made = m_rig->images().make(service, "2.0.0");
      QVERIFY2(made.isEmpty(), qPrintable(made));
    }
    m_window = std::make_unique<DeskWindow>(m_rig->window());
  }
  void cleanupTestCase() {
    m_window.reset();
    m_rig.reset();
  }

  void whatRunsIsLookedAtAndSampledAndNothingIsChanged() {
    const auto before = m_rig->inventory();
    const auto problem = m_rig->startLoad();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    m_window->desk.open(m_rig->choice());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->stack || m_window->refusal, 30000);
    QVERIFY2(m_window->stack, refusal().c_str());
    QVERIFY(m_window->stack->world.hasRouter);
    QVERIFY(m_window->stack->lastChange);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->samples.size() >= 3, 15000);
    const auto& event = m_window->samples.back()->front();
    QVERIFY(integerAt(memberAt(memberAt(event.detail, "services"), "portal"), "requests") > 0);
    QVERIFY(m_rig->inventory() == before);
  }

  void aPlanIsCarriedOut() {
    QVERIFY2(m_window->makePlan(wish("ratq", "2.0.0")), refusal().c_str());
    QVERIFY2(m_window->start(), refusal().c_str());
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
  }

  void aRolloutIsHandedOverAndTakenBackUnderLoad() {
    QVERIFY2(m_window->makePlan(wish("ratd", "2.0.0")), refusal().c_str());
    QVERIFY2(m_window->start(), refusal().c_str());
    QVERIFY(m_window->waitForEvent(EventType::InstanceStarted));
    m_window->leave();
    QVERIFY2(m_window->handOver(), refusal().c_str());
    QVERIFY2(m_window->takeBack(), refusal().c_str());
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
    QVERIFY(m_rig->versionsOf("ratd") == std::vector<std::string>{"2.0.0"});
    const auto load = m_rig->stopLoad();
    QVERIFY_VALUE(load);
    QCOMPARE(load->failed(), 0);
  }

  void anEngineThatEndsIsLostAndFoundAgain() {
    m_rig->engine().crash();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->loss, 30000);
    QCOMPARE(m_window->loss->kind, ErrorKind::Unreachable);
    m_window->stack.reset();
    QCOMPARE(m_rig->engine().start(), QString());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->stack, 30000);
  }
};

QTEST_GUILESS_MAIN(TestDesk)
#include "tst_desk.moc"

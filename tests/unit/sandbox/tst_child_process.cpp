// A child process on an event loop of the test's own.
#include "app/sandbox/child_process.h"
#include "app/sandbox/exec_job.h"
#include "app/sandbox/process_table.h"

#include <QtTest>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>

using namespace ratdeck;
using namespace ratdeck::sandbox;
namespace net = boost::asio;

namespace {

class TestChildProcess : public QObject {
  Q_OBJECT

  std::unique_ptr<ChildProcess> shell(const std::string& command, const std::string& name,
                                      ChildOptions options = {}) {
    options.argv = {"/bin/sh", "-c", command};
    options.onOutput = [this, name](std::string_view text) {
      m_log.push_back(name + " says " + std::string(text.substr(0, text.find('\n'))));
    };
    options.onExit = [this, name](ChildExit exit) {
      m_log.push_back(name + " ends with " + std::to_string(exit.code));
    };
    auto child = ChildProcess::spawn(m_io, std::move(options));
    return child ? std::move(*child) : nullptr;
  }
  bool hasLogged(const std::string& line) const {
    return std::find(m_log.begin(), m_log.end(), line) != m_log.end();
  }
  // Bounded: 20 s.
  void runUntil(const std::string& line) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!hasLogged(line) && m_io.run_one_until(end) > 0) {
    }
  }

  net::io_context m_io{1};
  std::vector<std::string> m_log;

private Q_SLOTS:
  void init() {
    m_log.clear();
    m_io.restart();
  }

  void outputComesBeforeTheEnd() {
    auto child = shell("echo hello; exit 3", "a");
    QVERIFY(child);
    runUntil("a ends with 3");
    QCOMPARE(m_log, (std::vector<std::string>{"a says hello", "a ends with 3"}));
  }

  void aGrandchildThatHoldsTheOutputDoesNotHoldUpTheEnd() {
    auto child = shell("sleep 5 & exit 0", "a");
    QVERIFY(child);
    net::steady_timer timer(m_io, std::chrono::seconds(4));
    timer.async_wait([this](boost::system::error_code error) {
      if (!error)
        m_log.push_back("4 s have passed");
    });
    runUntil("a ends with 0");
    QCOMPARE(m_log, (std::vector<std::string>{"a ends with 0"}));
  }

  // As a ready event of a descriptor that was closed before does it.
  void aFalseWakeUpNeitherStopsTheLoopNorHidesTheEnd() {
    auto child = shell("sleep 1; exit 3", "a");
    QVERIFY(child);
    net::post(m_io, [&] {
      child->lookForEnd();
      m_log.push_back("the loop goes on");
    });
    runUntil("a ends with 3");
    child->lookForEnd();
    QCOMPARE(m_log, (std::vector<std::string>{"the loop goes on", "a ends with 3"}));
  }

  void anEndThatTheKernelHasReapedIsSeenWithoutItsStatus() {
    std::signal(SIGCHLD, SIG_IGN);
    auto child = shell("exit 3", "a");
    QVERIFY(child);
    runUntil("a ends with -1");
    std::signal(SIGCHLD, SIG_DFL);
    QCOMPARE(m_log, (std::vector<std::string>{"a ends with -1"}));
  }

  void aChildThatIsLetGoIsReapedByTheLoop() {
    auto child = shell("exec sleep 60", "a");
    QVERIFY(child);
    auto pid = child->pid();
    child.reset();
    QCOMPARE(::kill(pid, 0), 0); // nobody has waited for it
    m_io.run_for(std::chrono::seconds(20));
    QVERIFY(m_io.stopped());
    QCOMPARE(::kill(pid, 0), -1);
    QCOMPARE(m_log, std::vector<std::string>{});
  }

  void stderrIsToldApartWhereSomebodyTakesIt() {
    ChildOptions options;
    std::string errors;
    options.onErrors = [&](std::string_view text) {
      errors += text;
    };
    auto child = shell("echo version; echo NOTICE >&2; exit 3", "a", options);
    QVERIFY(child);
    runUntil("a ends with 3");
    QCOMPARE(m_log, (std::vector<std::string>{"a says version", "a ends with 3"}));
    QCOMPARE(errors, std::string("NOTICE\n"));
    m_log.clear();
    child = shell("echo NOTICE >&2; exit 3", "b"); // the control
    runUntil("b ends with 3");
    QCOMPARE(m_log, (std::vector<std::string>{"b says NOTICE", "b ends with 3"}));
  }

  void aSignalReachesAllOfItsGroup_data() {
    QTest::addColumn<bool>("ownsGroup");
    QTest::newRow("it leads a group") << true;
    QTest::newRow("the control") << false;
  }
  void aSignalReachesAllOfItsGroup() {
    QFETCH(bool, ownsGroup);
    ChildOptions options;
    options.ownsGroup = ownsGroup;
    auto child = shell("sleep 300 & echo $!; wait", "a", options);
    QVERIFY(child);
    while (m_log.empty() && m_io.run_one_for(std::chrono::seconds(20)) > 0) {
    }
    QVERIFY(!m_log.empty());
    const int grandchild = std::stoi(m_log.front().substr(std::string("a says ").size()));
    QVERIFY(startTimeOf(grandchild) != 0);
    child->signal(SIGKILL);
    runUntil("a ends with 137");
    if (ownsGroup)
      QTRY_COMPARE_WITH_TIMEOUT(startTimeOf(grandchild), 0ULL, 20000);
    else
      QVERIFY(startTimeOf(grandchild) != 0 && ::kill(grandchild, SIGKILL) == 0);
  }

  void whatItLeavesInItsGroupEndsWithIt_data() {
    QTest::addColumn<bool>("ownsGroup");
    QTest::newRow("it leads a group") << true;
    QTest::newRow("the control") << false;
  }
  void whatItLeavesInItsGroupEndsWithIt() {
    QFETCH(bool, ownsGroup);
    ChildOptions options;
    options.ownsGroup = ownsGroup;
    auto child = shell("sleep 300 & echo $!; exit 3", "a", options);
    QVERIFY(child);
    runUntil("a ends with 3");
    const int grandchild = std::stoi(m_log.front().substr(std::string("a says ").size()));
    if (ownsGroup)
      QTRY_COMPARE_WITH_TIMEOUT(startTimeOf(grandchild), 0ULL, 20000);
    else
      QVERIFY(startTimeOf(grandchild) != 0 && ::kill(grandchild, SIGKILL) == 0);
  }

  void aJobThatEndsLeavesNothingRunning() {
    auto job = std::make_shared<ExecJob>(m_io);
    ExecJob::Result result;
    auto started = job->start({"/bin/sh", "-c", "sleep 300 & echo $!"}, {"PATH=/usr/bin:/bin"},
                              std::chrono::seconds(60), [&](const ExecJob::Result& ended) {
                                result = ended;
                                m_log.push_back("it ended");
                              });
    QVERIFY(started.has_value());
    runUntil("it ended");
    QVERIFY(!result.timedOut);
    QCOMPARE(result.exitCode, 0);
    QTRY_COMPARE_WITH_TIMEOUT(startTimeOf(std::stoi(result.printed.text)), 0ULL, 20000);
  }

  void aJobAtItsLimitLeavesNothingRunning() {
    auto job = std::make_shared<ExecJob>(m_io);
    ExecJob::Result result;
    auto started = job->start({"/bin/sh", "-c", "sleep 300 & echo $!; wait"}, {"PATH=/usr/bin:/bin"},
                              std::chrono::seconds(1), [&](const ExecJob::Result& ended) {
                                result = ended;
                                m_log.push_back("it ended");
                              });
    QVERIFY(started.has_value());
    runUntil("it ended");
    QVERIFY(result.timedOut);
    QTRY_COMPARE_WITH_TIMEOUT(startTimeOf(std::stoi(result.printed.text)), 0ULL, 20000);
  }

  void aJobMayEndWhileItsTimeOutIsQueued() {
    auto job = std::make_shared<ExecJob>(m_io);
    net::steady_timer before(m_io, net::steady_timer::time_point()); // comes first of two that are due
    before.async_wait([&](boost::system::error_code) {
      job.reset();
      m_log.push_back("the job is destroyed");
    });
    auto started = job->start({"/bin/sleep", "60"}, {}, Duration::zero(),
                              [this](const ExecJob::Result&) { m_log.push_back("answered"); });
    QVERIFY(started.has_value());
    m_io.run_for(std::chrono::seconds(20));
    QCOMPARE(m_log, std::vector<std::string>{"the job is destroyed"});
  }
};

} // namespace

QTEST_GUILESS_MAIN(TestChildProcess)
#include "tst_child_process.moc"

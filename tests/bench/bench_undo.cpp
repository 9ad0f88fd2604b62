// How soon users are back on the old version: from the click on the window's own Undo to the router's
// read-back that the old copy has the traffic again, which runs on beside the new one while that is watched.
// On a sandbox under load. RATDECK_TEST_SIZE=full: ten repeats.
#include "app/ratdeck/console.h"
#include "core/base/clock.h"
#include "tests/e2e/sandbox/window_rig.h"
#include "tests/support/size.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/status_label.h"

#include <curl/curl.h>

#include <QApplication>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <cstdio>

using namespace ratdeck;

namespace {

constexpr double goalSeconds = 2;

WindowOptions optionsOf(const WindowRig& rig) {
  auto options = rig.optionsWith("services: { ratd: { x-ratdeck: { monitor: 120s } } }\n");
  options.choice.services = {"ratd"};
  return options;
}

class Bench {
public:
  bool run(int repeats) {
    if (const auto up = m_rig.up(); up.exitCode != 0)
      return complain(up.toString());
    if (const auto load = m_rig.startLoad(200); load.exitCode != 0)
      return complain(load.toString());
    m_console = std::make_unique<Console>(m_rig.environmentOf(QStringLiteral("2.0.0")), optionsOf(m_rig));
    m_console->open();
    for (int i = 0; i < repeats; ++i)
      if (!roll() || !undo())
        return false;
    m_console.reset();
    const auto load = m_rig.stopLoad();
    m_requests = integerAt(load, "requests");
    m_failed = integerAt(load, "failed", -1);
    print();
    return true;
  }
  bool meetsGoals() const { return m_failed == 0 && !m_seconds.empty() && m_seconds.back() <= goalSeconds; }

private:
  static bool complain(const std::string& what) {
    std::printf("%s\n", what.c_str());
    return false;
  }

  QAbstractButton* button(const char* name) {
    auto* found = m_console->window().findChild<QAbstractButton*>(QLatin1String(name));
    return found && found->isVisible() && found->isEnabled() ? found : nullptr;
  }
  // A button that takes clicks by now.
  bool click(const char* name) {
    const bool isReady = QTest::qWaitFor(
        [&] {
          const auto* deliberate = qobject_cast<DeliberateButton*>(button(name));
          return button(name) && (!deliberate || deliberate->isArmed());
        },
        20000);
    if (!isReady)
      return complain(std::string("no button ") + name + ": " + headline());
    QTest::mouseClick(button(name), Qt::LeftButton);
    return true;
  }
  std::string headline() {
    const auto* label = m_console->window().findChild<StatusLabel*>(QStringLiteral("headline"));
    return label ? label->line().word.toStdString() + " · " + label->line().detail.toStdString() : "";
  }

  bool roll() {
    const auto before = m_rig.newestJournal();
    return click("openPlan") && click("planButton") && click("startButton") &&
           (m_rig.waitForEvent(before, "BatchSwitched", "ratd") || complain("no switch: " + headline()));
  }

  bool undo() {
    if (!QTest::qWaitFor([&] { return button("undoButton") != nullptr; }, 10000) ||
        button("undoButton")->text().startsWith(QStringLiteral("Undo…")))
      return complain("the old copy does not run: " + headline());
    const auto clicked = SystemClock().now().boot;
    if (!click("undoButton"))
      return false;
    if (!QTest::qWaitFor([&] { return headline().starts_with("BACK ON 1.0.0"); }, 60000))
      return complain("not undone: " + headline());
    for (const auto& line : m_rig.journal(m_rig.newestJournal()))
      if (line.type == "TrafficReturned") {
        const auto returned = integerAt(memberAt(line.data, "detail"), "boot_ns");
        m_seconds.push_back(double(returned - clicked.time_since_epoch().count()) / 1e9);
        std::printf("traffic back after %6.3f s\n", m_seconds.back());
        return click("doneButton");
      }
    return complain("no traffic came back");
  }

  void print() {
    std::sort(m_seconds.begin(), m_seconds.end());
    std::printf("\nfrom the click to the router's read-back: %.3f s (%.3f to %.3f), goal: at most %.0f s%s\n",
                m_seconds[m_seconds.size() / 2], m_seconds.front(), m_seconds.back(), goalSeconds,
                m_seconds.back() <= goalSeconds ? "" : "  MISSED");
    std::printf("%lld of %lld requests failed\n", m_failed, m_requests);
  }

  WindowRig m_rig;
  std::unique_ptr<Console> m_console;
  std::vector<double> m_seconds;
  long long m_requests = 0, m_failed = -1;
};

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  QApplication application(argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Bench bench;
  const bool hasRun = bench.run(isFullSize() ? 10 : 2);
  return hasRun && (bench.meetsGoals() || !isFullSize()) ? 0 : 1;
}

// The whole window over a rollout on a virtual world: what a person means by it is obeyed by the rollout.
#pragma once

#include "tests/support/watched_rollout.h"
#include "ui/pages/main_window.h"

#include <QApplication>
#include <QTest>

#include <utility>
#include <vector>

namespace ratdeck::test {

class WatchedWindow {
public:
  explicit WatchedWindow(Plan plan, bool hasRouter = true)
      : watched(std::move(plan), hasRouter), window(watched.model, "ann") {
    window.showTarget(*watched.model.target());
    window.showStack(*watched.model.stack());
    QObject::connect(&window, &MainWindow::commandMeant, &window, [this](const Command& command) {
      commands.push_back(command);
      watched.send(command);
    });
    window.resize(1280, 800);
    window.show();
  }

  // Whether the window is there and has the keys.
  bool isReady() {
    return QTest::qWaitForWindowExposed(&window) && QTest::qWaitFor([this] {
             window.activateWindow();
             return QApplication::activeWindow() == &window;
           });
  }
  template <class Widget>
  Widget* find(const char* name) const {
    auto* widget = window.findChild<Widget*>(QLatin1String(name));
    if (!widget)
      qFatal("no %s in the window", name);
    return widget;
  }
  // The action of that text, which there is once.
  QAction* action(const QString& text) {
    for (const auto& entry : window.actions().entries())
      if (entry.action->text() == text)
        return entry.action;
    qFatal("no action %s", qPrintable(text));
  }

  WatchedRollout watched;
  MainWindow window;
  std::vector<Command> commands; // that were meant
};

} // namespace ratdeck::test

// Writes pictures of the window in every situation, as the product itself draws it:
//
//   screenshots --size 1280x800 --theme light|dark [--only NAME] FOLDER
//
// A size is in device-independent pixels; QT_SCALE_FACTOR=2 doubles those of the pictures. Needs no display
// with QT_QPA_PLATFORM=offscreen. Exits with 1 where a picture could not be made.
#include "tests/ui/situations.h"
#include "ui/widgets/charts.h"
#include "ui/widgets/graph_canvas.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QTest>

#include <cstdio>

using namespace ratdeck;

namespace {

constexpr int longestWait = 20'000; // milliseconds
constexpr int stillLooks = 8;

struct Order {
  QSize size;
  QString theme, only;
  QDir folder;
};

[[noreturn]] void stop(const QString& why) {
  std::fprintf(stderr, "screenshots: %s\n", qPrintable(why));
  std::exit(1);
}

Order orderOf(const QApplication& application) {
  QCommandLineParser parser;
  const QCommandLineOption size(QStringLiteral("size"), {}, QStringLiteral("WxH"),
                                QStringLiteral("1280x800"));
  const QCommandLineOption theme(QStringLiteral("theme"), {}, QStringLiteral("name"),
                                 QStringLiteral("light"));
  const QCommandLineOption only(QStringLiteral("only"), {}, QStringLiteral("name"));
  parser.addOptions({size, theme, only});
  parser.addHelpOption();
  parser.process(application);
  const auto sides = parser.value(size).split(QLatin1Char('x'));
  if (sides.size() != 2 || parser.positionalArguments().size() != 1)
    stop(QStringLiteral("one folder is needed, and a size like 1280x800"));
  return {QSize(sides[0].toInt(), sides[1].toInt()), parser.value(theme), parser.value(only),
          QDir(QDir::current().absoluteFilePath(parser.positionalArguments().first()))};
}

// The graph is laid out by another process, and charts are drawn in several turns: until nothing moves.
QImage stillPicture(MainWindow& window) {
  QImage last;
  int same = 0;
  const auto isStill = [&] {
    const auto* canvas = window.findChild<GraphCanvas*>();
    auto picture = window.grab().toImage();
    same = picture == last && (canvas->hasGraph() || !canvas->isVisible()) ? same + 1 : 0;
    last = std::move(picture);
    return same >= stillLooks;
  };
  if (!QTest::qWaitFor(isStill, longestWait))
    stop(QStringLiteral("the window does not come to rest"));
  return last;
}

void take(const test::Situation& situation, const Order& order) {
  const auto stage = situation.make();
  auto& window = stage->window();
  window.resize(order.size);
  window.show();
  const auto picture = stillPicture(window);
  if (window.size() != order.size)
    stop(QStringLiteral("%1: the window is %2 x %3, it does not fit")
             .arg(QLatin1String(situation.name))
             .arg(window.width())
             .arg(window.height()));
  const auto path = order.folder.filePath(QStringLiteral("%1-%2-%3x%4.png")
                                              .arg(QLatin1String(situation.name), order.theme)
                                              .arg(picture.width())
                                              .arg(picture.height()));
  if (!picture.save(path))
    stop(QStringLiteral("%1 cannot be written").arg(path));
  std::printf("%s\n", qPrintable(path));
}

} // namespace

int main(int argc, char** argv) {
  qputenv("TZ", "Europe/Berlin"); // so that the pictures do not depend on where they are made
  QApplication application(argc, argv);
  const auto order = orderOf(application);
  if (!order.folder.mkpath(QStringLiteral(".")))
    stop(QStringLiteral("the folder cannot be made"));
  if (!QDir::setCurrent(QStringLiteral(RATDECK_SOURCE_FOLDER "/resources")))
    stop(QStringLiteral("the shipped stack is not there"));
  applyTheme(application, order.theme == QLatin1String("dark") ? ThemeChoice::Dark : ThemeChoice::Light);
  for (const auto& situation : test::situations())
    if (order.only.isEmpty() || order.only == QLatin1String(situation.name))
      take(situation, order);
  return 0;
}

#include "tests/specification/stage.h"

#include <QtGlobal>

namespace ratdeck {

Scene Stage::play(QStringList words, const QString& version, const QStringList& overlays, bool isUnderLoad) {
  Scene scene;
  if (isUnderLoad)
    if (const auto problem = startLoad(); !problem.isEmpty())
      qWarning("%s", qPrintable(problem));
  words << QStringLiteral("--yes") << QStringLiteral("--output") << QStringLiteral("json");
  const std::string before = rig().newestJournal();
  scene.result = run(words, version, overlays);
  if (isUnderLoad)
    std::tie(scene.requests, scene.failed) = stopLoad();
  if (const std::string journal = rig().newestJournal(); journal != before)
    scene.story = Story(rig().journal(journal));
  return scene;
}

long long Stage::activeRuns() {
  return integerAt(run({QStringLiteral("runs"), QStringLiteral("--output"), QStringLiteral("json")},
                       QStringLiteral("1.0.0"))
                       .json,
                   "active", -1);
}

} // namespace ratdeck

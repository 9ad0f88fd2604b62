#include "app/stack/sandbox_stack.h"

#include "core/base/file.h"

#include <QFile>

// What lies in a library is linked only if somebody asks for it. Outside of all namespaces, as the macro must
// be.
static void loadShippedFiles() {
  Q_INIT_RESOURCE(stack);
}

namespace ratdeck {

Result<SandboxFiles> layShippedStack(const std::string& folder) {
  loadShippedFiles();
  SandboxFiles files;
  files.project = "rat";
  if (auto made = makePrivateFolder(folder + "/stack"); !made)
    return failure(made.error());
  for (const char* name : {"docker-compose.yml", "docker-compose.pro.yml"}) {
    QFile shipped(QStringLiteral(":/stack/") + QLatin1String(name));
    if (!shipped.open(QIODevice::ReadOnly))
      return failure(ErrorKind::Internal, std::string("the program lacks its own ") + name);
    auto path = folder + "/stack/" + name;
    if (auto written = writeFile(path, shipped.readAll().toStdString(), 0600); !written)
      return failure(written.error());
    files.files.push_back(path);
  }
  return files;
}

} // namespace ratdeck

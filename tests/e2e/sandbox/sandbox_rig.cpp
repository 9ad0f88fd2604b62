#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QFile>

#include <csignal>
#include <sys/resource.h>

namespace ratdeck {

SandboxRig::~SandboxRig() {
  auto down = run({QStringLiteral("sandbox"), QStringLiteral("down")});
  if (down.exitCode != 0)
    qWarning("the sandbox did not go down: %s", down.toString().c_str());
}

CliResult SandboxRig::runWithFullDisk(const QStringList& arguments, const QString& version,
                                      qint64 bytes) const {
  QProcess process;
  process.setProcessEnvironment(environment(version));
  process.setStandardInputFile(QProcess::nullDevice());
  process.setChildProcessModifier([bytes] {
    ::signal(SIGXFSZ, SIG_IGN); // the write fails instead
    rlimit limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  process.start(program(), arguments);
  process.waitForFinished(60000);
  return resultOf(process);
}

QStringList SandboxRig::files() const {
  return shippedFiles() << QStringLiteral(QUICK_OVERLAY);
}

CliResult SandboxRig::up() {
  QStringList arguments = {QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("--output"),
                           QStringLiteral("json")};
  for (const auto& file : files())
    arguments << QStringLiteral("-f") << file;
  return run(arguments);
}

CliResult SandboxRig::startLoad(int rate) {
  return run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("start"),
              QStringLiteral("--rate"), QString::number(rate)});
}

Json SandboxRig::stopLoad() {
  return run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("stop"),
              QStringLiteral("--output"), QStringLiteral("json")})
      .json;
}

Json SandboxRig::stopLoadWithSamples() {
  auto path = folder() + QStringLiteral("/load.json");
  run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("stop"), QStringLiteral("--out"),
       path});
  QFile file(path);
  auto parsed =
      file.open(QIODevice::ReadOnly) ? parseJson(file.readAll().toStdString()) : Result<Json>(Json());
  return parsed ? *parsed : Json();
}

bool SandboxRig::waitForRequests(long long count, int timeoutMs) {
  auto sent = [this] {
    return integerAt(run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("report"),
                          QStringLiteral("--output"), QStringLiteral("json")})
                         .json,
                     "requests");
  };
  auto before = sent();
  return QTest::qWaitFor([&] { return sent() >= before + count; }, timeoutMs);
}

} // namespace ratdeck

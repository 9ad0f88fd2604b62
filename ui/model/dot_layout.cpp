#include "ui/model/dot_layout.h"

#include "ui/model/dot_text.h"

#include <QProcess>
#include <QTimer>

#include <utility>

namespace ratdeck {

DotLayout::DotLayout(DotProgram program, QObject* parent) : QObject(parent), m_program(std::move(program)) {}

DotLayout::~DotLayout() {
  for (auto* process : findChildren<QProcess*>()) {
    process->disconnect(this);
    process->kill();
    process->waitForFinished(100);
  }
}

void DotLayout::request(GraphNodes nodes) {
  if (nodes == m_nodes)
    return;
  m_nodes = std::move(nodes);
  drop();
  start();
}

void DotLayout::start() {
  m_process = new QProcess(this);
  m_process->setStandardErrorFile(QProcess::nullDevice());
  connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    const bool isGood = code == 0 && status == QProcess::NormalExit;
    finish(isGood ? m_process->readAllStandardOutput() : QByteArray());
  });
  const auto giveUp = [this, request = ++m_request] {
    if (m_process && request == m_request)
      finish({});
  };
  // Queued: start() may fail before it returns.
  connect(m_process, &QProcess::errorOccurred, this, giveUp, Qt::QueuedConnection);
  QTimer::singleShot(m_program.limit, this, giveUp);
  m_process->start(m_program.path, {QStringLiteral("-Tplain"), QStringLiteral("-y")});
  m_process->write(dotSource(m_nodes));
  m_process->closeWriteChannel();
}

void DotLayout::finish(const QByteArray& answer) {
  drop();
  const auto layout = layoutFromDot(answer, m_nodes);
  Q_EMIT laidOut(layout ? *layout : columnLayout(m_nodes), layout ? By::Dot : By::Columns);
}

void DotLayout::drop() {
  auto* process = std::exchange(m_process, nullptr);
  if (!process)
    return;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->kill();
  if (process->state() == QProcess::NotRunning)
    process->deleteLater();
}

} // namespace ratdeck

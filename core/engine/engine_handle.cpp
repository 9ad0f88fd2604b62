#include "core/engine/engine_handle.h"

#include "core/engine/engine.h"

#include <QCoreApplication>

#include <exception>

namespace ratdeck {

EngineHandle::EngineHandle(EngineConfig config, QObject* parent) : QObject(parent) {
  qRegisterMetaType<EventBatch>();
  qRegisterMetaType<Error>();
  m_thread.setObjectName(QStringLiteral("engine"));
  m_engine = new Engine(std::move(config));
  m_engine->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_engine, &QObject::deleteLater);
  connect(m_engine, &Engine::opened, this, &EngineHandle::opened);
  connect(m_engine, &Engine::published, this, &EngineHandle::published);
  connect(m_engine, &Engine::ended, this, &EngineHandle::ended);
  connect(m_engine, &Engine::faulted, this, &EngineHandle::faulted);
  connect(m_engine, &Engine::warned, this, &EngineHandle::warned);
  m_thread.start();
}

EngineHandle::~EngineHandle() {
  join();
}

void EngineHandle::shutDown() {
  join();
  QCoreApplication::sendPostedEvents(this, QEvent::MetaCall);
}

void EngineHandle::join() {
  if (!m_engine)
    return;
  post([](Engine& engine) { engine.stop(); });
  post([this](Engine&) { m_thread.quit(); }); // behind it: an exit from outside could overtake the stop
  m_thread.wait();
  m_engine = nullptr;
}

void EngineHandle::post(std::function<void(Engine&)> call) {
  if (!m_engine)
    return;
  QMetaObject::invokeMethod(
      m_engine,
      [this, engine = m_engine, call = std::move(call)] {
        try {
          call(*engine);
        } catch (const std::exception& bug) {
          Q_EMIT faulted(QString::fromUtf8(bug.what()));
        }
      },
      Qt::QueuedConnection);
}

void EngineHandle::startRollout(const StartRollout& request, const Revision& revision) {
  post([this, request, revision](Engine& engine) {
    if (auto started = engine.start(request, revision); !started)
      Q_EMIT rejected(started.error());
  });
}

void EngineHandle::resumeRollout(const std::string& journalPath, const ResumeRollout& request) {
  post([this, journalPath, request](Engine& engine) {
    if (auto resumed = engine.resume(journalPath, request); !resumed)
      Q_EMIT rejected(resumed.error());
  });
}

void EngineHandle::submit(const Command& command) {
  post([command](Engine& engine) { engine.submit(command); });
}

} // namespace ratdeck

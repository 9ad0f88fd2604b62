#include "app/ratdeck/desk_handle.h"

#include "app/ratdeck/desk.h"

#include <QCoreApplication>
#include <QMetaMethod>

namespace ratdeck {

DeskHandle::DeskHandle(const Environment& environment, QObject* parent) : DeskSignals(parent) {
  m_thread.setObjectName(QStringLiteral("desk"));
  m_desk = new Desk(environment);
  m_desk->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_desk, &QObject::deleteLater);
  forwardSignals();
  m_thread.start();
}

void DeskHandle::forwardSignals() {
  const QMetaObject& told = DeskSignals::staticMetaObject;
  for (int i = told.methodOffset(); i < told.methodCount(); ++i)
    if (told.method(i).methodType() == QMetaMethod::Signal)
      connect(m_desk, told.method(i), this, told.method(i));
}

DeskHandle::~DeskHandle() {
  shutDown();
}

void DeskHandle::shutDown() {
  if (!m_desk)
    return;
  post(&Desk::close);
  m_thread.wait();
  m_desk = nullptr;
  QCoreApplication::removePostedEvents(this, QEvent::MetaCall); // its last words
}

template <class Method, class... Arguments>
void DeskHandle::post(Method method, const Arguments&... arguments) {
  if (m_desk)
    QMetaObject::invokeMethod(
        m_desk, [desk = m_desk, method, arguments...] { (desk->*method)(arguments...); },
        Qt::QueuedConnection);
}

void DeskHandle::open(const StackChoice& choice) {
  post(&Desk::open, choice);
}

void DeskHandle::testTarget(const StackChoice& choice) {
  post(&Desk::testTarget, choice);
}

void DeskHandle::look() {
  post(&Desk::look);
}

void DeskHandle::plan(const PlanWish& wish) {
  post(&Desk::plan, wish);
}

void DeskHandle::carryOut(const StartWish& wish) {
  post(&Desk::carryOut, wish);
}

void DeskHandle::cancel() {
  post(&Desk::cancel);
}

void DeskHandle::resume(const ResumeWish& wish) {
  post(&Desk::resume, wish);
}

void DeskHandle::inspect(const std::string& rollout) {
  post(&Desk::inspect, rollout);
}

void DeskHandle::rolloutEnded() {
  post(&Desk::rolloutEnded);
}

void DeskHandle::release() {
  post(&Desk::release);
}

void DeskHandle::handOver(const std::string& rollout) {
  post(&Desk::handOver, rollout);
}

void DeskHandle::takeBack(const ResumeWish& wish) {
  post(&Desk::takeBack, wish);
}

void DeskHandle::bringSandboxUp(const StackChoice& choice) {
  post(&Desk::bringSandboxUp, choice);
}

void DeskHandle::startLoad(double rate) {
  post(&Desk::startLoad, rate);
}

void DeskHandle::stopLoad() {
  post(&Desk::stopLoad);
}

} // namespace ratdeck

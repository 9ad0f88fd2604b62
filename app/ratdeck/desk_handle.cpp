#include "app/ratdeck/desk_handle.h"

#include "app/ratdeck/desk.h"

#include <QCoreApplication>

namespace ratdeck {

DeskHandle::DeskHandle(const Environment& environment, QObject* parent) : QObject(parent) {
  m_thread.setObjectName(QStringLiteral("desk"));
  m_desk = new Desk(environment);
  m_desk->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_desk, &QObject::deleteLater);
  connect(m_desk, &Desk::opened, this, &DeskHandle::opened);
  connect(m_desk, &Desk::tested, this, &DeskHandle::tested);
  connect(m_desk, &Desk::seen, this, &DeskHandle::seen);
  connect(m_desk, &Desk::lost, this, &DeskHandle::lost);
  connect(m_desk, &Desk::sampled, this, &DeskHandle::sampled);
  connect(m_desk, &Desk::planned, this, &DeskHandle::planned);
  connect(m_desk, &Desk::preparing, this, &DeskHandle::preparing);
  connect(m_desk, &Desk::ready, this, &DeskHandle::ready);
  connect(m_desk, &Desk::handedOver, this, &DeskHandle::handedOver);
  connect(m_desk, &Desk::sandboxUp, this, &DeskHandle::sandboxUp);
  connect(m_desk, &Desk::loadStarted, this, &DeskHandle::loadStarted);
  connect(m_desk, &Desk::loadSeen, this, &DeskHandle::loadSeen);
  connect(m_desk, &Desk::loadStopped, this, &DeskHandle::loadStopped);
  connect(m_desk, &Desk::faultSet, this, &DeskHandle::faultSet);
  connect(m_desk, &Desk::failed, this, &DeskHandle::failed);
  m_thread.start();
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

void DeskHandle::resume(const ResumeWish& wish) {
  post(&Desk::resume, wish);
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

void DeskHandle::setFault(const std::string& service, const std::string& fault, const std::string& scope) {
  post(&Desk::setFault, service, fault, scope);
}

void DeskHandle::clearFaults(const std::string& service) {
  post(&Desk::clearFaults, service);
}

} // namespace ratdeck

// A runner with three active runs is rolled: what each answer at the deadline does, what old copies are told,
// and what a crash in between leaves. The same on every runtime; see drain.yml.
#pragma once

#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/rat_api.h"

#include <functional>

namespace ratdeck {

class DrainCases {
public:
  // `rig` is up with drain.yml at version 1.0.0. `make`: whatever a version needs before it is deployed; ""
  // or what went wrong.
  DrainCases(CtlRig& rig, const std::string& ratd, std::function<QString(const QString&)> make);
  ~DrainCases();

  // Each compares by itself, with a control that must come out otherwise.
  void atTheDeadlineItIsUndoneAndTheRunsFinish();
  void atTheDeadlineTheRunsAreEndedAndNamed();
  void atTheDeadlineItIsExtended();
  void atTheDeadlineAPersonIsAskedAndMayExtend();
  void aRestartOfTheEngineKeepsTheDeadline();
  void aNumberOfTheServicesOwnIsWaitedFor();
  void aRunnerWithoutAHealthServiceIsDrainedAllTheSame();

private:
  void set(const QByteArray& deadline, const QByteArray& action, const QByteArray& extension = "10m");
  QString nextVersion();
  // Deploys a version of the service, and begins the runs once its new copy starts.
  std::unique_ptr<QProcess> begin(const QString& service, const QString& version);
  CliResult finish(QProcess& engine);
  CliResult deploy(const QString& service);
  bool hasEvent(const std::string& type, const std::string& key = {}, const std::string& value = {}) const;
  double
  secondsOf(const std::string& type) const; // of the first such event on the boot clock; negative: none

  CtlRig& m_rig;
  RatApi m_api;
  std::function<QString(const QString&)> m_make;
  std::vector<std::string> m_runs; // begun by the last deploy
  int m_version = 1;
};

} // namespace ratdeck

// RAT Pro at one target, on which scenes are played by ratdeckctl as a user would.
#pragma once

#include "tests/specification/story.h"

#include <QString>
#include <QStringList>

namespace ratdeck {

class Stage {
public:
  virtual ~Stage() = default;

  // Brings version 1.0.0 up. "" or what went wrong.
  virtual QString up() = 0;
  // Makes a version of all services ("") or of one, or of one with a fault inside, as the sandbox knows
  // faults. "" or what went wrong.
  virtual QString make(const QString& service, const QString& version) = 0;
  virtual QString makeFaulty(const QString& service, const QString& version, const QString& fault) = 0;
  // The faults that makeFaulty() set are over.
  virtual void clear(const QString& service) = 0;
  virtual QString startLoad() = 0;
  // Ends the load: how many requests it sent, and how many of them failed.
  virtual std::pair<long long, long long> stopLoad() = 0;
  // Starts so many runs of a pipeline that take so long, and waits until they are active.
  virtual bool startRuns(int count, int milliseconds) = 0;
  // Runs one command with the overlays of this folder over the stack's files.
  virtual CliResult run(const QStringList& words, const QString& version,
                        const QStringList& overlays = {}) = 0;
  virtual CtlRig& rig() = 0;

  // Carries a deploy or a rollback out without asking, and collects what it left behind.
  Scene play(QStringList words, const QString& version, const QStringList& overlays = {},
             bool isUnderLoad = false);
  // How many runs `ratdeckctl runs` shows.
  long long activeRuns();
};

} // namespace ratdeck

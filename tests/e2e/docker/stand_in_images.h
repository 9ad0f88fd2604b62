// The images of RAT Pro's stack on the rig's engine, with the sandbox's stand-ins inside: one layer for all,
// an image a service and version, which differ in what the program is told to be.
#pragma once

#include "tests/e2e/docker/docker_rig.h"

#include <QStringList>

#include <string>
#include <vector>

namespace ratdeck {

class StandInImages {
public:
  // `engine` runs, and outlives this object.
  explicit StandInImages(DockerRig& engine) : m_engine(engine) {}

  // The base, the router and the infrastructure, once, and the application's version 1.0.0. "" or what went
  // wrong.
  QString makeStack();
  // The image of one application service, or of all eight; `faults` as `ratdeck-sandbox serve --fault` takes
  // them. "" or what went wrong.
  QString make(const std::string& service, const std::string& version, const QStringList& faults = {});
  QString makeAll(const std::string& version);

  static const std::vector<std::string>& applications();

private:
  QString import(const std::string& reference, const QString& folder, const std::string& change);
  QString makeBase();
  QString commit(const std::string& reference, const std::string& plays, std::vector<std::string> words);

  DockerRig& m_engine;
  std::string m_template; // a container of the base that never runs, from which images are made
};

} // namespace ratdeck

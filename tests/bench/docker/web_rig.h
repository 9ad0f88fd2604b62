// One service `web` on an engine of the bench's own, and the commands by which people roll it there. A copy
// takes 2 s to start and 50 ms to answer, every 50th time 200 ms; version 3.0.0 never becomes healthy.
#pragma once

#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/stand_in_images.h"

#include <string>
#include <vector>

namespace ratdeck {

class WebRig : public CtlRig {
public:
  static constexpr const char* repository = "rat/web";
  static constexpr const char* badVersion = "3.0.0";
  // A copy of web all of whose answers take as long as the longest of the others.
  static constexpr const char* longImage = "rat/long:1";
  static constexpr const char* project = "rdbench";
  static constexpr int port = 8080;

  WebRig();

  // The engine and the images. "" or what went wrong.
  QString start();
  // Runs a program to its end, while the event loop turns, with what `ratdeckctl` is given in environment.
  CliResult tool(const QString& program, const QStringList& words,
                 const QString& version = QStringLiteral("1.0.0"));
  CliResult docker(const QStringList& words) { return tool(QStringLiteral("docker"), words); }
  // The same, not waited for.
  std::unique_ptr<QProcess> beginTool(const QString& program, const QStringList& words,
                                      const QString& version) const;

  DockerRig& engine() { return m_engine; }
  // What the engine says of one container; null if it says nothing.
  Json inspect(const std::string& container);
  // The running containers of one version of web.
  std::vector<std::string> copiesOf(const std::string& version);
  int pidOf(const std::string& container);
  std::string addressOf(const std::string& container, const std::string& network);
  // On the bridge that Swarm gives every container of an overlay.
  std::string gatewayAddressOf(const std::string& name);
  bool hasNetwork(const std::string& name);
  bool waitUntilHealthy(const std::string& version, size_t count);
  // Waits until somebody answers HTTP 200 there.
  bool waitForAnswer(const std::string& address);
  void removeContainers();

  // The router's file for those who have to write one: it looks for `name` in Docker's DNS. Its path.
  QString writeFront(const QString& name);
  static QString source(const char* file);

private:
  QProcessEnvironment environment(const QString& version) const override;
  QStringList completed(const QStringList& arguments) const override;
  QString frontPath() const { return folder() + QStringLiteral("/front.cfg"); }

  DockerRig m_engine;
  StandInImages m_images;
};

} // namespace ratdeck

// RAT Pro on real containers behind a real HAProxy, on a Docker Engine of the test's own, for tests that
// drive ratdeckctl as a user would. Everything is gone with the rig.
#pragma once

#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/load_run.h"
#include "tests/e2e/docker/router_counts.h"
#include "tests/e2e/docker/stand_in_images.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

// A container of the stack as Docker lists it.
struct SeenContainer {
  std::string id, name, service, image, state;
  std::map<std::string, std::string> addresses; // by network
};

class StackRig : public CtlRig {
public:
  // `project`: another in each program, since engines of one machine share its addresses. `overlay`: one more
  // Compose file beside this one's source, "" = none.
  explicit StackRig(const QString& project, DockerRig::Options engine = {}, const QString& overlay = {});
  ~StackRig() override;

  // The engine and the images of version 1.0.0. "" or what went wrong.
  QString start();
  // Brings version 1.0.0 up. Fails the test's expectations through the result's exit code.
  CliResult up();
  // Both. "" or what went wrong.
  QString startAndBringUp();
  // Rolls one service, or with "" the application, without asking.
  CliResult deploy(const QString& service, const QString& version, int timeoutMs = 120000);
  static QStringList deployWords(const QString& service);

  DockerRig& engine() { return m_engine; }
  StandInImages& images() { return m_images; }
  const QString& project() const { return m_project; }
  // What ratdeckctl takes for the engine's socket from now on; the rig itself goes on asking the engine.
  void putBetween(const QString& socket) { m_socket = socket; }

  // More Compose files over the stack's own, from now on.
  void layOver(const QStringList& files) { m_more = files; }

  // Load on the router's own address, until its first answers. "" or what went wrong.
  QString startLoad(int rate = 200);
  Result<LoadReport> stopLoad() { return m_load.stop(); }
  // The last report as it was written.
  const Json& loadJson() const { return m_load.json(); }
  // Waits until the router has answered so many more requests.
  bool waitForRequests(long long count, int timeoutMs = 60000);
  // Of portal, ratd and the ledger: on the router's network, and on this machine's loopback.
  LoadTargets targets();
  LoadTargets publishedTargets() const;
  std::uint16_t portalPort() const { return m_portalPort; } // on this machine's loopback
  Result<RouterCounts> routerCounts() const;

  // What docker-compose says of the stack, which it is told nothing of but the services' names; nothing if it
  // fails.
  std::optional<QByteArray> dockerCompose(const QStringList& words) const;
  // All containers of the stack, running or not, sorted by name; nothing where the engine does not answer.
  std::vector<SeenContainer> containers();
  // "SERVICE IMAGE STATE" of each, sorted: what must be as it was when a rollout has left nothing behind.
  std::vector<std::string> inventory();
  // The running container of a service; the first where there are several.
  SeenContainer running(const std::string& service);

  // Its Compose files, in order.
  QStringList files() const;

protected:
  QProcessEnvironment environment(const QString& version) const override;

private:
  QStringList completed(const QStringList& arguments) const override;
  std::string routerSocket() const;

  QString m_project, m_socket, m_overlay;
  QStringList m_more;
  DockerRig m_engine;
  StandInImages m_images;
  LoadRun m_load;
  std::uint16_t m_portalPort = 0, m_ratdPort = 0;
};

} // namespace ratdeck

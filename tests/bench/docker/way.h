// The ways by which one service is rolled to another version, each as a person would: a command or two.
#pragma once

#include "tests/bench/docker/web_rig.h"

namespace ratdeck {

class Way {
public:
  explicit Way(WebRig& rig) : m_rig(rig) {}
  virtual ~Way() = default;

  virtual const char* name() const = 0;
  // Version 1.0.0 serves behind its router. "" or what went wrong.
  virtual QString up() = 0;
  // HOST:PORT of that router.
  virtual std::string address() = 0;
  // To its end, as the tool sees it.
  virtual CliResult roll(const QString& version) = 0;
  // The exit code by which its tool says that a bad version is undone.
  virtual int codeOfUndone() const { return 0; }
  // Nothing of it is left.
  virtual void down() { m_rig.removeContainers(); }

protected:
  WebRig& m_rig;
};

class RatdeckWay final : public Way {
public:
  using Way::Way;
  const char* name() const override { return "ratdeckctl deploy"; }
  QString up() override;
  std::string address() override;
  CliResult roll(const QString& version) override;
  int codeOfUndone() const override { return 3; }
};

// Behind a router that follows Docker's DNS and sends again what was refused. Needs a swarm, not its IPVS: a
// kernel without it has no virtual addresses and no ingress, only an overlay and DNS.
class SwarmWay final : public Way {
public:
  using Way::Way;
  const char* name() const override { return "docker service update, start-first"; }
  QString up() override;
  std::string address() override;
  CliResult roll(const QString& version) override;
  void down() override;

private:
  QString makeGateway();
};

// Behind the same router as Swarm's.
class ComposeWay final : public Way {
public:
  // `scales`: a second copy first, then back to one; else the only copy is replaced.
  ComposeWay(WebRig& rig, bool scales) : Way(rig), m_scales(scales) {}
  const char* name() const override {
    return m_scales ? "docker-compose up --no-deps --scale" : "docker-compose up --no-deps";
  }
  QString up() override;
  std::string address() override;
  CliResult roll(const QString& version) override;

private:
  CliResult compose(const QStringList& words, const QString& version);
  bool m_scales;
};

} // namespace ratdeck

// What is looked at on the host before the first change: room on the disk, ports that others hold.
#include <QTest>

#include "core/runtime/disk_space.h"
#include "core/runtime/docker/host_ports.h"

using namespace ratdeck;

namespace {

constexpr long long megabyte = 1'000'000;

std::string verdict(long long free, const DiskNeed& need) {
  const auto finding = diskFinding({"/data", free}, need);
  return finding ? finding->code : "room";
}

StackSpec stackWith(const std::vector<PortMapping>& ports) {
  StackSpec stack;
  stack.project = "shop";
  ServiceSpec web;
  web.name = "web";
  web.ports = ports;
  stack.services["web"] = web;
  return stack;
}

DockerContainerSummary holder(const std::string& project, const DockerHostPort& port) {
  DockerContainerSummary container;
  container.name = project + "-db-1";
  container.labels["com.docker.compose.project"] = project;
  container.ports = {port};
  return container;
}

std::string findingsOf(const World& world) {
  std::string text;
  for (const auto& finding : world.findings)
    text += finding.service + ": " + finding.message.substr(0, finding.message.find(", so no copy")) + "\n";
  return text;
}

std::string checkOf(const World& world) {
  return world.checks.empty() ? "" : world.checks.front().seen;
}

} // namespace

class HostChecksTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aDiskWithRoomIsNoProblem() {
    QCOMPARE(verdict(5000 * megabyte, {2, 1200 * megabyte, 0}), std::string("room"));
    QCOMPARE(diskCheck({"/data", 5100 * megabyte}, {2, 1200 * megabyte, 1}).seen,
             std::string(
                 "5.1 GB free at /data; 2 images are to be pulled, about 1.2 GB going by what they replace; "
                 "the size of 1 is not known"));
    QCOMPARE(diskCheck({"/data", 5100 * megabyte}, {}).seen, std::string("5.1 GB free at /data"));
  }

  void lessThanWhatIsToBePulledIsAWarning() {
    QCOMPARE(verdict(1000 * megabyte, {2, 1200 * megabyte, 0}), std::string("disk-space"));
    QCOMPARE(diskFinding({"/data", 1000 * megabyte}, {2, 1200 * megabyte, 0})->weight,
             TargetFinding::Weight::Warns);
  }

  void aFullDiskBlocks() {
    QCOMPARE(verdict(10 * megabyte, {}), std::string("disk-full"));
    QCOMPARE(diskFinding({"/data", 0}, {})->weight, TargetFinding::Weight::Blocks);
  }

  void whatIsNotMeasuredSaysWhy() {
    QCOMPARE(unknownDisk("/data", "no copy of the stack runs").seen,
             std::string("not measured: how much is free at /data; no copy of the stack runs"));
  }

  void theRootOfThisMachineCanBeAsked() {
    QVERIFY(diskSpaceAt("/").has_value());
    QVERIFY(!diskSpaceAt("/no/such/folder").has_value());
  }

  void theKernelsTableTellsWhoListens() {
    const auto ports =
        readListeningPorts("  sl  local_address rem_address   st tx_queue\n"
                           "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000\n"
                           "   1: 00000000:0016 00000000:0000 0A 00000000:00000000\n"
                           "   2: 0100007F:BEEF 0100007F:1F90 01 00000000:00000000\n" // a connection
                           "nonsense\n",
                           "tcp");
    QVERIFY(ports == (std::vector<ListeningPort>{{"tcp", "127.0.0.1", 8080}, {"tcp", "", 22}}));
  }

  void aPortThatAnotherProjectHoldsBlocks() {
    World world;
    addHostPorts(world, stackWith({{"", "8080", 80}}), {{holder("other", {"0.0.0.0", 8080, "tcp"})}, {}, {}});
    QCOMPARE(findingsOf(world),
             std::string("web: host port 8080 is held by the container other-db-1 of the project other\n"));
    QCOMPARE(world.findings.front().code, std::string("port-taken"));
  }

  void aPortOfAProcessBlocksAndOneOnAnotherAddressDoesNot() {
    World taken, free;
    const auto stack = stackWith({{"127.0.0.1", "8080", 80}});
    addHostPorts(taken, stack, {{}, std::vector<ListeningPort>{{"tcp", "", 8080}}, {}});
    QCOMPARE(findingsOf(taken), std::string("web: host port 8080 is held by a process of this machine\n"));
    addHostPorts(free, stack,
                 {{}, std::vector<ListeningPort>{{"tcp", "127.77.1.1", 8080}, {"udp", "", 8080}}, {}});
    QCOMPARE(findingsOf(free), std::string());
    QCOMPARE(checkOf(free), std::string("8080 free or the stack's own"));
  }

  // The kernel lists the engine's own listener too.
  void whatTheStackItselfHoldsIsItsOwn() {
    World world;
    addHostPorts(
        world, stackWith({{"", "8080", 80}}),
        {{holder("shop", {"0.0.0.0", 8080, "tcp"})}, std::vector<ListeningPort>{{"tcp", "", 8080}}, {}});
    QCOMPARE(findingsOf(world), std::string());
  }

  void portsBehindTheRouterAreTheRoutersToBind() {
    auto stack = stackWith({{"", "8080", 80}});
    stack.policy.routerService = "router";
    stack.services["router"].name = "router";
    World world;
    addHostPorts(world, stack, {{holder("other", {"", 8080, "tcp"})}, {}, {"web"}});
    QVERIFY(findingsOf(world).starts_with("router: host port 8080"));
  }

  void rangesAndPortsOfTheEnginesChoiceAreNotLookedAt() {
    World world;
    addHostPorts(world, stackWith({{"", "8000-8010", 80}, {"", "", 81}}),
                 {{holder("other", {"", 8000, "tcp"})}, {}, {}});
    QVERIFY(world.findings.empty() && world.checks.empty());
  }

  void whereProcessesAreNotSeenItIsSaid() {
    World world;
    addHostPorts(world, stackWith({{"", "8080", 80}}), {});
    QVERIFY(checkOf(world).ends_with("processes of the engine's machine are not seen from here"));
  }
};

QTEST_APPLESS_MAIN(HostChecksTest)
#include "tst_host_checks.moc"

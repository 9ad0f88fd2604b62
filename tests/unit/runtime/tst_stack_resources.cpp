// The networks and volumes of a stack as a Docker Engine is asked for them.
#include <QTest>

#include "core/runtime/docker/stack_resources.h"
#include "tests/unit/runtime/container_fixture.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// The body of the one resource with this key, or "absent".
std::string bodyOf(const std::vector<StackResource>& resources, const std::string& key) {
  for (const auto& resource : resources)
    if (resource.key == key)
      return resource.name + (resource.isExternal ? " external " : " ") + dumpJson(resource.body);
  return "absent";
}

StackSpec stackOf(const std::string& text) {
  compose::ComposeFolder folder;
  auto loaded = folder.write("compose.yaml", "name: shop\n" + text).load();
  if (!loaded)
    qFatal("%s", loaded.error().toString().c_str());
  return loaded->stack;
}

} // namespace

class TestStackResources : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void whatIsUsedHasItsRealNameAndComposesLabels() {
    const auto resources = stackResources(
        stackWith("networks: [front, back, outside]\nvolumes: ['data:/d', 'shared:/s', '/anonymous']"));
    QVERIFY(resources);
    QCOMPARE(bodyOf(resources->networks, "back"),
             std::string(R"(shop_back {"CheckDuplicate":true,"Labels":{"com.docker.compose.network":"back",)"
                         R"("com.docker.compose.project":"shop"},"Name":"shop_back"})"));
    QVERIFY(bodyOf(resources->networks, "front").starts_with("edge {"));
    QVERIFY(bodyOf(resources->networks, "outside").starts_with("outside external {"));
    QVERIFY(bodyOf(resources->networks, "default").starts_with("shop_default {"));
    QCOMPARE(bodyOf(resources->volumes, "data"),
             std::string(R"(shop_data {"Labels":{"com.docker.compose.project":"shop",)"
                         R"("com.docker.compose.volume":"data"},"Name":"shop_data"})"));
    QVERIFY(bodyOf(resources->volumes, "shared").starts_with("everybodys {"));
    QCOMPARE(resources->volumes.size(), 2u);
  }

  void everyKeyOfANetworkReachesTheEngine() {
    const auto resources = stackResources(stackOf(R"(
services: {web: {image: i, networks: [n]}}
networks:
  n:
    driver: bridge
    driver_opts: {com.docker.network.bridge.name: br9}
    internal: true
    attachable: true
    enable_ipv6: true
    labels: {own: x}
    ipam:
      driver: default
      options: {o: p}
      config: [{subnet: 10.8.0.0/16, ip_range: 10.8.1.0/24, gateway: 10.8.0.9, aux_addresses: {h: 10.8.0.5}}]
)"));
    QVERIFY(resources);
    QCOMPARE(
        dumpJson(resources->networks.at(0).body),
        std::string(
            R"({"Attachable":true,"CheckDuplicate":true,"Driver":"bridge","EnableIPv6":true,"IPAM":{"Config":)"
            R"([{"AuxiliaryAddresses":{"h":"10.8.0.5"},"Gateway":"10.8.0.9","IPRange":"10.8.1.0/24",)"
            R"("Subnet":"10.8.0.0/16"}],"Driver":"default","Options":{"o":"p"}},"Internal":true,"Labels":)"
            R"({"com.docker.compose.network":"n","com.docker.compose.project":"shop","own":"x"},)"
            R"("Name":"shop_n","Options":{"com.docker.network.bridge.name":"br9"}})"));
  }

  void everyKeyOfAVolumeReachesTheEngine() {
    const auto resources = stackResources(stackOf(R"(
services: {web: {image: i, volumes: ['vol:/v']}}
volumes: {vol: {name: w, driver: local, driver_opts: {type: tmpfs, device: tmpfs}, labels: {own: x}}}
)"));
    QVERIFY(resources);
    QCOMPARE(
        dumpJson(resources->volumes.at(0).body),
        std::string(R"({"Driver":"local","DriverOpts":{"device":"tmpfs","type":"tmpfs"},"Labels":)"
                    R"({"com.docker.compose.project":"shop","com.docker.compose.volume":"vol","own":"x"},)"
                    R"("Name":"w"})"));
  }

  void aKeyThatIsNotKnownIsNamed() {
    auto stack = stackWith("networks: [back]\nvolumes: ['data:/d']");
    for (const char* pointer : {"/networks/back/later", "/networks/back/ipam/later", "/volumes/data/later"}) {
      auto changed = stack;
      changed.normalised[nlohmann::json::json_pointer(pointer)] = "x";
      const auto resources = stackResources(changed);
      QVERIFY2(!resources && resources.error().message.find("later is not known") != std::string::npos,
               pointer);
    }
  }

  void aNameThatTheStackDoesNotDefineIsNotGuessed() {
    const auto stack = stackWith("networks: [back]");
    QCOMPARE(*realName(stack, "networks", "back"), std::string("shop_back"));
    QCOMPARE(realName(stack, "networks", "gone").error().kind, ErrorKind::NotFound);
    QCOMPARE(realName(stack, "volumes", "data").error().kind, ErrorKind::NotFound); // nobody uses it
  }
};

QTEST_GUILESS_MAIN(TestStackResources)
#include "tst_stack_resources.moc"

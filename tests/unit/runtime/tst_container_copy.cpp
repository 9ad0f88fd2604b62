#include "core/runtime/docker/container_copy.h"
#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/docker/host_files.h"
#include "tests/unit/runtime/compose_container.h"
#include "tests/unit/runtime/container_fixture.h"

#include <QtTest>

using namespace ratdeck;

namespace {

Json image() {
  return *parseJson(test::imageConfig);
}

DockerContainer container() {
  return *readDockerContainer(test::inspection);
}

StackSpec stackOf(std::string text) {
  compose::ComposeFolder folder;
  auto loaded = folder.write("compose.yaml", text).load();
  if (!loaded)
    qFatal("%s", loaded.error().toString().c_str());
  return loaded->stack;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos)
    qFatal("the file has no %s", what.c_str());
  return text.replace(at, what.size(), with);
}

std::string driftFrom(const std::string& file) {
  const auto stack = stackOf(file);
  std::string names;
  for (const auto& name : driftOf(copiedService("web", container(), image()), *stack.find("web"), stack))
    names += (names.empty() ? "" : " ") + name;
  return names;
}

std::string jsonAt(const Json& value, const std::string& pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return value.contains(at) ? dumpJson(value.at(at)) : "absent";
}

} // namespace

class TestContainerCopy : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void aContainerOfTheSameFileHasNoDrift() { QCOMPARE(driftFrom(test::composeFile), ""); }

  void eachEditIsNamedByItsKey_data() {
    QTest::addColumn<std::string>("what");
    QTest::addColumn<std::string>("with");
    QTest::addColumn<std::string>("drift");
    const auto row = [](const char* name, const char* what, const char* with, const char* drift) {
      QTest::newRow(name) << std::string(what) << std::string(with) << std::string(drift);
    };
    row("command", "\"hello\"", "\"hallo\"", "command");
    row("a variable", "MODE: fast", "MODE: slow", "environment.MODE");
    row("one variable more", "MODE: fast", "MODE: fast, MORE: 1", "environment.MORE");
    row("one variable less", "MODE: fast, ", "", "environment.MODE");
    row("a password", "s$$cret", "secret", "environment.PASSWORD");
    row("the image's variable, as it is", "MODE: fast", "MODE: fast, FROM_IMAGE: yes", "");
    row("the image's variable, otherwise", "MODE: fast", "MODE: fast, FROM_IMAGE: \"no\"",
        "environment.FROM_IMAGE");
    row("a label", "team: \"a\"", "team: \"b\"", "labels.team");
    row("a host port", "18080", "18081", "ports");
    row("an exposed port", "9001", "9002", "expose");
    row("a mount is writable", "web.conf:ro", "web.conf", "volumes");
    row("the image's volume, written", "\"/scratch\"", "\"/scratch\", \"/data\"", "");
    row("a volume less", ", \"/scratch\"", "", "volumes");
    row("an alias", "[www]", "[wwx]", "networks");
    row("a network less", ", back: {} }\n    restart", " }\n    restart", "networks");
    row("a network less, as the container's own", "front: { aliases: [www] }, ", "", "networks");
    row("the restart policy", "unless-stopped", "always", "restart");
    row("the grace", "20s", "30s", "stop_grace_period");
    row("memory", "64m", "65m", "mem_limit");
    row("memory, the newer way", "mem_limit: 64m", "deploy: {resources: {limits: {memory: 64m}}}", "");
    row("a capability with its prefix", "[NET_ADMIN]", "[CAP_NET_ADMIN]", "");
    row("one capability more", "[NET_ADMIN]", "[NET_ADMIN, SYS_TIME]", "cap_add");
    row("how often health is checked", "interval: 2s", "interval: 3s", "healthcheck");
    row("a host's name", "10.1.2.3", "10.1.2.4", "extra_hosts");
    row("a limit of the process", "hard: 2000", "hard: 2001", "ulimits");
    row("the log", "1m", "2m", "logging");
    row("a temporary folder", "/tmpfs", "/tmpft", "tmpfs");
    row("the kernel's number", "\"1024\"", "\"1025\"", "sysctls");
    row("the user", "0:0", "1:1", "user");
    row("the working folder is the root anyway", "    working_dir: /\n", "", "");
    row("no process 1 of Docker's", "init: true", "init: false", "init");
    row("an entry point", "user:", "entrypoint: [\"/other\"]\n    user:", "entrypoint");
  }
  void eachEditIsNamedByItsKey() {
    QFETCH(std::string, what);
    QFETCH(std::string, with);
    QFETCH(std::string, drift);
    QCOMPARE(driftFrom(replaced(test::composeFile, what, with)), drift);
  }

  void theReadableFormLoadsAsTheServiceItWas() {
    const auto copied = copiedService("web", container(), image());
    Json project = resourcesOfCopy(copied);
    project["name"] = "shop";
    project["services"]["web"] = copied.normalised;
    auto text = dumpJson(project);
    for (auto at = text.find('$'); at != std::string::npos; at = text.find('$', at + 2))
      text.insert(at, "$");
    const auto stack = stackOf(text);
    const auto& web = *stack.find("web");
    QCOMPARE(web.image, "web:2");
    QCOMPARE(web.environment.size(), 3u); // the image's own is not there
    QCOMPARE(web.environment.at("PASSWORD").reveal(), "s$cret");
    QCOMPARE(web.restart, "unless-stopped");
    QCOMPARE(web.stopGrace(), Duration(20s));
    QCOMPARE(web.healthCheck->interval, Duration(2s));
    QCOMPARE(web.healthCheck->test, (std::vector<std::string>{"CMD", "/program", "exit", "0"}));
    QCOMPARE(web.ports.size(), 1u);
    QCOMPARE(web.ports.front().published, "18080");
    QCOMPARE(web.expose, std::vector<std::uint16_t>{9001});
    QCOMPARE(web.mounts.size(), 4u);
    QCOMPARE(web.networks.at("shop_front"), std::vector<std::string>{"www"});
    QCOMPARE(driftOf(copied, web, stack), std::vector<std::string>());
    QVERIFY(isCopied(web));
  }

  void theBodyIsWhatTheInspectionTells() {
    const auto form = copiedForm(container(), image());
    const Json inspected = *parseJson(test::inspection);
    for (const auto& [member, value] : form.body.items())
      if (member != "HostConfig")
        QCOMPARE(dumpJson(value), dumpJson(inspected.at("Config").at(member)));
    for (const auto& [member, value] : form.body.at("HostConfig").items())
      QCOMPARE(dumpJson(value), dumpJson(inspected.at("HostConfig").at(member)));
    for (const auto& [member, value] : inspected.at("HostConfig").items())
      if (!value.is_null() && member != "ContainerIDFile")
        QVERIFY2(form.body.at("HostConfig").contains(member), member.c_str());
    QCOMPARE(jsonAt(form.body, "/Hostname"), "absent"); // the short id, which the engine gives anew
    QCOMPARE(jsonAt(form.networks, "/shop_front"), R"({"Aliases":["web","www"]})");
    QCOMPARE(jsonAt(form.networks, "/shop_back"), R"({"Aliases":["web"]})");
  }

  void aHostnameThatSomebodyGaveIsKept() {
    auto named = container();
    named.raw["Config"]["Hostname"] = "shop.example";
    QCOMPARE(jsonAt(copiedForm(named, image()).body, "/Hostname"), R"("shop.example")");
  }

  void whatAnotherNetworkModeForbidsIsNotAskedFor() {
    auto shared = container();
    shared.raw["HostConfig"]["NetworkMode"] = "container:abc";
    shared.raw["NetworkSettings"]["Networks"] = Json::object();
    const auto form = copiedForm(shared, image());
    QCOMPARE(jsonAt(form.body, "/ExposedPorts"), "absent");
    QCOMPARE(jsonAt(form.body, "/Hostname"), "absent");
    QVERIFY(form.networks.empty());
  }

  void aRequestKeepsWhatItsToolWrote() {
    const auto stack = stackOf(test::composeFile);
    auto copied = copiedService("web", container(), image());
    const auto request = containerRequest(copied, stack, test::secondCopy());
    QVERIFY(request.has_value());
    const Json& labels = request->body.at("Labels");
    QCOMPARE(textAt(labels, "com.docker.compose.config-hash"),
             textAt(container().raw.at("Config").at("Labels"), "com.docker.compose.config-hash"));
    QCOMPARE(textAt(labels, "com.docker.compose.project.working_dir"), "/srv/shop");
    QCOMPARE(textAt(labels, "com.docker.compose.container-number"), "2");
    QCOMPARE(textAt(labels, "ratdeck.revision"), "7");
  }

  void aKeptVolumeGoesWhereTheCopyWouldGetAnUnnamedOne() {
    const std::string name(64, 'c');
    const Json kept = {{"/data", name}, {"/scratch", name}, {"/cache", name}, {"/tmpfs", name}};
    auto stack = stackOf(test::composeFile);
    auto& web = stack.services.at("web");
    web.normalised[keptVolumesKey] = kept;
    const auto request = containerRequest(web, stack, test::secondCopy());
    QCOMPARE(test::bodyAt(request, "/HostConfig/Binds"),
             R"(["/srv/shop/web.conf:/etc/web.conf:ro","shop_cache:/cache:rw",")" + name + R"(:/data"])");
    QCOMPARE(test::bodyAt(request, "/HostConfig/Mounts"),
             R"([{"Source":")" + name + R"(","Target":"/scratch","Type":"volume"}])");
    auto copied = copiedService("web", container(), image());
    copied.normalised[keptVolumesKey] = {{"/data", name}};
    QCOMPARE(test::bodyAt(containerRequest(copied, stack, test::secondCopy()), "/HostConfig/Binds/2"),
             "\"" + name + ":/data\"");
    QCOMPARE(driftOf(copied, web, stack), std::vector<std::string>()); // it stays a volume without a name
  }

  void aContainerThatIsAsItWasMadeWasNotChangedByHand() {
    const auto stack = stackOf(test::composeFile);
    const auto request = containerRequest(*stack.find("web"), stack, test::secondCopy());
    QVERIFY(request.has_value());
    auto made = container();
    made.labels["ratdeck.changeable"] = dumpJson(Json(changeableFields(fieldsOf(requestedForm(*request)))));
    const auto changes = [&made] {
      std::string names;
      for (const auto& name : copyOf(made, "").changedByHand)
        names += name + " ";
      return names;
    };
    QCOMPARE(changes(), "");
    made.raw["HostConfig"]["Memory"] = 96 << 20;
    made.raw["HostConfig"]["MemorySwap"] = 192 << 20;
    QCOMPARE(changes(), "mem_limit ");
    made.raw["HostConfig"]["RestartPolicy"]["Name"] = "no";
    made.raw["NetworkSettings"]["Networks"].erase("shop_front");
    QCOMPARE(changes(), "mem_limit networks restart ");
    made.labels.erase("ratdeck.changeable"); // not ours: it says nothing
    QCOMPARE(changes(), "");
  }

  void whatItWritesItselfIsNoFileToBeBroughtBack() {
    std::string writable = test::composeFile;
    const std::string readOnly = "web.conf:ro";
    writable.replace(writable.find(readOnly), readOnly.size(), "web.conf");
    const auto stack = stackOf(writable);
    QVERIFY(mountedPaths(*stack.find("web"), stack).empty());
  }

  void filesAreThoseOfTheHostThatItMounts() {
    const auto stack = stackOf(test::composeFile);
    QCOMPARE(mountedPaths(*stack.find("web"), stack), std::vector<std::string>{"/srv/shop/web.conf"});
    QCOMPARE(mountedPaths(copiedService("web", container(), image()), stack),
             std::vector<std::string>{"/srv/shop/web.conf"});
  }

  void onlyWhatCanBeChangedWhileItRunsCountsAsChangeable() {
    const auto fields = changeableFields(fieldsOf(copiedForm(container(), image())));
    std::string names;
    for (const auto& [name, value] : fields)
      names += name + " ";
    QCOMPARE(names, "mem_limit networks restart ");
  }
};

QTEST_APPLESS_MAIN(TestContainerCopy)
#include "tst_container_copy.moc"

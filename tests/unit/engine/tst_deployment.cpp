// From a stack and a world to a plan and its revision, and back to what ran before.
#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/deployment.h"

using namespace ratdeck;

class TestDeployment : public QObject {
  Q_OBJECT

  static void add(StackSpec& stack, const std::string& name, const std::string& image) {
    ServiceSpec service;
    service.name = name;
    service.image = image;
    service.normalised = {{"image", image}};
    stack.services[name] = service;
    stack.normalised["name"] = stack.project = "shop";
    stack.normalised["services"][name] = service.normalised;
  }
  static StackSpec stack(const std::string& version) {
    StackSpec result;
    add(result, "web", "web:" + version);
    add(result, "api", "api:" + version);
    return result;
  }
  static InstanceInfo instance(const std::string& service, int revision, const std::string& image,
                               const std::string& hash) {
    InstanceInfo info;
    info.id = InstanceId("shop-" + service + "-1");
    info.service = service;
    info.number = 1;
    info.image = image;
    info.revision = revision;
    info.specHash = hash;
    return info;
  }
  static World worldOf(RevisionStore& store, const StackSpec& running, int revision) {
    World world;
    world.isReachable = true;
    world.runtime = "fake";
    auto key = store.hashKey();
    for (const auto& [name, service] : running.services)
      world.instances.push_back(instance(name, revision, service.image, specHash(service, *key)));
    return world;
  }

  // As a container that somebody else made tells it.
  static ServiceSpec copied(const std::string& name, const std::string& image, const Json& variables) {
    ServiceSpec service;
    service.name = name;
    service.image = image;
    service.normalised = {
        {"image", image},
        {"networks", {{"shop_default", Json::object()}}},
        {"x-ratdeck-container",
         {{"body", {{"Image", image}, {"Env", variables}, {"HostConfig", {{"NetworkMode", "shop_default"}}}}},
          {"networks", {{"shop_default", {{"Aliases", {name}}}}}},
          {"image", Json::object()}}}};
    setImageId(service, "sha256:" + std::string(64, 'a'));
    return service;
  }
  static StackSpec onDefaultNetwork(StackSpec stack) {
    stack.normalised["networks"]["default"] = {{"name", "shop_default"}};
    for (auto& [name, service] : stack.services) {
      service.normalised["networks"]["default"] = nullptr;
      stack.normalised["services"][name] = service.normalised;
    }
    return stack;
  }
  static World foreignWorld() {
    World world;
    world.isReachable = true;
    world.runtime = "fake";
    for (const char* name : {"api", "web"}) {
      world.instances.push_back(instance(name, 0, std::string(name) + ":1", ""));
      world.adopted[name] = copied(name, std::string(name) + ":1", Json::array());
    }
    return world;
  }

private Q_SLOTS:
  void whatIsNotOursIsAdoptedUnderTheNumberBeforeTheNewOne() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    const auto deployment =
        prepareDeployment({onDefaultNetwork(stack("2")), foreignWorld(), {"web"}, false}, store, {});
    QVERIFY2(deployment, deployment ? "" : deployment.error().toString().c_str());
    QCOMPARE(deployment->plan.services.at("web").fromRevision, 1);
    QCOMPARE(deployment->plan.revision, 2);
    QCOMPARE(deployment->revision.number, 2);
    QCOMPARE(deployment->revision.adopted.size(), 1u);
    for (const auto* revision : {&deployment->revision.adopted.front(), &deployment->revision})
      QVERIFY(store.save(*revision));
    const auto web = store.serviceAt(1, "web");
    QVERIFY2(web, web ? "" : web.error().toString().c_str());
    QCOMPARE(web->image, "web:1");
    QCOMPARE(web->imageId, "sha256:" + std::string(64, 'a'));
    QVERIFY(!memberAt(web->normalised, "x-ratdeck-container").is_null());
    QCOMPARE(store.serviceAt(2, "web")->image, "web:2");
    QCOMPARE(store.serviceAt(2, "api")->image, "api:1"); // it stays as it runs
    const auto before = stackBefore(deployment->plan, foreignWorld(), store);
    QVERIFY2(before, before ? "" : before.error().toString().c_str());
    QVERIFY(!memberAt(before->services.at("web").normalised, "x-ratdeck-container").is_null());
  }

  void nothingIsAdoptedWhereNothingOfItChangesOrForATry() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    const auto same = prepareDeployment({onDefaultNetwork(stack("1")), foreignWorld(), {}, false}, store, {});
    QVERIFY(same && same->plan.isEmpty());
    QCOMPARE(same->plan.revision, 1);
    QVERIFY(same->revision.adopted.empty());
    const auto tried =
        prepareDeployment({onDefaultNetwork(stack("2")), foreignWorld(), {}, false, true}, store, {});
    QVERIFY(tried && !tried->plan.isEmpty());
    QCOMPARE(tried->plan.revision, 1);
    QVERIFY(tried->revision.adopted.empty());
  }

  void whatDiffersFromACopyThatIsNotOursIsNamed() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    auto world = foreignWorld();
    world.adopted["web"] = copied("web", "web:1", {"MODE=fast"});
    const auto deployment = prepareDeployment({onDefaultNetwork(stack("1")), world, {}, false}, store, {});
    QVERIFY(deployment);
    QCOMPARE(deployment->plan.changes.size(), 1u);
    QCOMPARE(deployment->plan.changes.front().fields, std::vector<std::string>{"environment.MODE"});
  }

  void theOneCopyOfAServiceThatStopsFirstGoesOnWithItsUnnamedVolumes() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}));
    auto world = worldOf(store, stack("1"), 1);
    for (auto& copy : world.instances)
      copy.anonymousVolumes = {{"/data", std::string(64, 'b')}};
    auto wanted = stack("2");
    wanted.services.at("api").policy.order = UpdateOrder::StartFirst;
    const auto deployment = prepareDeployment({wanted, world, {}, false}, store, {});
    QVERIFY(deployment);
    const Json kept = {{"/data", std::string(64, 'b')}};
    const auto keptBy = [](const StackSpec& stack, const char* name) {
      return memberAt(stack.services.at(name).normalised, keptVolumesKey);
    };
    QCOMPARE(keptBy(deployment->revision.stack, "web"), kept);
    QVERIFY(keptBy(deployment->revision.stack, "api").is_null());
    QCOMPARE(deployment->revision.amended.size(), 1u);
    QCOMPARE(deployment->revision.amended.front().number, 1);
    QCOMPARE(keptBy(deployment->revision.amended.front().stack, "web"), kept);
  }

  void aServiceThatIsNotNamedStaysInTheRevisionAsItRuns() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}));
    auto deployment =
        prepareDeployment({stack("2"), worldOf(store, stack("1"), 1), {"web"}, false}, store, {});
    QVERIFY2(deployment, deployment ? "" : deployment.error().toString().c_str());
    QVERIFY(deployment->plan.services.contains("web") && !deployment->plan.services.contains("api"));
    QCOMPARE(deployment->revision.number, 2);
    QCOMPARE(deployment->revision.stack.services.at("web").image, "web:2");
    QCOMPARE(deployment->revision.stack.services.at("api").image, "api:1");
  }

  // What nothing is done to goes on running from its revision, however many others come after that.
  void whatRunsStaysKeptThroughManyRolloutsOfAnother() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}));
    auto world = worldOf(store, stack("1"), 1);
    std::optional<Plan> last;
    for (int number = 2; number <= 14; ++number) {
      const auto version = std::to_string(number);
      auto deployment = prepareDeployment({stack(version), world, {"web"}, false}, store, {});
      QVERIFY2(deployment, deployment ? "" : deployment.error().toString().c_str());
      QVERIFY(store.save(deployment->revision));
      last = deployment->plan;
      for (auto& copy : world.instances)
        if (copy.service == "web")
          copy = worldOf(store, stack(version), number).instances.back();
    }
    const auto before = stackBefore(*last, world, store);
    QVERIFY2(before, before ? "" : before.error().toString().c_str());
    QCOMPARE(before->services.at("web").image, "web:13");
    QCOMPARE(before->services.at("api").image, "api:1");
  }

  // Rather than bring it to what nobody deployed.
  void aRollbackIsRefusedWhereNothingKnowsWhatRunsBesideIt() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({2, {}, {}, stack("1")}));
    auto world = worldOf(store, store.load(2)->stack, 2); // as it was deployed from its files
    auto deployment = prepareDeployment({stack("2"), world, {"web"}, false}, store, {});
    QVERIFY2(deployment, deployment ? "" : deployment.error().toString().c_str());
    QVERIFY(stackBefore(deployment->plan, world, store)); // the control
    world.instances.front().revision = 1;                 // gone, and the same as the one that is kept
    QVERIFY(stackBefore(deployment->plan, world, store));
    world.instances.front().specHash = "another";
    const auto before = stackBefore(deployment->plan, world, store);
    QVERIFY(!before);
    QVERIFY2(before.error().message.find("revision 1, which api runs") != std::string::npos,
             before.error().toString().c_str());
  }

  void theStackBeforeARolloutIsWhatRanThen() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}));
    auto deployment = prepareDeployment({stack("2"), worldOf(store, stack("1"), 1), {}, false}, store, {});
    QVERIFY(deployment);
    QVERIFY(store.save(deployment->revision));
    auto before = stackBefore(deployment->plan, worldOf(store, stack("2"), 2), store);
    QVERIFY2(before, before ? "" : before.error().toString().c_str());
    QCOMPARE(before->services.at("web").image, "web:1");
    QCOMPARE(before->services.at("api").image, "api:1");
  }

  void aPlanIsStaleWhenWhatRunsHasMovedAndSaysWhat() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}));
    auto planned = prepareDeployment({stack("2"), worldOf(store, stack("1"), 1), {}, false}, store, {});
    auto same = prepareDeployment({stack("2"), worldOf(store, stack("1"), 1), {}, false}, store, {});
    QVERIFY(planned && same);
    QVERIFY(!staleness(planned->plan, same->plan));
    auto world = worldOf(store, stack("1"), 1);
    world.instances.front().id = InstanceId("shop-api-7");
    world.instances.front().number = 7;
    auto moved = prepareDeployment({stack("2"), world, {}, false}, store, {});
    QVERIFY(moved);
    auto error = staleness(planned->plan, moved->plan);
    QVERIFY(error);
    QVERIFY2(error->message.find("api") != std::string::npos, error->message.c_str());
  }
};

QTEST_GUILESS_MAIN(TestDeployment)
#include "tst_deployment.moc"

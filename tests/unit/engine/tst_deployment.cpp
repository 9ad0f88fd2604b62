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

private Q_SLOTS:
  void aServiceThatIsNotNamedStaysInTheRevisionAsItRuns() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}, {}));
    auto deployment =
        prepareDeployment({stack("2"), worldOf(store, stack("1"), 1), {"web"}, false}, store, {});
    QVERIFY2(deployment, deployment ? "" : deployment.error().toString().c_str());
    QVERIFY(deployment->plan.services.contains("web") && !deployment->plan.services.contains("api"));
    QCOMPARE(deployment->revision.number, 2);
    QCOMPARE(deployment->revision.stack.services.at("web").image, "web:2");
    QCOMPARE(deployment->revision.stack.services.at("api").image, "api:1");
  }

  void theStackBeforeARolloutIsWhatRanThen() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}, {}));
    auto deployment = prepareDeployment({stack("2"), worldOf(store, stack("1"), 1), {}, false}, store, {});
    QVERIFY(deployment);
    QVERIFY(store.save(deployment->revision, {}));
    auto before = stackBefore(deployment->plan, worldOf(store, stack("2"), 2), store);
    QVERIFY2(before, before ? "" : before.error().toString().c_str());
    QCOMPARE(before->services.at("web").image, "web:1");
    QCOMPARE(before->services.at("api").image, "api:1");
  }

  void aPlanIsStaleWhenWhatRunsHasMovedAndSaysWhat() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString());
    QVERIFY(store.save({1, {}, {}, stack("1")}, {}));
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

// A revision read back is the revision that was written, to the last hash.
#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/kept_files.h"
#include "core/engine/revision_store.h"
#include "core/spec/compose/loader.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace ratdeck;

class TestRevisionStore : public QObject {
  Q_OBJECT

  static StackSpec shipped(const std::string& version) {
    compose::LoadRequest request;
    request.files = {SHIPPED_STACK "/docker-compose.yml", SHIPPED_STACK "/docker-compose.pro.yml"};
    request.environment["RAT_VERSION"] = version;
    auto loaded = compose::load(request);
    if (!loaded)
      qFatal("%s", loaded.error().toString().c_str());
    return loaded->stack;
  }

  static Revision revision(int number) {
    return {number, RolloutId("20260101-000000-abcd"), "2026-01-01T00:00:00.000000000Z",
            shipped(std::to_string(number) + ".0.0")};
  }

private Q_SLOTS:
  void givesBackEveryServiceWithTheSameHashAndPolicy() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    auto written = revision(1);
    QVERIFY(store.save(written));
    auto read = store.load(1);
    QVERIFY2(read, read ? "" : read.error().toString().c_str());
    QCOMPARE(read->rollout.value, written.rollout.value);
    QCOMPARE(read->stack.project, written.stack.project);
    QCOMPARE(read->stack.services.size(), written.stack.services.size());
    for (const auto& [name, service] : written.stack.services) {
      const auto* again = read->stack.find(name);
      QVERIFY2(again, name.c_str());
      QVERIFY2(specHash(*again, "key") == specHash(service, "key"), name.c_str());
      QVERIFY2(again->policy == service.policy, name.c_str());
      QVERIFY2(again->isOneShot == service.isOneShot, name.c_str());
    }
    QVERIFY(read->stack.policy == written.stack.policy);
  }

  void contentsOfMountedFilesLieBesideAsLongAsARevisionNamesThem() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/revisions";
    RevisionStore store(path);
    auto written = revision(1);
    keepFiles(written.stack, {"ratd", "portal"}, {{"ratd", "/etc/ratd.conf", 0640, 7, 8, Secret("a $HOME")}});
    QVERIFY(store.save(written));
    const auto read = store.load(1);
    QVERIFY2(read, read ? "" : read.error().toString().c_str());
    const auto files = memberAt(read->stack.services.at("ratd").normalised, keptFilesKey);
    const Json about = memberAt(files, "/etc/ratd.conf");
    const auto hash = textAt(about, "sha256");
    QCOMPARE(integerAt(about, "mode"), 0640);
    QVERIFY(read->stack.keptFiles.at(hash) == Secret("a $HOME"));
    struct stat seen = {};
    QCOMPARE(::stat((path + "/files/" + hash).c_str(), &seen), 0);
    QCOMPARE(seen.st_mode & 0777, 0600u);
    QCOMPARE(withoutKeptFiles(read->stack, {"ratd", "portal", "ratq"}), std::set<std::string>{"ratq"});
    for (int number = 2; number <= 11; ++number)
      QVERIFY(store.save(revision(number)));
    QVERIFY(!store.load(1));
    QVERIFY(!std::filesystem::exists(path + "/files/" + hash));
  }

  void whatIsTriedIsFoundUnderItsNumberAndIsNoRevision() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.save(revision(1)));
    QVERIFY(store.saveTried(revision(2)));
    auto tried = store.serviceAt(2, "ratd");
    QVERIFY2(tried, tried ? "" : tried.error().toString().c_str());
    QVERIFY(tried->image.find(":2.0.0") != std::string::npos);
    QVERIFY(store.serviceAt(1, "ratd")->image.find(":1.0.0") != std::string::npos);
    QVERIFY(!store.serviceAt(3, "ratd"));
    QVERIFY(!store.load(2));
    QVERIFY(store.numbers() == std::vector<int>{1});
    QCOMPARE(store.nextNumber(), 2);
    store.forgetTried();
    QVERIFY(!store.serviceAt(2, "ratd"));
  }

  void aDeployForgetsWhatWasTriedBefore() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.saveTried(revision(7)));
    QVERIFY(store.save(revision(1)));
    QVERIFY(!store.serviceAt(7, "ratd"));
  }

  void aTryPushesNoRevisionOut() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    for (int number = 1; number <= 10; ++number)
      QVERIFY(store.save(revision(number)));
    QVERIFY(store.saveTried(revision(11)));
    QVERIFY(store.load(1));
  }

  void aDependencyThatNeedNotBeThereIsLeftOut() {
    QTemporaryDir folder;
    auto path = folder.path().toStdString() + "/stack.yml";
    std::ofstream(path) << "services:\n  a:\n    image: x:1\n    depends_on:\n"
                           "      b: {condition: service_started, required: false}\n"
                           "      c: {condition: service_healthy}\n"
                           "  b: {image: y, profiles: [p]}\n  c: {image: z}\n";
    compose::LoadRequest request;
    request.files = {path};
    auto loaded = compose::load(request);
    QVERIFY(loaded);
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.save({1, {}, {}, loaded->stack}));
    auto read = store.serviceAt(1, "a");
    QVERIFY2(read, read ? "" : read.error().toString().c_str());
    QCOMPARE(read->dependsOn.size(), 1u);
    QVERIFY(read->dependsOn.count("c"));
  }

  void keepsDollarSignsAsTheyAre() {
    QTemporaryDir folder;
    auto path = folder.path().toStdString() + "/stack.yml";
    std::ofstream(path) << "services:\n  a:\n    image: x:1\n    environment: { PRICE: '$$5 $${HOME}' }\n";
    compose::LoadRequest request;
    request.files = {path};
    auto loaded = compose::load(request);
    QVERIFY(loaded);
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.save({1, {}, {}, loaded->stack}));
    auto read = store.serviceAt(1, "a");
    QVERIFY(read);
    QCOMPARE(read->environment.at("PRICE").reveal(), "$5 ${HOME}");
  }

  void keepsTheVariablesThatHoldSecrets() {
    QTemporaryDir folder;
    auto path = folder.path().toStdString() + "/stack.yml";
    std::ofstream(path) << "services:\n  a: {image: 'x:1', secrets: [s, gone]}\n"
                           "secrets:\n  s: {environment: TOKEN}\n  gone: {environment: GONE}\n";
    compose::LoadRequest request;
    request.files = {path};
    request.environment = {{"TOKEN", "${a}$b"}, {"OTHER", "x"}};
    auto loaded = compose::load(request);
    QVERIFY(loaded);
    QCOMPARE(loaded->stack.variables.size(), 1u);
    QCOMPARE(loaded->stack.variables.at("TOKEN").reveal(), std::string("${a}$b"));
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.save({1, {}, {}, loaded->stack}));
    auto read = store.load(1);
    QVERIFY2(read, read ? "" : read.error().toString().c_str());
    QVERIFY(read->stack.variables == loaded->stack.variables);
  }

  void isReadableByItsOwnerAlone() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.save(revision(1)));
    struct stat info {};
    QCOMPARE(::stat((folder.path().toStdString() + "/revisions/1.json").c_str(), &info), 0);
    QCOMPARE(info.st_mode & 0777u, 0600u);
  }

  void keepsTheLastTenAndThoseInUse() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QCOMPARE(store.nextNumber(), 1);
    auto stack = revision(1);
    stack.inUse = {2};
    for (stack.number = 1; stack.number <= 14; ++stack.number)
      QVERIFY(store.save(stack));
    QVERIFY(store.numbers() == (std::vector<int>{2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}));
    QCOMPARE(store.nextNumber(), 15);
  }

  // As before a rollout that added services: a rollback leaves those out, and the words about them too.
  void whatIsSaidOfServicesThatAreNotInItIsLeftOut() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    auto written = revision(1);
    auto& all = written.stack.normalised;
    all["x-ratdeck"]["approvals"] = {{{"id", "gone"}, {"before", "ratd"}},
                                     {{"id", "wave"}, {"before", {{"wave", 1}}}},
                                     {{"id", "stays"}, {"after", "portal"}}};
    all["x-ratdeck"]["active_runs"] = {{"service", "ratd"}, {"port", 8080}};
    for (const char* name : {"ratd", "router"}) {
      written.stack.services.erase(name);
      all["services"].erase(name);
    }
    QVERIFY(store.save(written));
    const auto read = store.load(1);
    QVERIFY2(read, read ? "" : read.error().toString().c_str());
    const auto& policy = read->stack.policy;
    QCOMPARE(policy.approvals.size(), size_t(2));
    QCOMPARE(policy.approvals.back().id, std::string("stays"));
    QVERIFY(!policy.activeRuns && policy.routerService.empty());
  }

  void namesWhatIsMissingOrDamaged() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    QVERIFY(store.load(3).error().kind == ErrorKind::NotFound);
    QVERIFY(store.save(revision(1)));
    std::ofstream(folder.path().toStdString() + "/revisions/1.json") << "{ half";
    QVERIFY(store.load(1).error().kind == ErrorKind::Input);
  }

  void makesItsHashKeyOnce() {
    QTemporaryDir folder;
    RevisionStore store(folder.path().toStdString() + "/revisions");
    auto key = store.hashKey();
    QVERIFY(key && key->size() == 64);
    QCOMPARE(*RevisionStore(folder.path().toStdString() + "/revisions").hashKey(), *key);
    const auto id = store.id();
    QVERIFY(id && id->size() == 12 && key->find(*id) == std::string::npos);
    QCOMPARE(*RevisionStore(folder.path().toStdString() + "/revisions").id(), *id);
    QVERIFY(RevisionStore(folder.path().toStdString() + "/others").id() != id);
  }
};

QTEST_GUILESS_MAIN(TestRevisionStore)
#include "tst_revision_store.moc"

// The images of a stack on a real engine with a real registry: found, pulled, kept, and put back.
#include "core/runtime/docker/image_keeper.h"
#include "core/runtime/docker/keep_tag.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/support/manual_clock.h"

#include <QFile>

#include <curl/curl.h>

using namespace ratdeck;

namespace {

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

class TestEngineImages : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DockerRig>();
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    m_docker = std::make_unique<DockerClient>(
        m_rig->endpoint(), SshTunnel::Options{},
        RegistryCredentials::Environment{{"DOCKER_CONFIG", m_rig->folder().toStdString()}});
    m_catalog = std::make_unique<ImageCatalog>(*m_docker);
    m_keeper = std::make_unique<ImageKeeper>(*m_docker, m_clock, "shop", "a1");
  }

  void cleanupTestCase() {
    m_keeper.reset();
    m_catalog.reset();
    m_docker.reset();
    m_rig.reset();
  }

  void init() {
    m_registry = m_rig->startRegistry();
    QVERIFY(!m_registry.empty());
  }
  void cleanup() {
    m_rig->stopRegistry();
    QFile::remove(configFile());
  }

  void referencesAreWhatTheEngineAndTheRegistrySay() {
    const auto pulled = m_registry + "/resolved:1";
    publish(pulled, "resolved");
    const auto remote = m_registry + "/remote:1";
    publish(remote, "remote");
    const auto remoteId = idOf(remote);
    forget(remote);
    build("made-here:1", "made here");
    const auto local = idOf("made-here:1");
    const auto versions = resolve({pulled, remote, "made-here:1", local, m_registry + "/missing:1",
                                   m_registry + "/resolved:9", "two words"});
    QVERIFY_VALUE(versions);
    QCOMPARE(versions->size(), 7u);
    const auto& known = versions->at(pulled);
    QVERIFY_VALUE(known);
    QCOMPARE(known->id, idOf(pulled));
    QVERIFY(!known->isLocalOnly && !known->isMoved && known->digest.starts_with("sha256:"));
    QCOMPARE(known->trouble, std::string());
    QCOMPARE(known->os, std::string("linux"));
    const auto& absent = versions->at(remote);
    QVERIFY_VALUE(absent);
    QCOMPARE(absent->id, std::string());
    QVERIFY(absent->digest.starts_with("sha256:") && absent->digest != known->digest);
    for (const auto& reference : {std::string("made-here:1"), local}) {
      QVERIFY_VALUE(versions->at(reference));
      QCOMPARE(versions->at(reference)->id, local);
      QVERIFY(versions->at(reference)->isLocalOnly && versions->at(reference)->digest.empty());
      QCOMPARE(versions->at(reference)->trouble, std::string());
    }
    for (const auto& missing : {m_registry + "/missing:1", m_registry + "/resolved:9"}) {
      QCOMPARE(versions->at(missing).error().kind, ErrorKind::NotFound);
      QCOMPARE(versions->at(missing).error().toString(),
               "neither the Docker engine nor the registry " + m_registry + " has " + missing +
                   "; check the image's name and tag, or bring it there with `docker load`");
    }
    QCOMPARE(versions->at("two words").error().kind, ErrorKind::Input);
    // Pulled by its digest, it is the image that was pushed.
    const auto ready = prepare({wantedImage("remote", remote, *absent)});
    QVERIFY_VALUE(ready);
    QCOMPARE(ready->at("remote"), remoteId);
    QCOMPARE(idOf(remote), remoteId);
  }

  void aTagThatMovedInTheRegistryIsSeenAndPulled() {
    const auto reference = m_registry + "/moved:1";
    publish(reference, "moved first");
    const auto first = idOf(reference);
    const auto before = resolve({reference})->at(reference);
    QVERIFY_VALUE(before);
    QVERIFY(!before->isMoved); // the control
    moveInRegistry(reference, "moved second", first);
    const auto after = resolve({reference})->at(reference);
    QVERIFY_VALUE(after);
    QVERIFY(after->isMoved);
    QCOMPARE(after->id, first);
    QVERIFY(after->digest != before->digest);
    std::vector<PullProgress> heard;
    const auto ready = prepare({wantedImage("ratd", reference, *after)}, &heard);
    QVERIFY_VALUE(ready);
    QVERIFY(ready->at("ratd") != first);
    QCOMPARE(idOf(reference), ready->at("ratd"));
    QCOMPARE(heard.size(), 2u); // no second passes: the first line, and the end
    QVERIFY(heard.back().total > 0 && heard.back().done == heard.back().total);
    QCOMPARE(heard.back().layersDone, heard.back().layers);
    QVERIFY(!resolve({reference})->at(reference)->isMoved);
    // By its digest it needs no registry any more.
    m_rig->stopRegistry();
    const auto byDigest = m_registry + "/moved@" + after->digest;
    const auto fixed = resolve({byDigest})->at(byDigest);
    QVERIFY_VALUE(fixed);
    QCOMPARE(fixed->id, ready->at("ratd"));
    QCOMPARE(fixed->trouble, std::string());
  }

  void anotherImageThanTheExpectedOneIsAConflict() {
    const auto reference = m_registry + "/expected:1";
    publish(reference, "expected");
    auto wanted = wantedImage("ratd", reference, *resolve({reference})->at(reference));
    forget(reference);
    wanted.id = "sha256:" + std::string(64, 'a');
    QCOMPARE(prepare({wanted}).error().kind, ErrorKind::Conflict);
    wanted.id.clear(); // the control
    QVERIFY_VALUE(prepare({wanted}));
  }

  void aRegistryThatWantsCredentialsSaysSoAndTakesThem() {
    publish(m_registry + "/locked:1", "locked");
    const auto id = idOf(m_registry + "/locked:1");
    const auto digest = resolve({m_registry + "/locked:1"})->at(m_registry + "/locked:1")->digest;
    forget(m_registry + "/locked:1");
    m_rig->stopRegistry();
    m_registry = m_rig->startRegistry(DockerRig::Door::Password);
    const auto reference = m_registry + "/locked:1";
    const WantedImage wanted{"ratd", reference, id, digest};
    const std::string next = "run `docker login " + m_registry + "`";
    for (const char* password : {"", "wrong"}) {
      if (*password)
        logIn(password);
      const auto version = resolve({reference})->at(reference);
      QCOMPARE(version.error().kind, ErrorKind::Refused);
      QCOMPARE(version.error().next, next);
      const auto refused = prepare({wanted});
      QCOMPARE(refused.error().kind, ErrorKind::Refused);
      QVERIFY2(mentions(refused.error().toString(), next), refused.error().toString().c_str());
    }
    logIn(DockerRig::registryPassword);
    const auto version = resolve({reference})->at(reference);
    QVERIFY_VALUE(version);
    QCOMPARE(version->digest, digest);
    QVERIFY_VALUE(prepare({wanted}));
    QCOMPARE(idOf(reference), id);
  }

  void aRegistryThatIsAwayHindersOnlyWhatIsNotThere() {
    const auto there = m_registry + "/away:1";
    publish(there, "away");
    const auto whole = *resolve({there})->at(there);
    m_rig->stopRegistry();
    const auto absent = m_registry + "/away:2";
    const auto versions = resolve({there, absent});
    QVERIFY_VALUE(versions);
    const auto& local = versions->at(there);
    QVERIFY_VALUE(local);
    QCOMPARE(local->id, whole.id);
    QVERIFY(local->digest.empty() && !local->isMoved);
    QVERIFY2(mentions(local->trouble, "the one on the engine is used") &&
                 mentions(local->trouble, m_registry),
             local->trouble.c_str());
    QCOMPARE(versions->at(absent).error().kind, ErrorKind::Internal);
    QVERIFY2(mentions(versions->at(absent).error().toString(), "reaches the registry"),
             versions->at(absent).error().toString().c_str());
    QVERIFY_VALUE(prepare({wantedImage("ratd", there, *local)}));
    const WantedImage planned{"ratd", there, whole.id, whole.digest};
    QVERIFY_VALUE(prepare({planned}));
    // The control: the same image, once it is not there, needs its registry.
    forget(there);
    QCOMPARE(prepare({planned}).error().kind, ErrorKind::Internal);
  }

  void aPinnedImageOutlivesAMovedTagAndAPrune() {
    std::vector<std::string> ids;
    for (const char* name : {"pinned:1", "loose:1"}) {
      build(name, std::string(name) + " old");
      ids.push_back(idOf(name));
    }
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->pin({{"Web Front", 7, ids[0]}}, done); }));
    for (const char* name : {"pinned:1", "loose:1"})
      build(name, std::string(name) + " new"); // the tag moves away
    prune();
    QCOMPARE(idOf(ids[0]), ids[0]);
    QVERIFY2(!isThere(ids[1]), "the control: without a pin the prune takes it");
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->unpin({6, 7}, done); }));
    QVERIFY(isThere(ids[0]));
    // Another project's tags are not ours.
    ImageKeeper other(*m_docker, m_clock, "shop2", "a1");
    QVERIFY_VALUE(await<Done>([&](auto done) { other.unpin({}, done); }));
    QVERIFY(isThere(ids[0]));
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->unpin({6}, done); }));
    QVERIFY(!isThere(ids[0]));
    const auto missing = await<Done>([&](auto done) { m_keeper->pin({{"ratd", 8, ids[0]}}, done); });
    QCOMPARE(missing.error().kind, ErrorKind::NotFound);
  }

  void anImageThatAContainerNeedsStaysPinned() {
    build("needed:1", "needed old");
    const auto id = idOf("needed:1");
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->pin({{"ratd", 3, id}}, done); }));
    QVERIFY_VALUE(await<DockerCreated>([&](auto done) {
      m_docker->containers.create("needs-it", DockerRig::containerOf("needed:1", {"wait"}), done);
    }));
    build("needed:1", "needed new");
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->unpin({}, done); }));
    QCOMPARE(idOf(keepTag("shop", "a1", "ratd", 3)), id);
    QVERIFY_VALUE(await<Done>([&](auto done) { m_docker->containers.remove("needs-it", true, done); }));
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->unpin({}, done); }));
    QVERIFY(!isThere(id));
  }

  void aTagThatMovedOnTheEngineIsPutBack() {
    build("back:1", "back old");
    const auto old = idOf("back:1");
    QVERIFY_VALUE(await<Done>([&](auto done) { m_keeper->pin({{"ratd", 1, old}}, done); }));
    build("back:1", "back new");
    QVERIFY(idOf("back:1") != old); // the control: a container would be of the new image
    QCOMPARE(ensureTag("back:1", old).value_or(""), std::string("back:1"));
    QCOMPARE(idOf("back:1"), old);
    QVERIFY_VALUE(await<DockerCreated>([&](auto done) {
      m_docker->containers.create("back", DockerRig::containerOf("back:1", {"wait"}), done);
    }));
    const auto container =
        await<DockerContainer>([&](auto done) { m_docker->containers.inspect("back", done); });
    QVERIFY_VALUE(container);
    QCOMPARE(container->imageId, old);
    QCOMPARE(container->image, std::string("back:1"));
    QCOMPARE(ensureTag(old, old).value_or(""), old);
    QCOMPARE(ensureTag("back:1", "sha256:" + std::string(64, 'b')).error().kind, ErrorKind::NotFound);
  }

private:
  QString configFile() const { return m_rig->folder() + QStringLiteral("/config.json"); }
  void logIn(const char* password) {
    QFile file(configFile());
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto auth = (QByteArray(DockerRig::registryUser) + ":" + password).toBase64().toStdString();
    file.write(QByteArray::fromStdString(dumpJson({{"auths", {{m_registry, {{"auth", auth}}}}}})));
  }
  void build(const std::string& reference, const std::string& content) {
    const auto made = m_rig->makeImage(reference, content);
    QVERIFY2(made.isEmpty(), qPrintable(made));
  }
  void publish(const std::string& reference, const std::string& content) {
    build(reference, content);
    const auto pushed = m_rig->push(reference);
    QVERIFY2(pushed.isEmpty(), qPrintable(pushed));
  }
  // Another image is pushed under the reference; the engine knows nothing of it and keeps the old one.
  void moveInRegistry(const std::string& reference, const std::string& content, const std::string& old) {
    publish(reference, content);
    forget(reference);
    QVERIFY_VALUE(await<Done>([&](auto done) { m_docker->images.tag(old, reference, done); }));
  }
  // The image behind the reference is gone from the engine, with all its names.
  void forget(const std::string& reference) {
    const auto gone = m_rig->raw("DELETE", "/images/" + idOf(reference) + "?force=true");
    QVERIFY2(gone && gone->status == 200, gone ? gone->body.c_str() : "no answer");
  }
  void prune() {
    const auto pruned = m_rig->raw("POST", "/images/prune");
    QVERIFY2(pruned && pruned->status == 200, pruned ? pruned->body.c_str() : "no answer");
  }
  Result<DockerImage> inspect(const std::string& image) {
    return await<DockerImage>([&](auto done) { m_docker->images.inspect(image, done); });
  }
  std::string idOf(const std::string& image) {
    const auto found = inspect(image);
    return found ? found->id : found.error().toString();
  }
  bool isThere(const std::string& image) { return inspect(image).has_value(); }
  Result<ImageCatalog::Versions> resolve(const std::vector<std::string>& references) {
    return await<ImageCatalog::Versions>([&](auto done) { m_catalog->resolve(references, done); });
  }
  Result<ImageKeeper::Images> prepare(const std::vector<WantedImage>& wanted,
                                      std::vector<PullProgress>* heard = nullptr) {
    const auto onProgress = [heard](const PullProgress& progress) {
      if (heard)
        heard->push_back(progress);
    };
    return await<ImageKeeper::Images>([&](auto done) { m_keeper->prepare(wanted, onProgress, done); });
  }
  Result<std::string> ensureTag(const std::string& reference, const std::string& id) {
    return await<std::string>([&](auto done) { m_keeper->ensureTag(reference, id, done); });
  }

  std::unique_ptr<DockerRig> m_rig;
  std::unique_ptr<DockerClient> m_docker;
  std::unique_ptr<ImageCatalog> m_catalog;
  std::unique_ptr<ImageKeeper> m_keeper;
  ManualClock m_clock;
  std::string m_registry;
};

QTEST_GUILESS_MAIN(TestEngineImages)
#include "tst_engine_images.moc"

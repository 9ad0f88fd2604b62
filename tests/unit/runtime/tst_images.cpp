// The images of a stack against an engine by script: what is asked, in which order, and what it comes to.
#include "core/runtime/docker/image_judgement.h"
#include "core/runtime/docker/image_keeper.h"
#include "core/runtime/docker/keep_tag.h"
#include "tests/support/manual_clock.h"
#include "tests/support/seed.h"
#include "tests/unit/remote/answers.h"
#include "tests/unit/remote/scripted_docker.h"

#include <QRegularExpression>

#include <curl/curl.h>

#include <random>

using namespace ratdeck;

namespace {

const std::string get = "GET /v1.41/images/";
const QByteArray openStream = "HTTP/1.1 200 OK\r\nX-Open: yes\r\n\r\n";

// JSON with ' for ".
QByteArray quoted(QByteArray text) {
  return text.replace('\'', '"');
}

QByteArray image(const QByteArray& id, const QByteArray& digests = "",
                 const QByteArray& architecture = "amd64") {
  return ScriptedDocker::json(quoted("{'Id':'" + id + "','RepoDigests':[" + digests +
                                     "],'Os':'linux','Architecture':'" + architecture + "'}"));
}

QByteArray offer(const QByteArray& digest,
                 const QByteArray& platforms = "{'os':'linux','architecture':'amd64'}") {
  return ScriptedDocker::json(
      quoted("{'Descriptor':{'digest':'" + digest + "'},'Platforms':[" + platforms + "]}"));
}

QByteArray trouble(const QByteArray& message, int status) {
  return ScriptedDocker::json(quoted("{'message':'" + message + "'}"), status);
}

const QByteArray pulled =
    ScriptedDocker::stream(quoted("{'status':'Status: Downloaded newer image for x'}\r\n"));
const QByteArray tagged = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

// Answers the first with the first, and so on; the last one for good.
ScriptedDocker::Reply inTurn(std::vector<QByteArray> answers) {
  const auto index = std::make_shared<std::size_t>(0);
  return [index, answers = std::move(answers)](const ScriptedDocker::Request&) {
    return answers[std::min((*index)++, answers.size() - 1)];
  };
}

} // namespace

class TestImages : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() {
    m_script = std::make_unique<ScriptedDocker>();
    m_script->on("GET /v1.41/version",
                 ScriptedDocker::json(quoted("{'Version':'20.10','Os':'linux','Arch':'amd64'}")));
    m_docker = std::make_unique<DockerClient>(m_script->endpoint());
    m_catalog = std::make_unique<ImageCatalog>(*m_docker);
    m_keeper = std::make_unique<ImageKeeper>(*m_docker, m_clock, "shop", "a1");
  }
  void cleanup() {
    m_keeper.reset();
    m_catalog.reset();
    m_docker.reset();
  }

  void keepTagsAreNamesThatDockerAllows_data() {
    QTest::addColumn<QString>("service");
    QTest::addColumn<QString>("tag");
    const auto row = [](const char* service, const char* tag) {
      QTest::newRow(service) << QString::fromLatin1(service) << QString::fromLatin1(tag);
    };
    row("ratd", "ratdeck-keep/shop/ratd:a1-r12");
    row("rat-portal.web_2", "ratdeck-keep/shop/rat-portal.web_2:a1-r12");
    row("a__b--c", "ratdeck-keep/shop/a__b--c:a1-r12");
    row("Ratd", "ratdeck-keep/shop/ratd-[0-9a-f]{12}:a1-r12");
    row("a___b", "ratdeck-keep/shop/ab-[0-9a-f]{12}:a1-r12");
    row("ratd-", "ratdeck-keep/shop/ratd-[0-9a-f]{12}:a1-r12");
    row("..", "ratdeck-keep/shop/[0-9a-f]{12}:a1-r12");
  }

  void keepTagsAreNamesThatDockerAllows() {
    QFETCH(QString, service);
    QFETCH(QString, tag);
    const auto made = QString::fromStdString(keepTag("shop", "a1", service.toStdString(), 12));
    QVERIFY2(QRegularExpression(QRegularExpression::anchoredPattern(tag)).match(made).hasMatch(),
             qPrintable(made));
  }

  void keepTagsOfTwoServicesDiffer() {
    static const QRegularExpression allowed(QRegularExpression::anchoredPattern(QStringLiteral(
        "(?:[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*/){2}[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*:a1-r\\d+")));
    std::mt19937 random(testSeed());
    std::map<std::string, std::string> services; // by tag
    for (int i = 0; i < 2000; ++i) {
      std::string service;
      for (auto length = 1 + random() % (i % 50 == 0 ? 300 : 5); length > 0; --length)
        service += "abAB09._-"[random() % 9];
      const auto tag = keepTag("shop", "a1", service, 1);
      QVERIFY2(allowed.match(QString::fromStdString(tag)).hasMatch() && tag.size() < 255, tag.c_str());
      QVERIFY2(services.emplace(tag, service).first->second == service, service.c_str());
      QCOMPARE(keptRevision("shop", "a1", tag).value_or(-1), 1);
    }
  }

  void aKeepTagIsKnownByItsProjectAlone() {
    const auto tag = keepTag("shop", "a1", "ratd", 12);
    QCOMPARE(keptRevision("shop", "a1", tag).value_or(-1), 12);
    for (const char* other :
         {"ratdeck-keep/shop2/ratd:a1-r1", "ratdeck-keep/shop/ratd:1", "ratdeck-keep/shop/ratd:a1-r1x",
          "ratdeck-keep/shop/ratd:a1-r", "ratdeck-keep/shop/:a1-r1", "shop/ratd:a1-r1",
          "ratdeck-keep/shop/ratd:b2-r1", "ratdeck-keep/shop/ratd:r1", ""})
      QVERIFY2(!keptRevision("shop", "a1", other), other);
    QCOMPARE(keepPattern("shop"), std::string("ratdeck-keep/shop/*"));
  }

  void aPullSaysAtMostOneLineASecond() {
    PullMeter meter("ratd:2", m_clock);
    QStringList lines;
    const auto step = [&](const char* layer, const char* status, long long done = 0, long long total = 0) {
      if (const auto due = meter.take({layer, status, done, total}))
        lines += QStringLiteral("%1/%2 %3/%4")
                     .arg(due->done)
                     .arg(due->total)
                     .arg(due->layersDone)
                     .arg(due->layers);
    };
    step("2", "Pulling from ratd");
    step("a", "Already exists");
    step("b", "Pulling fs layer");
    step("c", "Pulling fs layer");
    step("b", "Downloading", 5, 10);
    m_clock.advance(999ms);
    step("c", "Downloading", 1, 100);
    m_clock.advance(1ms);
    step("c", "Downloading", 40, 100);
    step("b", "Download complete");
    step("b", "Extracting", 3, 3000);
    m_clock.advance(1s);
    step("b", "Pull complete");
    QCOMPARE(lines.join(QLatin1Char('|')), QStringLiteral("0/0 1/1|45/110 1/3|50/110 2/3"));
  }

  void aReferenceIsAskedForWithItsTag() {
    m_script->on(get + "cafe:latest/json", image("sha256:a"));
    const auto versions = resolve({"cafe"}); // the start of an id, for Docker
    QCOMPARE(versions->at("cafe")->id, std::string("sha256:a"));
    QCOMPARE(m_script->log(),
             QStringLiteral("GET /_ping|GET /v1.41/version|GET /v1.41/images/cafe:latest/json"));
  }

  void noRegistryIsAskedForWhatIsKnownHere() {
    const std::string id = "sha256:" + std::string(64, 'a');
    m_script->on(get + "built:1/json", image("sha256:b"));
    m_script->on(get + "retagged:1/json", image("sha256:c", "'h:5/other@sha256:d'"));
    m_script->on(get + "h:5/fixed@sha256:d/json", image("sha256:c", "'h:5/fixed@sha256:d'"));
    m_script->on(get + id + "/json", image(QByteArray::fromStdString(id), "'h:5/other@sha256:d'"));
    const auto versions = resolve({"built:1", "retagged:1", "h:5/fixed:9@sha256:d", id});
    QVERIFY2(versions.has_value(), versions ? "" : versions.error().message.c_str());
    QVERIFY(!m_script->log().contains(QLatin1String("distribution")));
    for (const auto& [reference, version] : *versions) {
      QVERIFY2(version.has_value() && version->trouble.empty(), reference.c_str());
      QCOMPARE(version->isLocalOnly, !mentions(reference, "fixed"));
    }
    QCOMPARE(versions->at("h:5/fixed:9@sha256:d")->digest, std::string("sha256:d"));
    // The control: with a digest of its own it may have moved.
    m_script->on(get + "retagged:1/json", image("sha256:c", "'h:5/other@sha256:d','retagged@sha256:e'"));
    m_script->on("GET /v1.41/distribution/retagged:1/json", offer("sha256:f"));
    QVERIFY(resolve({"retagged:1"})->at("retagged:1")->isMoved);
  }

  void anotherArchitectureIsTold_data() {
    QTest::addColumn<QByteArray>("local");
    QTest::addColumn<QByteArray>("platforms");
    QTest::addColumn<QString>("trouble");
    const QByteArray arm = "{'os':'linux','architecture':'arm64'}";
    const QByteArray amd = "{'os':'linux','architecture':'amd64'}";
    const QString other = QStringLiteral("h:5/ratd:2 is made for linux/arm64, and the engine is linux/amd64");
    QTest::newRow("here") << QByteArray("arm64") << arm << other;
    QTest::newRow("here, and fine") << QByteArray("amd64") << arm << QString();
    QTest::newRow("here, not known") << QByteArray() << arm << QString();
    QTest::newRow("there") << QByteArray("none") << arm << other;
    QTest::newRow("there, and fine") << QByteArray("none") << amd << QString();
    QTest::newRow("there for several") << QByteArray("none") << arm + "," + amd << QString();
    QTest::newRow("there for several others")
        << QByteArray("none") << arm + "," + QByteArray(arm).replace("arm64", "s390x")
        << QStringLiteral("h:5/ratd:2 is not made for the engine's linux/amd64");
    QTest::newRow("there, not known") << QByteArray("none") << QByteArray() << QString();
  }

  void anotherArchitectureIsTold() {
    QFETCH(QByteArray, local);
    QFETCH(QByteArray, platforms);
    QFETCH(QString, trouble);
    if (local != "none")
      m_script->on(get + "h:5/ratd:2/json", image("sha256:a", "'h:5/ratd@sha256:d'", local));
    m_script->on("GET /v1.41/distribution/h:5/ratd:2/json", offer("sha256:d", platforms));
    const auto versions = resolve({"h:5/ratd:2"});
    QVERIFY(versions && versions->at("h:5/ratd:2"));
    QCOMPARE(QString::fromStdString(versions->at("h:5/ratd:2")->trouble), trouble);
  }

  void aRegistryWithoutTheImageIsNoObstacleToTheOneHere() {
    const ImageFindings here{"h:5/ratd:2", *parseDockerReference("h:5/ratd:2"), DockerImage(), {}};
    ImageFindings pulledOnce = here;
    pulledOnce.local->id = "sha256:a";
    pulledOnce.local->repoDigests = {"h:5/ratd@sha256:d"};
    const ImageFindings nowhere{"h:5/ratd:2", here.parsed, std::nullopt, {}};
    struct Row {
      ErrorKind registry;
      const char* trouble;
      ErrorKind whereNothingIs;
    };
    for (const Row& row : {Row{ErrorKind::NotFound, "does not have h:5/ratd:2", ErrorKind::NotFound},
                           Row{ErrorKind::Refused, "refuses h:5/ratd:2 (words; next)", ErrorKind::Refused},
                           Row{ErrorKind::Timeout, "could not be asked for", ErrorKind::Internal},
                           Row{ErrorKind::Internal, "could not be asked for", ErrorKind::Internal}}) {
      const auto found = judgeImage(pulledOnce, failure(row.registry, "words", "next"));
      QVERIFY(found && found->id == "sha256:a" && found->digest.empty() && !found->isMoved);
      QVERIFY2(mentions(found->trouble, row.trouble) &&
                   mentions(found->trouble, "the one on the engine is used"),
               found->trouble.c_str());
      const auto none = judgeImage(nowhere, failure(row.registry, "words", "next"));
      QCOMPARE(none.error().kind, row.whereNothingIs);
      QVERIFY(!none.error().next.empty() && !mentions(none.error().toString(), "\n"));
    }
    QCOMPARE(judgeImage(pulledOnce, failure(ErrorKind::Unreachable, "the engine")).error().kind,
             ErrorKind::Unreachable);
  }

  void aRegistryThatIsSilentIsNotAskedOnAndOn() {
    std::vector<std::string> references;
    for (char c = 'a'; c <= 'j'; ++c) {
      references.push_back(std::string("h:5/") + c + ":1");
      m_script->on("GET /v1.41/distribution/" + references.back() + "/json",
                   trouble("dial tcp 127.0.0.1:5: connect: connection refused", 500));
    }
    m_script->on("GET /v1.41/distribution/other:5/a:1/json", offer("sha256:d"));
    references.push_back("other:5/a:1");
    const auto versions = resolve(references);
    QCOMPARE(versions->size(), 11u);
    const auto asked = m_script->log().count(QLatin1String("distribution/h:5"));
    QVERIFY2(asked >= 1 && asked <= 4, qPrintable(QString::number(asked)));
    for (const auto& [reference, version] : *versions)
      QCOMPARE(version.has_value(), reference.starts_with("other"));
    QVERIFY(mentions(versions->at("h:5/j:1").error().toString(), "check that the Docker host reaches"));
  }

  void onlyAFewAreAskedForAtOnce() {
    std::vector<std::string> references;
    for (char c = 'a'; c <= 'j'; ++c) {
      references.push_back(std::string(1, c) + ":1");
      m_script->on(get + references.back() + "/json", QByteArray()); // no answer
    }
    Answers<ImageCatalog::Versions> silent;
    m_catalog->resolve(references, silent.next());
    QVERIFY(QTest::qWaitFor([&] { return m_script->requests().size() == 6; }, 5000));
    QVERIFY(!QTest::qWaitFor([&] { return m_script->requests().size() > 6; }, 50));
    m_catalog.reset();
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0; }, 50));
  }

  void anEngineThatDoesNotAnswerFailsTheWhole() {
    m_script->on("GET /v1.41/version", trouble("not now", 500));
    QCOMPARE(resolve({"ratd:1"}).error().kind, ErrorKind::Internal);
    Answers<ImageCatalog::Versions> nothing;
    m_script->on("GET /v1.41/version", ScriptedDocker::json(quoted("{'Version':'20.10'}")));
    m_catalog->resolve({}, nothing.next());
    QCOMPARE(nothing.count(), 0u);
    QVERIFY(nothing.wait() && nothing.at(0) && nothing.at(0)->empty());
  }

  void whatIsThereIsNeitherPulledNorTagged() {
    m_script->on(get + "sha256:a/json", image("sha256:a"));
    m_script->on(get + "h:5/ratd:2/json", image("sha256:a"));
    const auto ready = prepare({{"ratd", "h:5/ratd:2", "sha256:a", "sha256:d"}});
    QVERIFY2(ready.has_value(), ready ? "" : ready.error().message.c_str());
    QCOMPARE(ready->at("ratd"), std::string("sha256:a"));
    QCOMPARE(m_script->log(),
             QStringLiteral("GET /_ping|GET /v1.41/images/sha256:a/json|GET /v1.41/images/h:5/ratd:2/json"));
  }

  void whatIsMissingIsPulledByItsDigestAndTagged() {
    m_script->on(get + "h:5/ratd@sha256:d/json", inTurn({trouble("No such image", 404), image("sha256:a")}));
    m_script->on(get + "h:5/ratd:2/json", inTurn({image("sha256:old"), image("sha256:a")}));
    m_script->on("POST /v1.41/images/create", pulled);
    m_script->on("POST /v1.41/images/sha256:a/tag", tagged);
    const auto ready = prepare({{"ratd", "h:5/ratd:2", "", "sha256:d"}});
    QVERIFY2(ready.has_value(), ready ? "" : ready.error().message.c_str());
    QCOMPARE(ready->at("ratd"), std::string("sha256:a"));
    QCOMPARE(m_script->log(),
             QStringLiteral("GET /_ping|GET /v1.41/images/h:5/ratd@sha256:d/json|POST /v1.41/images/create|"
                            "GET /v1.41/images/h:5/ratd@sha256:d/json|GET /v1.41/images/h:5/ratd:2/json|"
                            "POST /v1.41/images/sha256:a/tag|GET /v1.41/images/h:5/ratd:2/json"));
    QCOMPARE(m_script->requests().at(2).query, std::string("fromImage=h:5/ratd&tag=sha256:d"));
    QCOMPARE(m_script->requests().at(5).query, std::string("repo=h:5/ratd&tag=2"));
  }

  void theFirstThatCannotBeMadeReadyEndsIt() {
    m_script->on("POST /v1.41/images/create", trouble("manifest unknown", 404));
    const auto failed =
        prepare({{"ratd", "h:5/ratd:2", "", "sha256:d"}, {"ratq", "h:5/ratq:2", "", "sha256:e"}});
    QCOMPARE(failed.error().kind, ErrorKind::NotFound);
    QVERIFY2(mentions(failed.error().message, "the image of ratd, h:5/ratd:2: "),
             failed.error().message.c_str());
    QVERIFY(!m_script->log().contains(QLatin1String("ratq")));
    // Made on that engine, so no registry has it.
    m_script->forget();
    const auto gone = prepare({{"ratd", "ratd:2", "sha256:a", ""}});
    QCOMPARE(gone.error().kind, ErrorKind::NotFound);
    QVERIFY(!m_script->log().contains(QLatin1String("create")));
    QCOMPARE(prepare({{"ratd", "ratd:2", "", ""}}).error().kind, ErrorKind::Input);
    QVERIFY(prepare({})->empty());
  }

  void aPullEndsWithItsKeeper() {
    m_script->on("POST /v1.41/images/create",
                 openStream +
                     quoted("{'status':'Pulling fs layer','id':'a'}\r\n{'status':'Waiting','id':'a'}\r\n"));
    Answers<ImageKeeper::Images> silent;
    int lines = 0;
    m_keeper->prepare(
        {{"ratd", "h:5/ratd:2", "", "sha256:d"}},
        [&](const PullProgress&) {
          ++lines;
          m_keeper.reset();
        },
        silent.next());
    QVERIFY(QTest::qWaitFor([&] { return lines == 1; }, 5000));
    m_script->hangUp();
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0 || lines > 1; }, 50));
  }

  void aTagThatSomebodyElseMovesIsAConflict() {
    m_script->on(get + "ratd:2/json", image("sha256:other"));
    m_script->on("POST /v1.41/images/sha256:a/tag", tagged);
    const auto moved = ensureTag("ratd:2", "sha256:a");
    QCOMPARE(moved.error().kind, ErrorKind::Conflict);
    QVERIFY2(mentions(moved.error().message, "sha256:other"), moved.error().message.c_str());
  }

  void aDigestWhoseNameIsGoneIsStoodForByItsId() {
    m_script->on(get + "sha256:a/json", image("sha256:a"));
    QCOMPARE(ensureTag("h:5/ratd@sha256:d", "sha256:a").value_or(""), std::string("sha256:a"));
    m_script->on(get + "h:5/ratd@sha256:d/json", inTurn({image("sha256:a"), image("sha256:b")}));
    QCOMPARE(ensureTag("h:5/ratd@sha256:d", "sha256:a").value_or(""), std::string("h:5/ratd@sha256:d"));
    QCOMPARE(ensureTag("h:5/ratd@sha256:d", "sha256:a").error().kind, ErrorKind::Conflict);
    QVERIFY(!m_script->log().contains(QLatin1String("tag")));
  }

  void onlyTagsOfOtherRevisionsAreTakenAway() {
    m_script->on(
        "GET /v1.41/images/json",
        ScriptedDocker::json(quoted(
            "[{'Id':'sha256:a','RepoTags':['ratdeck-keep/shop/ratd:a1-r1','ratdeck-keep/shop/"
            "ratd:a1-r2','ratdeck-keep/shop/ratd:b2-r1',"
            "'ratd:1']},{'Id':'sha256:b','RepoTags':['ratdeck-keep/shop/ratq:a1-r1','<none>:<none>']}]")));
    m_script->on("DELETE /v1.41/images/ratdeck-keep/shop/ratd:a1-r1",
                 trouble("a container is using it", 409));
    m_script->on("DELETE /v1.41/images/ratdeck-keep/shop/ratq:a1-r1", ScriptedDocker::json("[]"));
    Answers<Done> answers;
    m_keeper->unpin({2}, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(m_script->log(), QStringLiteral("GET /_ping|GET /v1.41/images/json|"
                                             "DELETE /v1.41/images/ratdeck-keep/shop/ratd:a1-r1|"
                                             "DELETE /v1.41/images/ratdeck-keep/shop/ratq:a1-r1"));
    QCOMPARE(QString::fromStdString(m_script->requests().at(1).query),
             QString::fromUtf8(quoted("filters={'reference':['ratdeck-keep/shop/*']}")));
  }

private:
  static bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  template <class T, class Call>
  Result<T> answerOf(Call&& call) {
    Answers<T> answers;
    call(answers.next());
    if (answers.count() > 0)
      return failure(ErrorKind::Usage, "the answer came from inside the call");
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Usage, "the test waited in vain");
  }
  Result<ImageCatalog::Versions> resolve(const std::vector<std::string>& references) {
    return answerOf<ImageCatalog::Versions>([&](auto done) { m_catalog->resolve(references, done); });
  }
  Result<ImageKeeper::Images> prepare(const std::vector<WantedImage>& wanted) {
    return answerOf<ImageKeeper::Images>([&](auto done) { m_keeper->prepare(wanted, {}, done); });
  }
  Result<std::string> ensureTag(const std::string& reference, const std::string& id) {
    return answerOf<std::string>([&](auto done) { m_keeper->ensureTag(reference, id, done); });
  }

  ManualClock m_clock;
  std::unique_ptr<ScriptedDocker> m_script;
  std::unique_ptr<DockerClient> m_docker;
  std::unique_ptr<ImageCatalog> m_catalog;
  std::unique_ptr<ImageKeeper> m_keeper;
};

QTEST_GUILESS_MAIN(TestImages)
#include "tst_images.moc"

#include "core/remote/docker/docker_answer.h"
#include "core/remote/docker/docker_container.h"
#include "core/remote/docker/docker_daemon.h"
#include "core/remote/docker/docker_event.h"
#include "core/remote/docker/docker_file.h"
#include "core/remote/docker/docker_frames.h"
#include "core/remote/docker/docker_image.h"
#include "core/remote/docker/docker_network.h"
#include "core/remote/docker/docker_pull.h"
#include "core/remote/docker/docker_volume.h"
#include "core/remote/docker/line_splitter.h"
#include "core/remote/docker/registry_error.h"
#include "scripted_docker.h"
#include "tests/support/seed.h"

#include <QTest>

#include <random>

using namespace ratdeck;

namespace {

// What a 20.10 engine answers, shortened.
const char* inspected = R"({
  "Id": "4989d0a40f22", "Created": "2026-07-01T12:00:00.5Z", "Name": "/shop-ratd-1", "RestartCount": 2,
  "Image": "sha256:f96b",
  "State": {"Status": "running", "Running": true, "ExitCode": 0, "OOMKilled": false, "Error": "",
            "StartedAt": "2026-07-01T12:00:01Z", "FinishedAt": "0001-01-01T00:00:00Z",
            "Health": {"Status": "healthy", "FailingStreak": 0}},
  "HostConfig": {"RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}},
  "Config": {"Image": "ratd:1.0.0", "Tty": false, "StopSignal": "SIGQUIT", "Env": ["KEY=secret"],
             "Labels": {"com.docker.compose.service": "ratd", "odd": 7}},
  "NetworkSettings": {"Networks": {"shop_default": {"NetworkID": "08ab", "IPAddress": "10.0.0.2",
                      "Aliases": ["ratd-1", "4989d0a40f22"]}}}})";

template <class T>
QString problem(const Result<T>& result) {
  return result ? QStringLiteral("a value") : QString::fromStdString(result.error().toString());
}

QString framesOf(DockerFrames& frames, QString& log, const QByteArray& bytes, int piece) {
  for (qsizetype at = 0; at < bytes.size(); at += piece)
    if (const auto taken = frames.take(bytes.mid(at, piece).toStdString()); !taken)
      return QString::fromStdString(taken.error().message);
  return log;
}

} // namespace

class TestDockerValues : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aContainerIsReadFromItsInspection() {
    const auto container = readDockerContainer(inspected);
    QVERIFY2(container.has_value(), qPrintable(problem(container)));
    QCOMPARE(container->id, std::string("4989d0a40f22"));
    QCOMPARE(container->name, std::string("shop-ratd-1"));
    QCOMPARE(container->image, std::string("ratd:1.0.0"));
    QCOMPARE(container->imageId, std::string("sha256:f96b"));
    QVERIFY(container->state == DockerState::Running && container->isRunning());
    QVERIFY(container->health == DockerHealth::Healthy);
    QCOMPARE(container->restarts, 2);
    QCOMPARE(container->restartPolicy, std::string("unless-stopped"));
    QCOMPARE(container->stopSignal, std::string("SIGQUIT"));
    QCOMPARE(toRfc3339(*container->createdAt), std::string("2026-07-01T12:00:00.500000000Z"));
    QVERIFY(container->startedAt.has_value());
    QVERIFY(!container->finishedAt.has_value()); // year 1 is never
    QCOMPARE(container->labels.size(), 1u);
    const auto& attachment = container->networks.at("shop_default");
    QCOMPARE(attachment.address, std::string("10.0.0.2"));
    QCOMPARE(attachment.aliases.size(), 2u);
    QCOMPARE(memberAt(memberAt(container->raw, "Config"), "Env").size(), 1u);
  }

  void containersAreReadFromTheList() {
    const auto containers = readDockerContainers(R"([
      {"Id":"a1","Names":["/web/db","/db"],"Image":"pg","ImageID":"sha256:1","State":"exited",
       "Labels":{"k":"v"},"NetworkSettings":{"Networks":{"n":{"NetworkID":"8","IPAddress":""}}}},
      {"Id":"b2","Names":null,"State":"dead","Labels":null,"NetworkSettings":null}])");
    QVERIFY2(containers.has_value(), qPrintable(problem(containers)));
    QCOMPARE(containers->size(), 2u);
    QCOMPARE(containers->at(0).name, std::string("db"));
    QVERIFY(containers->at(0).state == DockerState::Exited);
    QCOMPARE(containers->at(0).networks.at("n").networkId, std::string("8"));
    QCOMPARE(containers->at(1).name, std::string());
    QCOMPARE(readDockerContainers("[]")->size(), 0u);
  }

  void theDaemonSaysWhatItKeepsAlive() {
    const auto info =
        readDockerInfo(R"({"ID":"5UC5","LiveRestoreEnabled":true,"NCPU":2,"MemTotal":25276502016,
      "Containers":99999999999,"Swarm":{"LocalNodeState":"active","ControlAvailable":true},
      "Warnings":["WARNING: No swap limit support"]})");
    QVERIFY2(info.has_value(), qPrintable(problem(info)));
    QVERIFY(info->liveRestore && info->isSwarmManager && info->swarm == DockerSwarm::Active);
    QCOMPARE(info->memory, 25276502016LL);
    QCOMPARE(info->containers, 0); // more than a count can be
    QCOMPARE(info->warnings.size(), 1u);
    const auto version =
        readDockerVersion(R"({"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"})");
    QCOMPARE(version->apiVersion, std::string("1.41"));
  }

  void theDaemonsClockIsReadInWhateverZoneItIsSet() {
    const auto timeIn = [](const char* text) {
      const auto info = readDockerInfo(std::string(R"({"ID":"5UC5","SystemTime":")") + text + "\"}");
      return info && info->time ? toRfc3339(*info->time) : "no time";
    };
    const std::string noon = "2026-07-01T12:00:00.500000000Z";
    QCOMPARE(timeIn("2026-07-01T12:00:00.5Z"), noon);
    QCOMPARE(timeIn("2026-07-01T14:00:00.5+02:00"), noon);
    QCOMPARE(timeIn("2026-07-01T06:30:00.5-05:30"), noon);
    for (const char* other : {"", "noon", "+02:00", "2026-07-01+02:00"})
      QCOMPARE(timeIn(other), std::string("no time"));
  }

  void imagesNetworksEventsAndEndsAreRead() {
    const auto image =
        readDockerImage(R"({"Id":"sha256:f9","RepoTags":["bb:1"],"RepoDigests":[],"Size":1982291,
      "Os":"linux","Created":"2026-11-25T23:28:43.504865966Z","Config":{"StopSignal":"SIGQUIT","Labels":null}})");
    QVERIFY2(image.has_value(), qPrintable(problem(image)));
    QCOMPARE(image->tags, std::vector<std::string>{"bb:1"});
    QVERIFY(image->repoDigests.empty());
    QCOMPARE(image->stopSignal, std::string("SIGQUIT"));
    const auto network = readDockerNetwork(R"({"Id":"08","Name":"n1","Driver":"bridge","Scope":"local",
      "IPAM":{"Config":[{"Subnet":"10.213.7.0/24"}]},"Containers":{"ca":{"IPv4Address":"10.213.7.2/24"}}})");
    QCOMPARE(network->subnets, std::vector<std::string>{"10.213.7.0/24"});
    QCOMPARE(network->members.at("ca"), std::string("10.213.7.2"));
    QCOMPARE(readDockerNetworks(R"([{"Id":"1"},{"Id":"2"}])")->size(), 2u);
    const auto event = readDockerEvent(R"({"Type":"container","Action":"die","scope":"local","time":1,
      "timeNano":1000000002,"Actor":{"ID":"ca","Attributes":{"exitCode":"3"}}})");
    QCOMPARE(event->attributes.at("exitCode"), std::string("3"));
    QCOMPARE(toRfc3339(event->at), std::string("1970-01-01T00:00:01.000000002Z"));
    QCOMPARE(readDockerExit(R"({"Error":null,"StatusCode":137})")->exitCode, 137);
    QCOMPARE(readDockerExit(R"({"Error":{"Message":"gone"},"StatusCode":0})")->error, std::string("gone"));
    QCOMPARE(readDockerCreated(R"({"Id":"x","Warnings":["w"]})")->warnings.size(), 1u);
  }

  void whatHasNoIdentityIsAnError_data() {
    QTest::addColumn<QByteArray>("body");
    for (const char* body : {"", "{", "null", "7", "\"x\"", "[7]", "[[]]", "{}", "{\"Id\":7}",
                             "{\"Id\":\"\"}", "{\"Id\":\"x\",\"State\":{\"Status\":\"floating\"}}",
                             "{\"Id\":\"x\",\"State\":\"running\"}", "{\"Id\":\"\xff\"}"})
      QTest::newRow(body) << QByteArray(body);
    QTest::newRow("deep") << QByteArray(100000, '[');
    QTest::newRow("deep objects") << QByteArray("{\"a\":").repeated(20000);
  }

  void whatHasNoIdentityIsAnError() {
    QFETCH(QByteArray, body);
    const auto text = body.toStdString();
    QVERIFY(!readDockerContainer(text));
    QVERIFY(!readDockerContainers(text));
    QVERIFY(!readDockerInfo(text));
    QVERIFY(!readDockerVersion(text));
    QVERIFY(!readDockerEvent(text));
    QVERIFY(!readDockerExit(text));
    QVERIFY(!readDockerVolume(text));
    QCOMPARE(readDockerContainer(text).error().kind, ErrorKind::Internal);
  }

  void membersOfAnotherTypeAreLeftOut() {
    const auto container = readDockerContainer(R"({"Id":"x","Name":[],"RestartCount":"many","Created":{},
      "Image":null,"State":{"Status":"exited","ExitCode":1e300,"Health":"ill"},"HostConfig":[],"Config":"c",
      "NetworkSettings":{"Networks":[1,2]}})");
    QVERIFY2(container.has_value(), qPrintable(problem(container)));
    QCOMPARE(container->exitCode, 0);
    QVERIFY(container->networks.empty() && container->labels.empty());
    const auto network =
        readDockerNetwork(R"({"Id":"n","IPAM":{"Config":{"Subnet":"x"}},"Containers":[{}]})");
    QVERIFY(network.has_value() && network->subnets.empty() && network->members.empty());
  }

  void errorsAreDockersOwnWordsMadePlain_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("words");
    const auto row = [](int status, const QByteArray& body, ErrorKind kind, const char* words) {
      QTest::addRow("%d %s", status, body.left(20).constData())
          << status << body << int(kind) << QString::fromUtf8(words);
    };
    row(400, R"({"message":"bad parameter"})", ErrorKind::Input, "Docker says (400): bad parameter");
    row(403, R"({"message":"denied"})", ErrorKind::Refused, "Docker says (403): denied");
    row(404, R"({"message":"No such container: x"})", ErrorKind::NotFound,
        "Docker says (404): No such container: x");
    row(409, R"({"message":"name in use."})", ErrorKind::Conflict, "Docker says (409): name in use");
    row(500, "{\"message\":\"a\\nb\\u001b[31m\"}", ErrorKind::Internal, "Docker says (500): a b?[31m");
    row(502, "<html>Bad Gateway</html>", ErrorKind::Internal, "Docker says (502): <html>Bad Gateway</html>");
    row(500, "", ErrorKind::Internal, "Docker says (500): no reason given");
    row(500, R"({"message":7})", ErrorKind::Internal, "Docker says (500): no reason given");
    row(500, "[]", ErrorKind::Internal, "Docker says (500): []");
  }

  void errorsAreDockersOwnWordsMadePlain() {
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(int, kind);
    QFETCH(QString, words);
    const auto error = dockerError(status, body.toStdString());
    QCOMPARE(QString::fromStdString(error.message), words);
    QCOMPARE(int(error.kind), kind);
    QVERIFY(dockerError(500, std::string(100000, 'x')).message.size() < 600);
  }

  void framesAreReadWhereverTheyAreCut() {
    const QByteArray bytes = dockerFrame(1, "out") + dockerFrame(2, "") + dockerFrame(2, "err\n") +
                             dockerFrame(0, "in") + dockerFrame(1, QByteArray(70000, 'x'));
    for (int piece : {1, 2, 3, 7, 8, 9, 4096, 1000000}) {
      QString log;
      int large = 0;
      DockerFrames frames(true, [&](DockerOutput output, std::string_view part) {
        if (part.find('x') != std::string_view::npos)
          large += int(part.size());
        else
          log += (output == DockerOutput::Stderr ? QStringLiteral("2") : QStringLiteral("1")) +
                 QString::fromStdString(std::string(part));
      });
      framesOf(frames, log, bytes, piece);
      QCOMPARE(QString(log).remove(QLatin1Char('1')).remove(QLatin1Char('2')), QStringLiteral("outerr\nin"));
      QCOMPARE(large, 70000);
      QVERIFY(frames.isWhole());
      QVERIFY(frames.take(std::string_view("\1\0\0\0\0", 5)).has_value() && !frames.isWhole());
    }
  }

  void whatIsNotFramedIsNotTakenForFrames() {
    QString log;
    const auto sink = [&](DockerOutput, std::string_view part) {
      log += QString::fromStdString(std::string(part));
    };
    DockerFrames framed(true, sink);
    QVERIFY(!framed.take("plain text of a terminal"));
    QVERIFY(!framed.take(dockerFrame(1, "late").toStdString()));
    QCOMPARE(log, QString());
    DockerFrames terminal(false, sink);
    QVERIFY(terminal.take("plain text").has_value());
    QCOMPARE(log, QStringLiteral("plain text"));
  }

  void linesAreCutAtTheirLimit() {
    QStringList lines;
    LineSplitter splitter(5,
                          [&](std::string_view line) { lines += QString::fromStdString(std::string(line)); });
    for (const char* piece : {"a\r\nb", "b\n\n123", "456789\nlast"})
      splitter.take(piece);
    splitter.finish();
    QCOMPARE(lines.join(QLatin1Char('|')), QStringLiteral("a|bb||12345|last"));
    QCOMPARE(splitter.cutLines(), 1);
  }

  void aPullIsWhatItsLastLinesSay() {
    QStringList steps;
    DockerPullReader reader([&](const DockerPullStep& step) {
      steps += QString::fromStdString(step.layer + ":" + step.status + ":" + std::to_string(step.done));
    });
    reader.take("{\"status\":\"Pulling from ratd\",\"id\":\"2.0.0\"}\r\n{\"status\":\"Down");
    reader.take(
        "loading\",\"progressDetail\":{\"current\":7,\"total\":9},\"id\":\"l1\"}\r\n"
        "{\"status\":\"Digest: sha256:abc\"}\r\n{\"status\":\"Status: Downloaded newer image for x\"}\r\n");
    const auto pull = reader.finish();
    QVERIFY2(pull.has_value(), qPrintable(problem(pull)));
    QCOMPARE(pull->digest, std::string("sha256:abc"));
    QVERIFY(pull->wasNew);
    QCOMPARE(steps.at(1), QStringLiteral("l1:Downloading:7"));
  }

  void aListAndWhatARegistryHasAreRead() {
    const auto images = readDockerImages(
        R"([{"Id":"sha256:a","RepoTags":["ratd:1","ratd:2"]},{"Id":"sha256:b","RepoTags":null}])");
    QVERIFY2(images.has_value(), qPrintable(problem(images)));
    QCOMPARE(images->at(0).tags.size(), 2u);
    QVERIFY(images->at(1).tags.empty());
    QVERIFY(!readDockerImages("{}"));
    const auto found = readDockerDistribution(
        R"({"Descriptor":{"digest":"sha256:d"},"Platforms":[{"architecture":"amd64","os":"linux"}]})");
    QVERIFY2(found.has_value(), qPrintable(problem(found)));
    QCOMPARE(found->digest, std::string("sha256:d"));
    QVERIFY((found->platforms == std::vector<DockerPlatform>{{"linux", "amd64"}}));
    QVERIFY(!readDockerDistribution("{}"));
  }

  void aRegistrysFailureSaysWhatToDoNext_data() {
    QTest::addColumn<QString>("words");
    QTest::addColumn<QString>("registry");
    QTest::addColumn<QString>("next");
    const auto row = [](const char* words, const char* registry, const char* next) {
      QTest::newRow(words) << QString::fromLatin1(words) << QString::fromLatin1(registry)
                           << QString::fromLatin1(next);
    };
    row("Docker says (500): Head \"http://h:5/v2/a/manifests/1\": no basic auth credentials", "h:5",
        "run `docker login h:5`");
    row("Docker says (401): wrong", "docker.io", "run `docker login`");
    row("Docker says (404): pull access denied for x, repository does not exist or may require 'docker "
        "login'",
        "docker.io", "check the image's name, or run `docker login`");
    row("Docker says (403): errors: denied: requested access to the resource is denied unauthorized: "
        "authentication",
        "h:5", "check the image's name, or run `docker login h:5`");
    row("Docker says (404): manifest for h:5/a:9 not found", "h:5", "check the image's name and tag");
    row("Docker says (500): dial tcp 127.0.0.1:5: connect: connection refused", "h:5",
        "check that the Docker host reaches the registry h:5");
    row("Docker says (500): no space left on device", "h:5", "");
  }

  void aRegistrysFailureSaysWhatToDoNext() {
    QFETCH(QString, words);
    QFETCH(QString, registry);
    QFETCH(QString, next);
    const auto error =
        registryError({ErrorKind::Internal, words.toStdString(), {}, {}}, registry.toStdString());
    QCOMPARE(QString::fromStdString(error.next), next);
  }

  void aPullThatFailsInItsStreamFails_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("kind");
    QTest::newRow("missing") << QByteArray(R"({"errorDetail":{"message":"manifest unknown"},"error":"x"})")
                             << int(ErrorKind::NotFound);
    QTest::newRow("denied") << QByteArray(R"({"error":"unauthorized: authentication required"})")
                            << int(ErrorKind::Refused);
    QTest::newRow("full") << QByteArray(R"({"error":"no space left on device"})") << int(ErrorKind::Internal);
    QTest::newRow("garbage") << QByteArray("{garbage") << int(ErrorKind::Internal);
    QTest::newRow("nothing") << QByteArray("") << int(ErrorKind::Internal);
    QTest::newRow("no end") << QByteArray(R"({"status":"Downloading"})") << int(ErrorKind::Internal);
  }

  void aPullThatFailsInItsStreamFails() {
    QFETCH(QByteArray, line);
    QFETCH(int, kind);
    DockerPullReader reader({});
    reader.take(line.toStdString() + "\n");
    const auto pull = reader.finish();
    QVERIFY(!pull);
    QCOMPARE(int(registryError(pull.error(), "docker.io").kind), kind);
  }

  void referencesAreTakenApart_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* text, const char* expected) {
      QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(expected);
    };
    row("ratd", "ratd latest"); // without a tag Docker would pull all of them
    row("ratd:2", "ratd 2");
    row("127.0.0.1:5000/ratd", "127.0.0.1:5000/ratd latest");
    row("127.0.0.1:5000/a/ratd:2", "127.0.0.1:5000/a/ratd 2");
    row("ratd@sha256:ab", "ratd sha256:ab");
    row("host:1/ratd:2@sha256:ab", "host:1/ratd sha256:ab");
    for (const char* wrong : {"", ":2", "ratd:", "a b", "ratd:2&x=y", "ratd@", "a\nb"})
      row(wrong, "error");
  }

  void aReferenceNamesItsRegistry_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* text, const char* expected) {
      QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(expected);
    };
    row("ratd", "docker.io ratd ratd:latest");
    row("library/ratd:2", "docker.io ratd library/ratd:2");
    row("docker.io/library/ratd", "docker.io ratd docker.io/library/ratd:latest");
    row("index.docker.io/rat/ratd:2", "docker.io rat/ratd index.docker.io/rat/ratd:2");
    row("rat/ratd@sha256:ab", "docker.io rat/ratd rat/ratd@sha256:ab");
    row("localhost/ratd:2", "localhost localhost/ratd localhost/ratd:2");
    row("host:5/library/ratd:2@sha256:ab", "host:5 host:5/library/ratd host:5/library/ratd@sha256:ab");
  }

  void aReferenceNamesItsRegistry() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto reference = parseDockerReference(text.toStdString());
    QVERIFY2(reference.has_value(), qPrintable(problem(reference)));
    QCOMPARE(QString::fromStdString(reference->registry() + " " + reference->familiarName() + " " +
                                    reference->toString()),
             expected);
    QCOMPARE(reference->isDigest(), text.contains(QLatin1Char('@')));
  }

  void referencesAreTakenApart() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto reference = parseDockerReference(text.toStdString());
    QCOMPARE(reference ? QString::fromStdString(reference->name + " " + reference->tag)
                       : QStringLiteral("error"),
             expected);
  }

  void aFileComesBackFromItsArchive() {
    for (const std::size_t size : {0u, 1u, 511u, 512u, 513u, 1048576u}) {
      const DockerFile file{"haproxy.cfg", Secret(std::string(size, 'c')), 0640, 1000, 7};
      const auto archive = writeDockerTar(file);
      QVERIFY2(archive.has_value(), qPrintable(problem(archive)));
      QCOMPARE(archive->size() % 512, 0u);
      const auto back = readDockerTar(*archive);
      QVERIFY2(back.has_value(), qPrintable(problem(back)));
      QVERIFY(back->content == file.content && back->name == file.name && back->mode == file.mode &&
              back->user == file.user && back->group == file.group);
    }
  }

  void namesAndSizesThatDoNotFitAreRefused() {
    for (const std::string& name : {std::string(), std::string(".."), std::string("a/b"),
                                    std::string(101, 'n'), std::string("a\0b", 3)})
      QVERIFY(!writeDockerTar({name, Secret("x"), 0644, 0, 0}));
    QVERIFY(!writeDockerTar({"x", Secret(std::string(largestDockerFile + 1, 'c')), 0644, 0, 0}));
  }

  void anArchiveMayNameAFolder() {
    const DockerFile file{"token", Secret("t"), 0400, 0, 0};
    const auto plain = writeDockerTar(file);
    const auto inFolder = writeDockerTar(file, "run/secrets");
    QVERIFY(inFolder);
    QCOMPARE(inFolder->substr(345, 12), std::string("run/secrets\0", 12)); // POSIX's prefix
    QCOMPARE(plain->substr(345, 12), std::string(12, '\0'));
    QCOMPARE(readDockerTar(*inFolder)->name, std::string("token"));
    QVERIFY(writeDockerTar(file, std::string(155, 'f')));
    QVERIFY(!writeDockerTar(file, std::string(156, 'f')));
    QVERIFY(!writeDockerTar(file, std::string("a\0b", 3)));
  }

  void brokenArchivesAreErrorsAndNeverCrash() {
    const std::string archive = *writeDockerTar({"a.conf", Secret(std::string(700, 'c')), 0644, 0, 0});
    for (std::size_t length = 0; length < 512 + 700; ++length)
      QVERIFY(!readDockerTar(std::string_view(archive).substr(0, length)));
    std::string link = archive;
    link[156] = '2';
    QVERIFY(!readDockerTar(link)); // the checksum knows
    const auto seed = testSeed();
    std::mt19937_64 random(seed);
    for (int round = 0; round < 5000; ++round) {
      std::string bytes = archive;
      for (int flips = 0; flips < 3; ++flips)
        bytes[random() % 512] = static_cast<char>(random());
      if (const auto file = readDockerTar(bytes))
        QVERIFY(file->content.reveal().size() <= largestDockerFile);
    }
  }
};

QTEST_GUILESS_MAIN(TestDockerValues)
#include "tst_docker_values.moc"

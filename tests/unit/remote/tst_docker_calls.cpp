#include "answers.h"
#include "core/remote/docker/docker_client.h"
#include "core/remote/docker/docker_event_watch.h"
#include "scripted_docker.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

const QByteArray emptyAnswer = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
const QByteArray notModified = "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n";
const QByteArray openStream = "HTTP/1.1 200 OK\r\nX-Open: yes\r\n\r\n";

QByteArray container(const QByteArray& state, const QByteArray& config = "",
                     const QByteArray& restart = "no") {
  return ScriptedDocker::json(R"({"Id":"ca","State":{"Status":")" + state + R"(","ExitCode":3},"Config":{)" +
                              config + R"(},"HostConfig":{"RestartPolicy":{"Name":")" + restart + R"("}}})");
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

class TestDockerCalls : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() { m_docker = std::make_unique<ScriptedDocker>(); }

  void containersAreListedWithTheirFilters() {
    m_docker->on("GET /v1.41/containers/json", ScriptedDocker::json("[]"));
    DockerConnection connection(m_docker->endpoint());
    Answers<std::vector<DockerContainerSummary>> answers;
    DockerContainers(connection).list({{"label", {"project=shop", "a&b"}}}, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(QString::fromStdString(m_docker->last().query),
             QStringLiteral(R"(all=true&filters={"label":["project=shop","a&b"]})"));
  }

  void whatIsDoneAlreadyIsDone() {
    m_docker->on("POST /v1.41/containers/ca/start", notModified);
    m_docker->on("DELETE /v1.41/images/old:1", ScriptedDocker::json(R"({"message":"No such image"})", 404));
    m_docker->on(
        "DELETE /v1.41/containers/busy",
        ScriptedDocker::json(R"({"message":"removal of container busy is already in progress"})", 409));
    m_docker->on("DELETE /v1.41/containers/runs",
                 ScriptedDocker::json(R"({"message":"You cannot remove"})", 409));
    m_docker->on("POST /v1.41/networks/n1/disconnect",
                 ScriptedDocker::json(R"({"message":"container ca is not connected to network n1"})", 403));
    DockerConnection connection(m_docker->endpoint());
    DockerContainers containers(connection);
    Answers<Done> fine;
    containers.start("ca", fine.next());
    containers.remove("gone", false, fine.next());
    containers.remove("busy", false, fine.next());
    DockerImages(connection).removeTag("old:1", fine.next());
    DockerNetworks(connection).disconnect("n1", "ca", fine.next());
    QVERIFY(fine.wait(5));
    for (std::size_t i = 0; i < 5; ++i)
      QVERIFY2(fine.at(i).has_value(), fine.at(i) ? "" : fine.at(i).error().message.c_str());
    Answers<Done> conflict;
    containers.remove("runs", false, conflict.next());
    Answers<Done> missing;
    containers.start("gone", missing.next());
    QVERIFY(conflict.wait() && missing.wait());
    QCOMPARE(conflict.errorKind(), ErrorKind::Conflict);
    QCOMPARE(missing.errorKind(), ErrorKind::NotFound);
  }

  void aStopSignalsAndWaits() {
    m_docker->on("GET /v1.41/containers/ca/json",
                 container("running", R"("StopSignal":"SIGQUIT")", "always"));
    m_docker->on("POST /v1.41/containers/ca/kill", emptyAnswer);
    m_docker->on("POST /v1.41/containers/ca/wait", ScriptedDocker::json(R"({"StatusCode":0})"));
    const auto stopped = stop({"", 5s});
    QVERIFY2(stopped.has_value(), stopped ? "" : stopped.error().message.c_str());
    QVERIFY(!stopped->wasKilled);
    QCOMPARE(m_docker->log(),
             QStringLiteral("GET /_ping|GET /v1.41/containers/ca/json|"
                            "POST /v1.41/containers/ca/kill|POST /v1.41/containers/ca/wait"));
    QCOMPARE(m_docker->requests().at(2).query, std::string("signal=SIGQUIT")); // its own
  }

  void aStopKillsAtTheGracesEnd() {
    bool isKilled = false;
    m_docker->on("GET /v1.41/containers/ca/json", container("running"));
    m_docker->on("POST /v1.41/containers/ca/kill", [&](const ScriptedDocker::Request& request) {
      isKilled = request.query == "signal=SIGKILL";
      return emptyAnswer;
    });
    m_docker->on("POST /v1.41/containers/ca/wait", [&](const ScriptedDocker::Request&) {
      return isKilled ? ScriptedDocker::json(R"({"StatusCode":137})") : QByteArray();
    });
    const auto stopped = stop({"SIGTERM", 100ms});
    QVERIFY2(stopped.has_value(), stopped ? "" : stopped.error().message.c_str());
    QVERIFY(stopped->wasKilled);
    QCOMPARE(stopped->exitCode, 137);
  }

  void aStopKeepsTheEngineFromStartingItAnew() {
    m_docker->on("GET /v1.41/containers/ca/json",
                 container("running", R"("StopSignal":"SIGQUIT")", "always"));
    m_docker->on("POST /v1.41/containers/ca/update", ScriptedDocker::json(R"({"Warnings":null})"));
    m_docker->on("POST /v1.41/containers/ca/kill",
                 ScriptedDocker::json(R"({"message":"Container ca is not running"})", 409)); // just ended
    m_docker->on("POST /v1.41/containers/ca/wait", ScriptedDocker::json(R"({"StatusCode":3})"));
    const auto stopped = stop({"SIGTERM", 5s});
    QCOMPARE(stopped->exitCode, 3);
    QCOMPARE(m_docker->requests().at(2).line, std::string("POST /v1.41/containers/ca/update"));
    QCOMPARE(m_docker->requests().at(2).body, std::string(R"({"RestartPolicy":{"Name":"no"}})"));
  }

  void aStopOfWhatDoesNotRunAsksForNothing() {
    m_docker->on("GET /v1.41/containers/ca/json", container("exited"));
    QCOMPARE(stop({"SIGTERM", 5s})->exitCode, 3);
    QCOMPARE(m_docker->requests().size(), 2u);
  }

  void aStopIsCancelledByTheIdItGave() {
    m_docker->on("GET /v1.41/containers/ca/json", container("running"));
    m_docker->on("POST /v1.41/containers/ca/kill", emptyAnswer);
    m_docker->on("POST /v1.41/containers/ca/wait", QByteArray());
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerStopped> silent;
    const auto id = DockerContainers(connection).stop("ca", {"SIGTERM", 200ms}, silent.next());
    QVERIFY(QTest::qWaitFor([&] { return m_docker->log().endsWith(QLatin1String("wait")); }, 3000));
    connection.cancel(id);
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0; }, 300));
    QVERIFY(m_docker->log().endsWith(QLatin1String("wait"))); // and nothing was killed
  }

  void aCommandGivesItsOutputAndExitCode() {
    m_docker->cutStreamsInto(3);
    m_docker->on("POST /v1.41/containers/ca/exec", ScriptedDocker::json(R"({"Id":"e1"})", 201));
    m_docker->on(
        "POST /v1.41/exec/e1/start",
        ScriptedDocker::stream(dockerFrame(1, "one ") + dockerFrame(2, "two ") + dockerFrame(1, "three")));
    m_docker->on("GET /v1.41/exec/e1/json", ScriptedDocker::json(R"({"Running":false,"ExitCode":7})"));
    const auto whole = run({{"sh", "-c", "x"}, "app", 5s, 100});
    QVERIFY2(whole.has_value(), whole ? "" : whole.error().message.c_str());
    QCOMPARE(whole->output, std::string("one two three"));
    QCOMPARE(whole->printed, std::string("one three"));
    QCOMPARE(whole->exitCode, 7);
    QVERIFY(!whole->isCut);
    const auto body = Json::parse(m_docker->requests().at(1).body);
    QCOMPARE(body["Cmd"].dump(), std::string(R"(["sh","-c","x"])"));
    QVERIFY(body["Privileged"] == false && body["Tty"] == false && body["User"] == "app");
    const auto cut = run({{"x"}, "", 5s, 6});
    QCOMPARE(cut->output, std::string("one tw"));
    QCOMPARE(cut->printed, std::string("one "));
    QVERIFY(cut->isCut);
  }

  void aCommandThatRanIsNotTakenForOneThatDidNot() {
    m_docker->on("POST /v1.41/containers/ca/exec", ScriptedDocker::json(R"({"Id":"e1"})", 201));
    m_docker->on("POST /v1.41/exec/e1/start", ScriptedDocker::stream(dockerFrame(1, "done")));
    m_docker->on("GET /v1.41/exec/e1/json", ScriptedDocker::json(R"({"message":"No such exec"})", 404));
    const auto unknown = run({{"x"}, "", 5s, 100});
    QVERIFY(!unknown.has_value());
    QCOMPARE(unknown.error().kind, ErrorKind::Internal);
    QVERIFY(unknown.error().message.starts_with("the command has ended, and how is not known"));
    m_docker->on("POST /v1.41/containers/ca/exec", ScriptedDocker::json(R"({"message":"none"})", 404));
    QCOMPARE(run({{"x"}, "", 5s, 100}).error().kind, ErrorKind::NotFound); // the control: nothing ran
  }

  void aCommandThatDoesNotEndIsGivenUp() {
    m_docker->on("POST /v1.41/containers/ca/exec", ScriptedDocker::json(R"({"Id":"e1"})", 201));
    m_docker->on("POST /v1.41/exec/e1/start", openStream + dockerFrame(1, "busy"));
    const auto result = run({{"x"}, "", 200ms, 100});
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    QVERIFY(result->timedOut);
    QCOMPARE(result->output, std::string("busy"));
  }

  void logsAreReadAsTheContainerWritesThem_data() {
    QTest::addColumn<bool>("tty");
    QTest::newRow("framed") << false;
    QTest::newRow("terminal") << true;
  }

  void logsAreReadAsTheContainerWritesThem() {
    QFETCH(bool, tty);
    const QByteArray one = "2026-07-01T12:00:00.5Z one\n";
    const QByteArray two = "2026-07-01T12:00:01Z  two words\r\n";
    const QByteArray three = "2026-07-01T12:00:02Z ";
    m_docker->cutStreamsInto(5);
    m_docker->on("GET /v1.41/containers/ca/json",
                 container("running", tty ? R"("Tty":true)" : R"("Tty":false)"));
    m_docker->on(
        "GET /v1.41/containers/ca/logs",
        ScriptedDocker::stream(tty ? one + two + three
                                   : dockerFrame(1, one) + dockerFrame(2, two) + dockerFrame(1, three)));
    DockerConnection connection(m_docker->endpoint());
    Answers<std::vector<DockerLogLine>> answers;
    DockerLogs(connection).tail("ca", 9, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    const auto& lines = *answers.at(0);
    QCOMPARE(lines.size(), 3u);
    QCOMPARE(lines[0].text, std::string("one"));
    QCOMPARE(lines[1].text, std::string(" two words"));
    QCOMPARE(lines[2].text, std::string());
    QVERIFY(lines[1].output == (tty ? DockerOutput::Stdout : DockerOutput::Stderr));
    QCOMPARE(toRfc3339(lines[0].at), std::string("2026-07-01T12:00:00.500000000Z"));
    QVERIFY(mentions(m_docker->last().query, "tail=9&follow=false"));
  }

  void aLogThatIsNotFramedThoughItShouldIsAnError() {
    m_docker->on("GET /v1.41/containers/ca/json", container("running"));
    m_docker->on("GET /v1.41/containers/ca/logs", ScriptedDocker::stream("plain text"));
    DockerConnection connection(m_docker->endpoint());
    Answers<std::vector<DockerLogLine>> answers;
    DockerLogs(connection).tail("ca", 9, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(mentions(answers.errorText(), "not in frames"), answers.errorText().c_str());
  }

  void aListenerThatCancelsHearsNothingMore() {
    m_docker->on("GET /v1.41/containers/ca/json", container("running"));
    m_docker->on("GET /v1.41/containers/ca/logs", openStream + dockerFrame(1, "one\ntwo\nthree\n"));
    DockerConnection connection(m_docker->endpoint());
    Answers<Done> silent;
    int lines = 0;
    CallId id{};
    id = DockerLogs(connection)
             .follow(
                 "ca", 0,
                 [&](const DockerLogLine&) {
                   ++lines;
                   connection.cancel(id);
                 },
                 silent.next());
    QVERIFY(QTest::qWaitFor([&] { return lines > 0; }, 3000));
    QVERIFY(!QTest::qWaitFor([&] { return lines > 1 || silent.count() > 0; }, 50));
  }

  void aPullAsksForOneTag() {
    m_docker->cutStreamsInto(11);
    m_docker->on("POST /v1.41/images/create",
                 ScriptedDocker::stream("{\"status\":\"Digest: sha256:ab\"}\r\n"
                                        "{\"status\":\"Status: Image is up to date for ratd\"}\r\n"));
    DockerConnection connection(m_docker->endpoint());
    DockerImages images(connection);
    Answers<DockerPull> answers;
    images.pull("127.0.0.1:5000/ratd", {}, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(answers.at(0)->digest, std::string("sha256:ab"));
    QVERIFY(!answers.at(0)->wasNew);
    QCOMPARE(m_docker->last().query, std::string("fromImage=127.0.0.1:5000/ratd&tag=latest"));
    Answers<DockerPull> wrong;
    images.pull("two words", {}, wrong.next());
    QCOMPARE(wrong.count(), 0u);
    QVERIFY(wrong.wait());
    QCOMPARE(wrong.errorKind(), ErrorKind::Input);
  }

  void aContainersFileIsReadAndWritten() {
    const DockerFile file{"a.cfg", Secret("content"), 0600, 0, 0};
    const auto archive = QByteArray::fromStdString(*writeDockerTar(file));
    m_docker->on("GET /v1.41/containers/ca/archive", ScriptedDocker::json(archive));
    m_docker->on("PUT /v1.41/containers/ca/archive", ScriptedDocker::json(""));
    DockerConnection connection(m_docker->endpoint());
    DockerFiles files(connection);
    Answers<DockerFile> read;
    files.read("ca", "/etc/a b.cfg", read.next());
    QVERIFY(read.wait());
    QVERIFY2(read.at(0).has_value(), read.errorText().c_str());
    QVERIFY(read.at(0)->content == file.content);
    QCOMPARE(m_docker->last().query, std::string("path=/etc/a b.cfg"));
    Answers<Done> written;
    files.write("ca", "/etc", file, written.next());
    QVERIFY(written.wait());
    QVERIFY2(written.at(0).has_value(), written.errorText().c_str());
    QCOMPARE(m_docker->last().body, archive.toStdString());
    QVERIFY(mentions(m_docker->last().head, "Content-Type: application/x-tar"));
  }

  void aPathIsDescribedByAHeader() {
    const auto described = [](const char* json) {
      return readDockerPathInfo(QByteArray(json).toBase64().toStdString());
    };
    const auto file = described(R"({"name":"web.conf","size":6,"mode":420,"linkTarget":""})");
    QVERIFY(file && file->isRegular);
    QCOMPARE(file->size, 6);
    for (const char* other : {R"({"name":"etc","size":4096,"mode":2147484141})",    // a folder
                              R"({"name":"link","size":4,"mode":134218239})",       // a link
                              R"({"name":"docker.sock","size":0,"mode":16777600})", // a socket
                              R"({"name":"null","size":0,"mode":69206454})"})       // a device
      QVERIFY2(described(other) && !described(other)->isRegular, other);
    for (const char* broken : {"", "%%%", "bm8ganNvbg=="})
      QVERIFY2(!readDockerPathInfo(broken), broken);
  }

  void aFileMayBringItsFolders() {
    m_docker->on("PUT /v1.41/containers/ca/archive", ScriptedDocker::json(""));
    DockerConnection connection(m_docker->endpoint());
    DockerFiles files(connection);
    const DockerFile file{"token", Secret("t"), 0400, 0, 0};
    Answers<Done> placed;
    files.place("ca", "/run/secrets/token", file, placed.next());
    QVERIFY(placed.wait());
    QVERIFY2(placed.at(0).has_value(), placed.errorText().c_str());
    QVERIFY(m_docker->last().query.starts_with("path=/&"));
    QCOMPARE(m_docker->last().body, *writeDockerTar(file, "run/secrets"));
    files.place("ca", "/token", file, placed.next());
    QVERIFY(placed.wait(2));
    QCOMPARE(m_docker->last().body, *writeDockerTar(file));
    Answers<Done> wrong;
    for (const char* path : {"token", "/run/other", "/", ""})
      files.place("ca", path, file, wrong.next());
    QVERIFY(wrong.wait(4));
    for (std::size_t i = 0; i < 4; ++i)
      QCOMPARE(wrong.at(i).error().kind, ErrorKind::Input);
    QCOMPARE(m_docker->requests().size(), 3u); // the ping and the two that went out
  }

  void networksAndVolumesAreMadeAsTheyAreDescribed() {
    m_docker->on("POST /v1.41/networks/create", ScriptedDocker::json(R"({"Id":"n1","Warning":""})", 201));
    m_docker->on("POST /v1.41/networks/n1/connect", ScriptedDocker::json(""));
    m_docker->on("POST /v1.41/volumes/create", ScriptedDocker::json(R"({"Name":"v","Driver":"local"})", 201));
    m_docker->on("GET /v1.41/volumes/v", ScriptedDocker::json(R"({"Name":"v","Labels":{"a":"b"}})"));
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerCreated> network;
    DockerNetworks(connection).create({{"Name", "front"}}, network.next());
    QVERIFY(network.wait());
    QCOMPARE(network.at(0)->id, std::string("n1"));
    QCOMPARE(m_docker->last().body, std::string(R"({"Name":"front"})"));
    Answers<Done> connected;
    DockerNetworks(connection).connect("n1", "ca", {{"Links", {"db:d"}}}, connected.next());
    QVERIFY(connected.wait());
    QCOMPARE(m_docker->last().body, std::string(R"({"Container":"ca","EndpointConfig":{"Links":["db:d"]}})"));
    Answers<DockerVolume> volume;
    DockerVolumes volumes(connection);
    volumes.create({{"Name", "v"}}, volume.next());
    QVERIFY(volume.wait());
    QCOMPARE(volume.at(0)->driver, std::string("local"));
    volumes.inspect("v", volume.next());
    volumes.inspect("missing", volume.next());
    QVERIFY(volume.wait(3));
    QCOMPARE(volume.at(1)->labels.at("a"), std::string("b"));
    QCOMPARE(volume.at(2).error().kind, ErrorKind::NotFound);
  }

  void aContainerMayBeForOnePlatform() {
    m_docker->on("POST /v1.41/containers/create", ScriptedDocker::json(R"({"Id":"ca"})", 201));
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerCreated> made;
    DockerContainers(connection).create("web", Json::object(), made.next(), "linux/arm64");
    QVERIFY(made.wait());
    QCOMPARE(m_docker->last().query, std::string("name=web&platform=linux/arm64"));
    DockerContainers(connection).create("web", Json::object(), made.next());
    QVERIFY(made.wait(2));
    QCOMPARE(m_docker->last().query, std::string("name=web"));
  }

  void eventsAreHintsToLookAgain() {
    const QByteArray event = R"({"Type":"container","Action":"die","Actor":{"ID":"ca"}})";
    m_docker->on("GET /v1.41/events", openStream + event + "\n" + event + "\n");
    DockerConnection connection(m_docker->endpoint());
    QStringList log;
    DockerEventWatch::Options options;
    options.filters = {{"type", {"container"}}};
    options.period = 10min;
    options.firstPause = 10ms;
    DockerEventWatch watch(connection, options, [&](DockerLook look) {
      static const char* words[] = {"connected", "event", "lost", "periodic"};
      log += QString::fromLatin1(words[int(look)]);
    });
    QVERIFY(QTest::qWaitFor([&] { return log.size() >= 2; }, 3000));
    QVERIFY(watch.isConnected());
    m_docker->hangUp();
    QVERIFY(QTest::qWaitFor([&] { return log.size() >= 5; }, 3000));
    QCOMPARE(log.mid(0, 5).join(QLatin1Char(' ')), QStringLiteral("connected event lost connected event"));
    QCOMPARE(m_docker->last().query, std::string(R"(filters={"type":["container"]})"));
  }

  void theWatchTriesLessAndLessOftenAndStillLooks() {
    m_docker->on("GET /v1.41/events", ScriptedDocker::json(R"({"message":"not now"})", 500));
    DockerConnection connection(m_docker->endpoint());
    int periodic = 0;
    int others = 0;
    DockerEventWatch::Options options;
    options.period = 20ms;
    options.firstPause = 10ms;
    options.longestPause = 10min;
    DockerEventWatch watch(connection, options,
                           [&](DockerLook look) { ++(look == DockerLook::Periodic ? periodic : others); });
    QVERIFY(QTest::qWaitFor([&] { return periodic >= 20; }, 5000));
    QCOMPARE(others, 0);
    // Pauses of 10, 20, 40, 80, 160 … ms within some 400 ms; without them there would be dozens of tries.
    const auto tries = m_docker->log().count(QLatin1String("/events"));
    QVERIFY2(tries >= 3 && tries <= 10, qPrintable(QString::number(tries)));
    QVERIFY(mentions(watch.trouble()->message, "not now"));
  }

  void aListenerMayDestroyTheWatch() {
    m_docker->on("GET /v1.41/events", openStream);
    DockerConnection connection(m_docker->endpoint());
    int looks = 0;
    std::unique_ptr<DockerEventWatch> watch;
    DockerEventWatch::Options options;
    options.period = 5ms;
    watch = std::make_unique<DockerEventWatch>(connection, options, [&](DockerLook) {
      ++looks;
      watch.reset();
    });
    QVERIFY(QTest::qWaitFor([&] { return looks > 0; }, 3000));
    QVERIFY(!QTest::qWaitFor([&] { return looks > 1; }, 50));
  }

private:
  Result<DockerStopped> stop(const DockerStop& stop) {
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerStopped> answers;
    DockerContainers(connection).stop("ca", stop, answers.next());
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Timeout, "no answer");
  }
  Result<DockerExecResult> run(const DockerCommand& command) {
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerExecResult> answers;
    m_docker->forget();
    DockerExecs(connection).run("ca", command, answers.next());
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Timeout, "no answer");
  }

  std::unique_ptr<ScriptedDocker> m_docker;
};

QTEST_GUILESS_MAIN(TestDockerCalls)
#include "tst_docker_calls.moc"

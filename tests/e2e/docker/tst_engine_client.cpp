// Every call of the Docker client on a real engine.
#include "core/remote/docker/docker_client.h"
#include "core/remote/docker/docker_event_watch.h"
#include "tests/e2e/docker/docker_rig.h"

#include <QTest>

#include <algorithm>
#include <curl/curl.h>

using namespace ratdeck;

namespace {

QString textsOf(const std::vector<DockerLogLine>& lines) {
  QStringList texts;
  for (const auto& line : lines)
    texts += (line.output == DockerOutput::Stderr ? QStringLiteral("2:") : QStringLiteral("1:")) +
             QString::fromStdString(line.text);
  return texts.join(QLatin1Char(' '));
}

} // namespace

class TestEngineClient : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DockerRig>();
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    const auto image = m_rig->makeImage("program:1");
    QVERIFY2(image.isEmpty(), qPrintable(image));
    m_docker = std::make_unique<DockerClient>(m_rig->endpoint());
  }

  void cleanupTestCase() {
    m_docker.reset();
    m_rig.reset();
  }

  void theEngineSaysWhatItIs() {
    auto& system = m_docker->system;
    const auto version = await<DockerVersion>([&](auto done) { system.version(done); });
    QVERIFY_VALUE(version);
    QVERIFY(!version->version.empty());
    const auto info = await<DockerInfo>([&](auto done) { system.info(done); });
    QVERIFY_VALUE(info);
    QVERIFY(!info->liveRestore);
    QVERIFY(info->swarm == DockerSwarm::Inactive);
    QCOMPARE(QString::fromStdString(info->rootFolder), m_rig->folder() + QStringLiteral("/data"));
    QVERIFY(m_docker->connection.apiMinor() >= 41);
    qInfo("Docker %s, API %s, spoken 1.%d", version->version.c_str(), version->apiVersion.c_str(),
          m_docker->connection.apiMinor());
  }

  void aContainerLivesAndIsRemoved() {
    const std::string name = "shop-ratd-1";
    Json body = DockerRig::containerOf("program:1", {"wait"});
    body["Labels"]["service"] = "ratd";
    const auto made = create(name, body);
    QVERIFY_VALUE(made);
    QCOMPARE(inspect(name)->state, DockerState::Created);
    const auto twice = create(name, body);
    QCOMPARE(twice.error().kind, ErrorKind::Conflict);
    QVERIFY_VALUE(start(name));
    QVERIFY_VALUE(start(name)); // it runs already
    const auto running = inspect(name);
    QVERIFY_VALUE(running);
    QVERIFY(running->isRunning() && running->startedAt.has_value() && !running->finishedAt.has_value());
    QCOMPARE(running->id, made->id);
    QCOMPARE(memberAt(memberAt(running->raw, "Config"), "Cmd").dump(), std::string(R"(["wait"])"));
    const auto listed = list({{"label", {"service=ratd", "ratdeck.test"}}});
    QVERIFY_VALUE(listed);
    QCOMPARE(listed->size(), 1u);
    QCOMPARE(listed->at(0).name, name);
    QVERIFY(listed->at(0).state == DockerState::Running);
    QCOMPARE(listed->at(0).imageId, running->imageId);
    QCOMPARE(list({{"label", {"service=ratq"}}})->size(), 0u);
    QCOMPARE(remove(name, false).error().kind, ErrorKind::Conflict);
    QVERIFY_VALUE(remove(name, true));
    QVERIFY_VALUE(remove(name, false));
    QCOMPARE(inspect(name).error().kind, ErrorKind::NotFound);
    QCOMPARE(start(name).error().kind, ErrorKind::NotFound);
  }

  void aMissingImageIsNotFound() {
    QCOMPARE(create("nobody", DockerRig::containerOf("missing:1", {"wait"})).error().kind,
             ErrorKind::NotFound);
    auto& images = m_docker->images;
    const auto image = await<DockerImage>([&](auto done) { images.inspect("missing:1", done); });
    QCOMPARE(image.error().kind, ErrorKind::NotFound);
  }

  void anEndIsWaitedForWithItsExitCode() {
    run("ends", {"out", "x", "exit", "7"});
    const auto exit = await<DockerExit>([&](auto done) { m_docker->containers.wait("ends", 10s, done); });
    QVERIFY_VALUE(exit);
    QCOMPARE(exit->exitCode, 7);
    run("stays", {"wait"});
    const auto early = await<DockerExit>([&](auto done) { m_docker->containers.wait("stays", 200ms, done); });
    QCOMPARE(early.error().kind, ErrorKind::Timeout);
  }

  void aStopIsGentleAndThenFirm() {
    run("gentle", {"wait"});
    const auto gentle = stop("gentle", {"SIGTERM", 10s});
    QVERIFY_VALUE(gentle);
    QCOMPARE(gentle->exitCode, 0);
    QVERIFY(!gentle->wasKilled);
    QCOMPARE(stop("gentle", {"SIGTERM", 10s})->exitCode, 0); // once more: it is down already
    run("stubborn", {"stubborn", "out", "ready", "wait"});
    QVERIFY(waitForLog("stubborn", QStringLiteral("1:ready")));
    const auto firm = stop("stubborn", {"SIGTERM", 300ms});
    QVERIFY_VALUE(firm);
    QCOMPARE(firm->exitCode, 137);
    QVERIFY(firm->wasKilled);
    const auto kill = await<Done>([&](auto done) { m_docker->containers.kill("gentle", "SIGTERM", done); });
    QCOMPARE(kill.error().kind, ErrorKind::Conflict);
  }

  // The engine takes the container's own signal alone for a stop: after another one, `always` starts it
  // again.
  void aStopWithAnotherSignalStaysAStop() {
    Json body = DockerRig::containerOf("program:1", {"out", "up", "wait"});
    body["StopSignal"] = "SIGQUIT";
    body["HostConfig"]["RestartPolicy"] = {{"Name", "always"}};
    for (const char* name : {"comes-back", "stays-down"}) {
      QVERIFY_VALUE(create(name, body));
      QVERIFY_VALUE(start(name));
      QVERIFY(waitForLog(name, QStringLiteral("1:up")));
    }
    // The control: the bare signal.
    QVERIFY_VALUE(await<Done>([&](auto done) { m_docker->containers.kill("comes-back", "SIGTERM", done); }));
    QVERIFY(QTest::qWaitFor([&] { return inspect("comes-back")->restarts == 1; }, 10000));
    const auto stopped = stop("stays-down", {"SIGTERM", 10s});
    QVERIFY_VALUE(stopped);
    QCOMPARE(stopped->exitCode, 0);
    const auto down = inspect("stays-down");
    QVERIFY(down->state == DockerState::Exited);
    QCOMPARE(down->restarts, 0);
    QVERIFY_VALUE(remove("comes-back", true));
  }

  void logsComeWithTheirStreamsAndTimes() {
    run("talks", {"out", "one", "err", "two", "lines", "3"});
    QVERIFY_VALUE(await<DockerExit>([&](auto done) { m_docker->containers.wait("talks", 10s, done); }));
    const auto all = tail("talks", 100);
    QVERIFY_VALUE(all);
    // Docker reads the two pipes side by side: their order between each other is not kept.
    const auto text = textsOf(*all);
    QVERIFY2(text.contains(QLatin1String("2:two")), qPrintable(text));
    QCOMPARE(QString(text).remove(QStringLiteral("2:two ")).remove(QStringLiteral(" 2:two")),
             QStringLiteral("1:one 1:line 1 1:line 2 1:line 3"));
    for (const auto& line : *all)
      QVERIFY(line.at > WallTime{});
    QCOMPARE(tail("talks", 2)->size(), 2u);
    QCOMPARE(tail("talks", 0)->size(), 0u);
    QCOMPARE(tail("nobody", 2).error().kind, ErrorKind::NotFound);
  }

  void logsOfATerminalHaveNoFrames() {
    Json body = DockerRig::containerOf("program:1", {"out", "one", "err", "two"});
    body["Tty"] = true;
    QVERIFY_VALUE(create("terminal", body));
    QVERIFY_VALUE(start("terminal"));
    QVERIFY_VALUE(await<DockerExit>([&](auto done) { m_docker->containers.wait("terminal", 10s, done); }));
    const auto lines = tail("terminal", 10);
    QVERIFY_VALUE(lines);
    QCOMPARE(textsOf(*lines), QStringLiteral("1:one 1:two"));
  }

  void aLogIsFollowedUntilTheEnd() {
    run("followed", {"out", "begin", "wait"});
    QStringList lines;
    std::optional<Result<Done>> ended;
    auto& logs = m_docker->logs;
    logs.follow(
        "followed", 10, [&](const DockerLogLine& line) { lines += QString::fromStdString(line.text); },
        [&](Result<Done> result) { ended = std::move(result); });
    QVERIFY(QTest::qWaitFor([&] { return !lines.isEmpty(); }, 5000));
    QVERIFY(!ended);
    QVERIFY_VALUE(stop("followed", {"SIGTERM", 10s}));
    QVERIFY(QTest::qWaitFor([&] { return ended.has_value(); }, 5000));
    QVERIFY_VALUE(*ended);
    QCOMPARE(lines.join(QLatin1Char(' ')), QStringLiteral("begin bye"));
  }

  void commandsRunInside() {
    run("host", {"wait"});
    const auto fine = exec("host", {{"/program", "out", "hello", "err", "oops", "exit", "5"}, "", 10s, 1000});
    QVERIFY_VALUE(fine);
    QCOMPARE(fine->exitCode, 5);
    QVERIFY2(fine->output == "hello\noops\n" || fine->output == "oops\nhello\n", fine->output.c_str());
    const auto cut = exec("host", {{"/program", "lines", "5000"}, "", 10s, 12});
    QCOMPARE(cut->output, std::string("line 1\nline "));
    QVERIFY(cut->isCut && cut->exitCode == 0);
    const auto late = exec("host", {{"/program", "out", "slow", "wait"}, "", 500ms, 1000});
    QVERIFY_VALUE(late);
    QVERIFY(late->timedOut);
    QCOMPARE(late->output, std::string("slow\n"));
    const auto missing = exec("host", {{"/nothing"}, "", 10s, 1000});
    QVERIFY_VALUE(missing);
    QVERIFY(missing->exitCode == 126 || missing->exitCode == 127);
    QVERIFY2(missing->output.find("/nothing") != std::string::npos, missing->output.c_str());
    QVERIFY_VALUE(stop("host", {"SIGKILL", 10s}));
    QCOMPARE(exec("host", {{"/program"}, "", 10s, 10}).error().kind, ErrorKind::Conflict);
    QCOMPARE(exec("nobody", {{"/program"}, "", 10s, 10}).error().kind, ErrorKind::NotFound);
  }

  void eventsTellWhenToLook() {
    QStringList heard;
    int looks = 0;
    DockerEventWatch::Options options;
    options.filters = {{"label", {"watched=yes"}}};
    options.period = 10min;
    DockerEventWatch watch(m_docker->connection, options,
                           [&](DockerLook look) { looks += look == DockerLook::Event; });
    auto& events = m_docker->events;
    bool isOpen = false;
    const auto call =
        events.listen({{"label", {"watched=yes"}}, {"type", {"container"}}},
                      {[&] { isOpen = true; },
                       [&](const DockerEvent& event) {
                         heard += QString::fromStdString(event.action + ":" + event.attributes.at("name"));
                       }},
                      [](const Result<Done>&) {});
    QVERIFY(QTest::qWaitFor([&] { return isOpen && watch.isConnected(); }, 5000));
    run("unwatched", {"exit", "0"});
    Json body = DockerRig::containerOf("program:1", {"exit", "3"});
    body["Labels"]["watched"] = "yes";
    QVERIFY_VALUE(create("watched", body));
    QVERIFY_VALUE(start("watched"));
    QVERIFY(
        QTest::qWaitFor([&] { return heard.contains(QStringLiteral("die:watched")) && looks > 0; }, 5000));
    QCOMPARE(heard.join(QLatin1Char(' ')), QStringLiteral("create:watched start:watched die:watched"));
    m_docker->connection.cancel(call);
  }

  void aContainerIsKnownByItsAliasesInANetwork() {
    const auto network = m_rig->makeNetwork("shop");
    QVERIFY(!network.empty());
    auto& networks = m_docker->networks;
    Json body = DockerRig::containerOf("program:1", {"wait"});
    body["HostConfig"]["NetworkMode"] = "shop";
    for (const char* name : {"shop-ratd-1", "shop-ratq-1"}) {
      QVERIFY_VALUE(create(name, body));
      QVERIFY_VALUE(start(name));
    }
    const auto resolved = [&](const char* name) {
      const auto asked = exec("shop-ratq-1", {{"/program", "resolve", name}, "", 10s, 100});
      return QString::fromStdString(asked ? asked->output : asked.error().toString()).trimmed();
    };
    QCOMPARE(resolved("ratd"), QStringLiteral("unknown")); // the control
    const auto connect = [&](const char* container, const std::vector<std::string>& aliases) {
      return await<Done>([&](auto done) {
        networks.connect(network, container, {{"Aliases", aliases}}, done);
      });
    };
    const auto disconnect = [&](const char* container) {
      return await<Done>([&](auto done) { networks.disconnect(network, container, done); });
    };
    QVERIFY(!connect("shop-ratd-1", {"ratd"})); // it is connected: aliases come with a new connection alone
    QVERIFY_VALUE(disconnect("shop-ratd-1"));
    QVERIFY_VALUE(disconnect("shop-ratd-1"));
    QVERIFY_VALUE(connect("shop-ratd-1", {"ratd", "ratd-1"}));
    const auto attachment = inspect("shop-ratd-1")->networks.at("shop");
    QVERIFY(std::count(attachment.aliases.begin(), attachment.aliases.end(), "ratd") == 1);
    QCOMPARE(resolved("ratd"), QString::fromStdString(attachment.address));
    const auto seen = await<DockerNetwork>([&](auto done) { networks.inspect("shop", done); });
    QVERIFY_VALUE(seen);
    QCOMPARE(seen->members.at(inspect("shop-ratd-1")->id), attachment.address);
    const auto listed = await<std::vector<DockerNetwork>>([&](auto done) {
      networks.list({{"name", {"shop"}}}, done);
    });
    QCOMPARE(listed->size(), 1u);
    QCOMPARE(connect("nobody", {}).error().kind, ErrorKind::NotFound);
    for (const char* name : {"shop-ratd-1", "shop-ratq-1"})
      QVERIFY_VALUE(remove(name, true));
  }

  void imagesArePulledTaggedAndRemoved() {
    auto& images = m_docker->images;
    const auto registry = m_rig->startRegistry();
    QVERIFY(!registry.empty());
    const auto reference = registry + "/ratd:2";
    const auto pull = [&](const std::string& image) {
      return await<DockerPull>([&](auto done) { images.pull(image, {}, done); });
    };
    const auto idOf = [&](const std::string& image) {
      const auto found = await<DockerImage>([&](auto done) { images.inspect(image, done); });
      return found ? found->id : found.error().toString();
    };
    const auto untag = [&](const std::string& image) {
      return await<Done>([&](auto done) { images.removeTag(image, done); });
    };
    publish(reference, "first");
    const auto first = idOf(reference);
    QVERIFY_VALUE(untag(reference));
    QVERIFY_VALUE(untag(reference)); // gone already
    const auto pulled = pull(reference);
    QVERIFY_VALUE(pulled);
    QVERIFY(pulled->wasNew);
    QVERIFY(pulled->digest.starts_with("sha256:"));
    QCOMPARE(idOf(reference), first);
    QCOMPARE(idOf(registry + "/ratd@" + pulled->digest), first);
    QVERIFY(!pull(reference)->wasNew);
    // The tag moves: the same reference is another image, the digest stays what it was.
    publish(reference, "second");
    const auto second = idOf(reference);
    QVERIFY_VALUE(await<Done>([&](auto done) { images.tag(first, reference, done); }));
    QCOMPARE(idOf(reference), first);
    QVERIFY(pull(reference)->wasNew);
    QCOMPARE(idOf(reference), second);
    QVERIFY(first != second);
    QVERIFY_VALUE(pull(registry + "/ratd@" + pulled->digest));
    const auto missing = pull(registry + "/ratd:9");
    QCOMPARE(missing.error().kind, ErrorKind::NotFound);
    QVERIFY2(missing.error().toString().find("check the image's name") != std::string::npos,
             missing.error().toString().c_str());
    QCOMPARE(pull(registry + "/nothing:1").error().kind, ErrorKind::NotFound);
    m_rig->stopRegistry();
    const auto away = pull(reference);
    QCOMPARE(away.error().kind, ErrorKind::Internal);
    QVERIFY2(away.error().toString().find("reaches the registry") != std::string::npos,
             away.error().toString().c_str());
    QVERIFY_VALUE(create("uses-it", DockerRig::containerOf(reference, {"wait"})));
    QCOMPARE(untag(second).error().kind, ErrorKind::Conflict); // by id, while a container uses it
  }

  void filesGoInAndOut() {
    auto& files = m_docker->files;
    QVERIFY_VALUE(create("files", DockerRig::containerOf("program:1", {"wait"})));
    const auto read = [&](const char* path) {
      return await<DockerFile>([&](auto done) { files.read("files", path, done); });
    };
    const auto write = [&](const char* folder, const DockerFile& file) {
      return await<Done>([&](auto done) { files.write("files", folder, file, done); });
    };
    const DockerFile large{"large.cfg", Secret(std::string(largestDockerFile, 'x')), 0640, 1000, 1000};
    QVERIFY_VALUE(write("/", large));
    const auto back = read("/large.cfg");
    QVERIFY_VALUE(back);
    QVERIFY(back->content == large.content && back->mode == 0640 && back->user == 1000);
    QCOMPARE(read("/content")->content.reveal(), std::string("1"));
    QCOMPARE(read("/missing").error().kind, ErrorKind::NotFound);
    QCOMPARE(read("/dev").error().kind, ErrorKind::Input); // a folder
    QCOMPARE(read("/").error().kind, ErrorKind::Internal); // far more than a file can be
    QCOMPARE(write("/missing", large).error().kind, ErrorKind::NotFound);
  }

private:
  Result<DockerCreated> create(const std::string& name, const Json& body) {
    return await<DockerCreated>([&](auto done) { m_docker->containers.create(name, body, done); });
  }
  Result<Done> start(const std::string& name) {
    return await<Done>([&](auto done) { m_docker->containers.start(name, done); });
  }
  Result<Done> remove(const std::string& name, bool force) {
    return await<Done>([&](auto done) { m_docker->containers.remove(name, force, done); });
  }
  Result<DockerContainer> inspect(const std::string& name) {
    return await<DockerContainer>([&](auto done) { m_docker->containers.inspect(name, done); });
  }
  Result<std::vector<DockerContainerSummary>> list(const DockerFilters& filters) {
    return await<std::vector<DockerContainerSummary>>(
        [&](auto done) { m_docker->containers.list(filters, done); });
  }
  Result<DockerStopped> stop(const std::string& name, const DockerStop& stop) {
    return await<DockerStopped>([&](auto done) { m_docker->containers.stop(name, stop, done); });
  }
  Result<std::vector<DockerLogLine>> tail(const std::string& name, int lines) {
    auto& logs = m_docker->logs;
    return await<std::vector<DockerLogLine>>([&](auto done) { logs.tail(name, lines, done); });
  }
  Result<DockerExecResult> exec(const std::string& name, const DockerCommand& command) {
    auto& execs = m_docker->execs;
    return await<DockerExecResult>([&](auto done) { execs.run(name, command, done); });
  }
  void run(const std::string& name, const std::vector<std::string>& words) {
    QVERIFY_VALUE(create(name, DockerRig::containerOf("program:1", words)));
    QVERIFY_VALUE(start(name));
  }
  bool waitForLog(const std::string& name, const QString& text) {
    return QTest::qWaitFor(
        [&] {
          const auto lines = tail(name, 10);
          return lines && textsOf(*lines).contains(text);
        },
        5000);
  }
  void publish(const std::string& reference, const std::string& content) {
    const auto made = m_rig->makeImage(reference, content);
    QVERIFY2(made.isEmpty(), qPrintable(made));
    const auto pushed = m_rig->push(reference);
    QVERIFY2(pushed.isEmpty(), qPrintable(pushed));
  }

  std::unique_ptr<DockerRig> m_rig;
  std::unique_ptr<DockerClient> m_docker;
};

QTEST_GUILESS_MAIN(TestEngineClient)
#include "tst_engine_client.moc"

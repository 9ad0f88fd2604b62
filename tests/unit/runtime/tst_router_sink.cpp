// The configuration of a router in a container against an engine by script: what is written, and what is not.
#include "answers.h"

#include "core/runtime/docker/router_container.h"
#include "core/runtime/docker/router_sink.h"
#include "tests/unit/remote/scripted_docker.h"

#include <QTemporaryDir>

#include <curl/curl.h>

#include <algorithm>

using namespace ratdeck;
using namespace ratdeck::test;

class RouterSinkTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::unique_ptr<ScriptedDocker> m_script;
  std::unique_ptr<DockerClient> m_docker;
  std::unique_ptr<DockerCopies> m_copies;
  std::unique_ptr<RouterSink> m_sink;

  // The router runs in the container of this id; a write there is answered so.
  void routerIs(const std::string& id, int status = 200, std::optional<std::string> socketIn = {}) {
    const std::string source = socketIn.value_or(m_folder.path().toStdString());
    const Json labels = {{"com.docker.compose.service", "router"}, {"ratdeck.revision", "1"}};
    const Json listed = Json::array({{{"Id", id}, {"State", "running"}, {"Labels", labels}}});
    const Json seen = {
        {"Id", id},
        {"Name", "/rat-router-1"},
        {"State", {{"Status", "running"}, {"Running", true}}},
        {"Config", {{"Image", "haproxy:2.6"}, {"Labels", labels}}},
        {"Mounts",
         {{{"Type", "bind"}, {"Source", source}, {"Destination", router_container::socketFolder}}}}};
    m_script->on("GET /v1.41/containers/json",
                 ScriptedDocker::json(QByteArray::fromStdString(dumpJson(listed))));
    m_script->on("GET /v1.41/containers/" + id + "/json",
                 ScriptedDocker::json(QByteArray::fromStdString(dumpJson(seen))));
    m_script->on("PUT /v1.41/containers/" + id + "/archive", ScriptedDocker::json("{}", status));
    m_script->on("POST /v1.41/containers/" + id + "/kill", ScriptedDocker::json("", 204));
    m_copies->forget();
  }

  // What was written by one call: "PUT router" or "", or the error.
  std::string put(const std::string& text, bool reload = false) {
    m_script->forget();
    const auto done = answerOf<Done>([&](auto answer) { m_sink->put(text, reload, answer); });
    std::string story = done ? "" : "failed";
    for (const auto& request : m_script->requests())
      if (request.line.starts_with("PUT") || request.line.starts_with("POST"))
        story += (story.empty() ? "" : ", ") + request.line.substr(0, request.line.find(' ')) + ' ' +
                 request.line.substr(std::string("POST /v1.41/containers/").size() -
                                     (request.line.starts_with("PUT") ? 1 : 0));
    return story;
  }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() {
    m_script = std::make_unique<ScriptedDocker>();
    m_docker = std::make_unique<DockerClient>(m_script->endpoint());
    m_copies = std::make_unique<DockerCopies>(*m_docker, "rat", "rat_ratdeck", "");
    m_sink = std::make_unique<RouterSink>(*m_docker, *m_copies, "router", [this](const std::string& mount) {
      return mount == m_folder.path().toStdString();
    });
    routerIs("one");
  }
  void cleanup() {
    m_sink.reset();
    m_copies.reset();
    m_docker.reset();
  }

  void whatTheContainerHasIsNotWrittenAgain() {
    QCOMPARE(put("a"), std::string("PUT one/archive"));
    QCOMPARE(put("a"), std::string());
    QCOMPARE(put("b"), std::string("PUT one/archive"));
    QCOMPARE(put("a"), std::string("PUT one/archive"));
  }

  void anotherContainerGetsTheSameText() {
    QCOMPARE(put("a"), std::string("PUT one/archive"));
    routerIs("two");
    QCOMPARE(put("a"), std::string("PUT two/archive"));
  }

  void aWriteThatFailedIsTriedAgain() {
    QCOMPARE(put("a"), std::string("PUT one/archive"));
    routerIs("one", 500);
    QCOMPARE(put("b"), std::string("failed, PUT one/archive"));
    routerIs("one");
    QCOMPARE(put("a"), std::string("PUT one/archive"));
  }

  // Services that it does not route to may be rolled beside it; the plan speaks of the others.
  void aRouterWithoutASocketIsNobodysAndIsNotWrittenInto() {
    const auto owner = [&] {
      return answerOf<Done>([&](auto answer) { m_sink->checkOwner(answer); }).has_value();
    };
    routerIs("two", 200, "/elsewhere");
    QVERIFY(!owner());
    routerIs("three", 200, "");
    QVERIFY(owner());
    QCOMPARE(put("a"), std::string("failed"));
  }

  void aReloadIsAlwaysWrittenAndTold() {
    QCOMPARE(put("a"), std::string("PUT one/archive"));
    QCOMPARE(put("a", true), std::string("PUT one/archive, POST one/kill"));
  }
};

QTEST_GUILESS_MAIN(RouterSinkTest)
#include "tst_router_sink.moc"

// What is missing is made, what is there is left alone: the requests that an engine sees.
#include "core/runtime/docker/stack_preparation.h"
#include "tests/unit/remote/scripted_docker.h"
#include "tests/unit/runtime/answers.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

StackResource resource(const std::string& name, bool isExternal = false) {
  return {name, "shop_" + name, isExternal, {{"Name", "shop_" + name}}};
}

} // namespace

class TestStackPreparation : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() {
    m_docker = std::make_unique<ScriptedDocker>();
    m_docker->on("GET /v1.41/networks", ScriptedDocker::json("[]"));
    m_docker->on("POST /v1.41/networks/create", ScriptedDocker::json(R"({"Id":"n1"})", 201));
    m_docker->on("POST /v1.41/volumes/create", ScriptedDocker::json(R"({"Name":"shop_data"})", 201));
  }

  void whatIsMissingIsMade() {
    const auto done = prepare({{resource("front"), resource("back")}, {resource("data")}});
    QVERIFY2(done, test::errorOf(done).c_str());
    QCOMPARE(log(), QStringLiteral("GET networks, POST networks/create {\"Name\":\"shop_front\"}, "
                                   "GET networks, POST networks/create {\"Name\":\"shop_back\"}, "
                                   "GET volumes/shop_data, POST volumes/create {\"Name\":\"shop_data\"}"));
  }

  void whatIsThereIsLeftAlone() {
    m_docker->on(
        "GET /v1.41/networks",
        ScriptedDocker::json(R"([{"Id":"1","Name":"shop_front"},{"Id":"2","Name":"shop_front_2"}])"));
    m_docker->on("GET /v1.41/volumes/shop_data", ScriptedDocker::json(R"({"Name":"shop_data"})"));
    const auto done = prepare({{resource("front"), resource("front", true)}, {resource("data")}});
    QVERIFY2(done, test::errorOf(done).c_str());
    QCOMPARE(log(), QStringLiteral("GET networks, GET networks, GET volumes/shop_data"));
  }

  void aNameThatOnlyBeginsTheSameIsNotIt() {
    m_docker->on("GET /v1.41/networks", ScriptedDocker::json(R"([{"Id":"2","Name":"shop_front_2"}])"));
    QVERIFY(prepare({{resource("front")}, {}}));
    QVERIFY(log().contains(QStringLiteral("POST networks/create")));
  }

  void anExternalOneMustExist() {
    const auto network = prepare({{resource("front", true)}, {}});
    QCOMPARE(network.error().kind, ErrorKind::NotFound);
    QCOMPARE(network.error().toString(),
             std::string("the external network shop_front does not exist; make it with "
                         "`docker network create shop_front`, or remove `external`"));
    const auto volume = prepare({{}, {resource("data", true)}});
    QCOMPARE(volume.error().kind, ErrorKind::NotFound);
    QVERIFY(!log().contains(QStringLiteral("POST")));
  }

  void twoOfOneNameAreAnError() {
    m_docker->on("GET /v1.41/networks",
                 ScriptedDocker::json(R"([{"Id":"1","Name":"shop_front"},{"Id":"2","Name":"shop_front"}])"));
    QCOMPARE(prepare({{resource("front")}, {}}).error().kind, ErrorKind::Conflict);
  }

  void whatSomebodyElseMadeMeanwhileIsFine() {
    m_docker->on("POST /v1.41/networks/create", ScriptedDocker::json(R"({"message":"exists"})", 409));
    QVERIFY(prepare({{resource("front")}, {}}));
  }

  void anErrorEndsIt() {
    m_docker->on("POST /v1.41/networks/create", ScriptedDocker::json(R"({"message":"Pool overlaps"})", 403));
    const auto done = prepare({{resource("front"), resource("back")}, {}});
    QCOMPARE(done.error().kind, ErrorKind::Refused);
    QCOMPARE(log(), QStringLiteral("GET networks, POST networks/create {\"Name\":\"shop_front\"}"));
    m_docker->on("GET /v1.41/volumes/shop_data", ScriptedDocker::json(R"({"message":"broken"})", 500));
    QCOMPARE(prepare({{}, {resource("data")}}).error().kind, ErrorKind::Internal);
  }

  void nothingToMakeIsAnsweredToo() {
    QVERIFY(prepare({}));
    QCOMPARE(m_docker->requests().size(), 0u);
  }

  void droppingItDropsTheAnswer() {
    m_docker->on("GET /v1.41/networks", QByteArray()); // no answer at all
    DockerConnection connection(m_docker->endpoint());
    auto preparation = std::make_unique<StackPreparation>(connection);
    bool isAnswered = false;
    preparation->run({{resource("front")}, {}}, [&](const Result<Done>&) { isAnswered = true; });
    QVERIFY(test::waitUntil([&] { return m_docker->log().endsWith(QLatin1String("/networks")); }));
    preparation.reset();
    QVERIFY(!test::waitUntil([&] { return isAnswered; }, 100));
  }

private:
  Result<Done> prepare(const StackResources& resources) {
    m_docker->forget();
    DockerConnection connection(m_docker->endpoint());
    StackPreparation preparation(connection);
    return test::answerOf<Done>([&](Callback<Done> done) { preparation.run(resources, std::move(done)); });
  }
  // Without the ping: "GET networks, POST networks/create BODY".
  QString log() const {
    QStringList lines;
    for (const auto& request : m_docker->requests())
      if (request.line != "GET /_ping")
        lines += (QString::fromStdString(request.line).remove(QStringLiteral("/v1.41/")) + QLatin1Char(' ') +
                  QString::fromStdString(request.body))
                     .trimmed();
    return lines.join(QStringLiteral(", "));
  }

  std::unique_ptr<ScriptedDocker> m_docker;
};

QTEST_GUILESS_MAIN(TestStackPreparation)
#include "tst_stack_preparation.moc"

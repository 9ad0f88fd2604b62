// A router put in front of what Debian's docker-compose brought up on a real engine: the host port is closed
// for as long as the plan says at most, and no longer from the next rollout on.
#include "core/remote/http/http_client.h"
#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/stand_in_images.h"

#include <QElapsedTimer>
#include <QTcpServer>

#include <curl/curl.h>

using namespace ratdeck;

namespace {

constexpr int askMilliseconds = 20;

// Asks for a page again and again, each time on a connection of its own.
class Visitor {
public:
  explicit Visitor(std::uint16_t port) : m_url("http://127.0.0.1:" + std::to_string(port) + "/health") {
    m_clock.start();
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { ask(); });
    m_timer.start(askMilliseconds);
  }
  int asked() const { return m_asked; }
  int failed() const { return m_failed; }
  // From the first that failed to the last.
  Duration closed() const { return std::chrono::milliseconds(m_failed == 0 ? 0 : m_last - m_first); }
  void forget() { m_asked = m_failed = 0; }

private:
  void ask() {
    HttpRequest request;
    request.url = m_url;
    request.freshConnection = true;
    request.timeout = 5s;
    m_http.send(std::move(request), [this, begun = m_clock.elapsed()](Result<HttpResponse> response) {
      ++m_asked;
      if (response && response->status == 200)
        return;
      if (m_failed++ == 0) {
        m_first = begun;
        qInfo("the first that failed: %s",
              response ? std::to_string(response->status).c_str() : response.error().toString().c_str());
      }
      m_last = m_clock.elapsed();
    });
  }

  std::string m_url;
  HttpClient m_http;
  QTimer m_timer;
  QElapsedTimer m_clock;
  int m_asked = 0, m_failed = 0;
  qint64 m_first = 0, m_last = 0;
};

class IntroductionRig : public CtlRig {
public:
  IntroductionRig() : m_engine(withPorts()), m_images(m_engine) {
    QTcpServer server;
    m_port = server.listen(QHostAddress::LocalHost) ? server.serverPort() : 0;
  }
  QString start() {
    if (auto problem = m_engine.start(); !problem.isEmpty())
      return problem;
    return m_images.makeStack();
  }
  StandInImages& images() { return m_images; }
  std::uint16_t port() const { return m_port; }
  void setRouterImage(const QString& image) { m_routerImage = image; }

  bool compose(const QStringList& words) {
    QProcess process;
    process.setProcessEnvironment(environment(QStringLiteral("1.0.0")));
    process.start(QStringLiteral("docker-compose"),
                  QStringList{QStringLiteral("-p"), QStringLiteral("rdintro"), QStringLiteral("-f"),
                              QStringLiteral(STACK_FOLDER "/no_router.yml")} +
                      words);
    const bool ended = process.waitForFinished(120000) && process.exitCode() == 0;
    if (!ended)
      qWarning("%s", process.readAllStandardError().constData());
    return ended;
  }
  // "SERVICE IMAGE HOST-PORT" of each running container, sorted, joined by "|".
  QString inventory() {
    std::vector<std::string> lines;
    const auto list = m_engine.raw("GET", "/containers/json");
    for (const Json& container : list ? parseJson(list->body).value_or(Json::array()) : Json::array()) {
      std::string ports;
      for (const Json& port : memberAt(container, "Ports"))
        if (integerAt(port, "PublicPort") > 0)
          ports += ' ' + std::to_string(integerAt(port, "PublicPort"));
      lines.push_back(textAt(memberAt(container, "Labels"), "com.docker.compose.service") + ' ' +
                      textAt(container, "Image") + ports);
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const auto& line : lines)
      text += line + '|';
    return QString::fromStdString(text);
  }

private:
  static DockerRig::Options withPorts() {
    DockerRig::Options options;
    options.userlandProxy = true; // ports are published without rules in the machine's tables
    return options;
  }
  QProcessEnvironment environment(const QString& version) const override {
    auto environment = CtlRig::environment(version);
    environment.remove(QStringLiteral("DOCKER_CONTEXT"));
    environment.insert(QStringLiteral("DOCKER_HOST"),
                       QStringLiteral("unix://") + QString::fromStdString(m_engine.endpoint().socket));
    environment.insert(QStringLiteral("PAGE_PORT"), QString::number(m_port));
    environment.insert(QStringLiteral("ROUTER_IMAGE"), m_routerImage);
    return environment;
  }
  QStringList completed(const QStringList& arguments) const override {
    return arguments +
           QStringList{QStringLiteral("--runtime"), QStringLiteral("docker"),
                       QStringLiteral("-p"),        QStringLiteral("rdintro"),
                       QStringLiteral("-f"),        QStringLiteral(STACK_FOLDER "/no_router.yml"),
                       QStringLiteral("-f"),        QStringLiteral(STACK_FOLDER "/with_router.yml")};
  }

  std::uint16_t m_port = 0;
  QString m_routerImage = QStringLiteral("haproxy:2.6-alpine");
  DockerRig m_engine;
  StandInImages m_images;
};

} // namespace

class TestIntroduction : public QObject {
  Q_OBJECT

  std::unique_ptr<IntroductionRig> m_rig;

  CliResult run(const char* words, const char* version = "1.0.0") {
    return m_rig->run(QString::fromLatin1(words).split(QLatin1Char(' ')), QString::fromLatin1(version));
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot({QStringLiteral("docker-compose")}); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<IntroductionRig>();
    const auto problem = m_rig->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    QVERIFY(m_rig->compose({QStringLiteral("up"), QStringLiteral("-d")}));
  }
  void cleanupTestCase() { m_rig.reset(); }

  void thePlanNamesThePortAndAsksForAYes() {
    const auto plan = run("plan");
    QVERIFY2(plan.out.find("goes over to the router: it is closed") != std::string::npos,
             plan.toString().c_str());
    const auto refused = run("deploy");
    QVERIFY2(refused.exitCode == 2 && refused.err.find("--yes") != std::string::npos,
             refused.toString().c_str());
  }

  // An image that ends at once: the page has its port again, and there is no router.
  void aRouterThatDoesNotComeUpIsUndone() {
    const auto before = m_rig->inventory();
    QCOMPARE(m_rig->images().make("ratd", "9.9.9", {QStringLiteral("crash")}), QString());
    m_rig->setRouterImage(QStringLiteral("rat/ratd:9.9.9"));
    const auto deploy = run("deploy --yes --output json");
    m_rig->setRouterImage(QStringLiteral("haproxy:2.6-alpine"));
    QVERIFY2(deploy.exitCode == 3, deploy.toString().c_str());
    QCOMPARE(m_rig->inventory(), before);
    Visitor visitor(m_rig->port());
    QVERIFY(QTest::qWaitFor([&] { return visitor.asked() > 10; }, 10000));
    QCOMPARE(visitor.failed(), 0);
  }

  void thePortIsClosedNoLongerThanPlanned() {
    const auto plan = run("plan --output json");
    const Json& page = memberAt(memberAt(memberAt(plan.json, "execution"), "services"), "page");
    QVERIFY2(memberAt(page, "seconds_without").is_number(), plan.toString().c_str());
    const Duration most =
        std::chrono::milliseconds(static_cast<long long>(1000 * page["seconds_without"].get<double>()));
    QVERIFY2(most > 0s, plan.toString().c_str());
    Visitor visitor(m_rig->port());
    const auto deploy = run("deploy --yes --output json");
    QVERIFY2(deploy.exitCode == 0, deploy.toString().c_str());
    QVERIFY(QTest::qWaitFor([&] { return visitor.asked() > 50; }, 10000));
    qInfo("%d of %d failed, closed for %s of at most %s", visitor.failed(), visitor.asked(),
          toHumanString(visitor.closed()).c_str(), toHumanString(most).c_str());
    QVERIFY(visitor.failed() > 0); // the control: it would see a port that is closed
    QVERIFY(visitor.closed() <= most);
  }

  void theNextRolloutLosesNobody() {
    const auto made = m_rig->images().make("portal", "2.0.0");
    QVERIFY2(made.isEmpty(), qPrintable(made));
    QCOMPARE(m_rig->images().make("ratq", "2.0.0"), QString());
    Visitor visitor(m_rig->port());
    const auto deploy = run("deploy --output json", "2.0.0");
    QVERIFY2(deploy.exitCode == 0, deploy.toString().c_str());
    QVERIFY(visitor.asked() > 50);
    QCOMPARE(visitor.failed(), 0);
    QCOMPARE(m_rig->versionsOf("page"), std::vector<std::string>{"2.0.0"});
  }
};

QTEST_GUILESS_MAIN(TestIntroduction)
#include "tst_introduction.moc"

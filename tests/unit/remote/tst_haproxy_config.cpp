#include "core/remote/haproxy/haproxy_config.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace ratdeck;

namespace {

HaproxyConfig sample() {
  HaproxyConfig config;
  config.statsSocket = "/tmp/ratdeck-test-stats.sock";
  config.backends.push_back({"ratd-8080",
                             {"127.95.2.1:8080"},
                             HaproxyMode::Http,
                             {{"ratd-1", "127.95.2.10:8080"}},
                             {},
                             "/health/ready"});
  config.backends.push_back(
      {"ratq-50051", {"127.95.2.2:50051"}, HaproxyMode::H2, {{"ratq-1", "127.95.2.20:50051"}}, {}, {}});
  config.backends.push_back(
      {"postgres-5432", {"127.95.2.3:5432", "[::1]:5432"}, HaproxyMode::Tcp, {}, {}, {}});
  return config;
}

// HAProxy's own judgement of the text.
QString judged(const std::string& text) {
  QTemporaryDir folder;
  QFile file(folder.filePath(QStringLiteral("haproxy.cfg")));
  if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), static_cast<qint64>(text.size())) < 0)
    return QStringLiteral("cannot write");
  file.close();
  QProcess haproxy;
  haproxy.setProcessChannelMode(QProcess::MergedChannels);
  haproxy.start(QStringLiteral("haproxy"), {QStringLiteral("-c"), QStringLiteral("-f"), file.fileName()});
  if (!haproxy.waitForFinished(10000))
    return QStringLiteral("haproxy did not end");
  const auto said = QString::fromLocal8Bit(haproxy.readAll());
  return haproxy.exitCode() == 0 && !said.contains(QLatin1String("WARNING")) ? QString() : said;
}

} // namespace

class TestHaproxyConfig : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void writesWhatHaproxyAcceptsWithoutAWarning() {
    const auto text = writeHaproxyConfig(sample());
    QVERIFY2(text.has_value(), text ? "" : text.error().message.c_str());
    QCOMPARE(judged(*text), QString());
    QVERIFY(!judged(*text + "  nonsense on\n").isEmpty()); // the judge does judge
  }

  void isTheSameTextForTheSameValue() {
    QCOMPARE(*writeHaproxyConfig(sample()), *writeHaproxyConfig(sample()));
  }

  void saysWhatASwapRestsOn() {
    const auto text = QString::fromStdString(*writeHaproxyConfig(sample()));
    for (const char* line :
         {"  retries 0\n", "  no option redispatch\n", "  balance roundrobin\n",
          "  stats socket /tmp/ratdeck-test-stats.sock mode 600 level admin expose-fd listeners\n",
          "  timeout tunnel 3600000ms\n", "  timeout check 2000ms\n", "  hard-stop-after 3600000ms\n",
          "  maxconn 4096\n", "  option httpchk GET /health/ready\n", "  bind 127.95.2.2:50051 proto h2\n",
          "  server ratq-1 127.95.2.20:50051 check inter 200ms rise 2 fall 10 weight 100 proto h2\n",
          "  server ratd-1 127.95.2.10:8080 check inter 200ms rise 2 fall 10 weight 100\n"})
      QVERIFY2(text.contains(QLatin1String(line)), line);
  }

  void refusesWhatHaproxyWouldReadOtherwise() {
    std::vector<HaproxyConfig> configs(10, sample());
    configs[0].statsSocket = "/tmp/a b.sock";
    configs[1].statsSocket = "relative.sock";
    configs[2].backends[0].name = "web\n  bind :1";
    configs[3].backends[0].binds = {"127.95.2.1:80 ssl"};
    configs[4].backends[0].binds = {};
    configs[5].backends[0].servers[0].address = "127.95.2.10";
    configs[6].backends[0].checkPath = "/a\nb";
    configs[7].backends[1].name = configs[7].backends[0].name;
    configs[8].backends[0].options.weight = 0;
    configs[9].backends[0].servers.push_back(configs[9].backends[0].servers[0]);
    for (std::size_t i = 0; i < configs.size(); ++i) {
      const auto text = writeHaproxyConfig(configs[i]);
      QVERIFY2(!text.has_value(), std::to_string(i).c_str());
      QCOMPARE(text.error().kind, ErrorKind::Input);
    }
  }
};

QTEST_GUILESS_MAIN(TestHaproxyConfig)
#include "tst_haproxy_config.moc"

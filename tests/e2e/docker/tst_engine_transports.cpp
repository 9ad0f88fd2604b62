// The ways to an engine: its socket with and without the right to it, TLS, ssh.
#include "core/remote/docker/docker_system.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/ssh_rig.h"

#include <QFile>

#include <curl/curl.h>
#include <unistd.h>

using namespace ratdeck;

namespace {

constexpr uid_t nobody = 65534;

Result<DockerVersion> ask(DockerConnection& connection) {
  DockerSystem system(connection);
  return await<DockerVersion>([&](auto done) { system.version(done); });
}

Result<DockerVersion> ask(const DockerEndpoint& endpoint, const SshTunnel::Options& ssh = {}) {
  DockerConnection connection(endpoint, ssh);
  return ask(connection);
}

bool says(const Result<DockerVersion>& answer, const char* words) {
  const auto text = problemOf(answer);
  qInfo("%s", qPrintable(text));
  return text.contains(QString::fromLatin1(words));
}

} // namespace

class TestEngineTransports : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DockerRig>(DockerRig::Options{.tls = true});
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
  }
  void cleanupTestCase() { m_rig.reset(); }

  void whoMayNotUseTheSocketIsToldWhatToDo() {
    QVERIFY_VALUE(ask(m_rig->endpoint()));
    QCOMPARE(::seteuid(nobody), 0);
    const auto refused = ask(m_rig->endpoint());
    QCOMPARE(::seteuid(0), 0);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().kind, ErrorKind::Unreachable);
    QVERIFY(says(refused, "permission denied; add yourself to the group docker, or use sudo"));
  }

  void tlsVerifiesBothSides() {
    const auto endpoint = m_rig->tlsEndpoint();
    QVERIFY_VALUE(ask(endpoint));
    const std::string foreign = m_rig->foreignCertificates().toStdString();
    auto otherAuthority = endpoint;
    otherAuthority.tls.caFile = foreign + "/ca.pem";
    const auto distrusted = ask(otherAuthority);
    QVERIFY(says(distrusted, "is not to be trusted"));
    QCOMPARE(distrusted.error().kind, ErrorKind::Refused);
    auto systemsAuthorities = endpoint;
    systemsAuthorities.tls.caFile.clear();
    QVERIFY(says(ask(systemsAuthorities), "is not to be trusted"));
    auto otherName = endpoint;
    otherName.host = "localhost"; // the certificate is for 127.0.0.1
    QVERIFY(says(ask(otherName), "is not to be trusted"));
    auto noCertificate = endpoint;
    noCertificate.tls.certificateFile.clear();
    // The server's refusal, or, where it has closed before the request reached it, the question whether it
    // was one.
    QVERIFY(says(ask(noCertificate), "accept this side's certificate"));
    auto otherCertificate = endpoint;
    otherCertificate.tls.certificateFile = foreign + "/cert.pem";
    otherCertificate.tls.keyFile = foreign + "/key.pem";
    QVERIFY(says(ask(otherCertificate), "accept this side's certificate"));
    auto missingKey = endpoint;
    missingKey.tls.keyFile = "/nonexistent/key.pem";
    const auto missing = ask(missingKey);
    QVERIFY(says(missing, "cannot be used"));
    QCOMPARE(missing.error().kind, ErrorKind::Input);
  }

  void inTheClearNothingIsSaidToATlsPort() {
    auto clear = m_rig->tlsEndpoint();
    clear.transport = DockerTransport::Tcp;
    const auto answer = ask(clear);
    QVERIFY(says(answer, "HTTP request to an HTTPS server"));
    QCOMPARE(answer.error().kind, ErrorKind::Input);
  }

  void sshBringsTheSocketHere() {
    if (const auto why = SshRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    SshRig ssh;
    QVERIFY(ssh.isReady());
    {
      DockerConnection connection(ssh.endpointFor(m_rig->endpoint().socket), ssh.options());
      QVERIFY_VALUE(ask(connection));
      QVERIFY_VALUE(ask(connection));
      // The line breaks: what is asked next goes through a new tunnel, sooner or later.
      const auto tunnels = ssh.tunnels();
      QCOMPARE(tunnels.size(), 1u);
      QCOMPARE(ssh.cutConnections(), 1);
      QVERIFY(QTest::qWaitFor([&] { return ssh.tunnels() != tunnels; }, 10000));
      QVERIFY(QTest::qWaitFor([&] { return ask(connection).has_value(); }, 10000));
      QCOMPARE(ssh.tunnels().size(), 1u);
      QVERIFY(ssh.tunnels() != tunnels);
    }
    QVERIFY(ssh.tunnels().empty()); // they end with the client
    const auto nothingThere = ask(ssh.endpointFor("/nonexistent/docker.sock"), ssh.options());
    QVERIFY(says(nothingThere, "is dockerd running?"));
    QCOMPARE(nothingThere.error().kind, ErrorKind::Unreachable);
    ssh.forgetUser();
    const auto noKey = ask(ssh.endpointFor(m_rig->endpoint().socket), ssh.options());
    QVERIFY(says(noKey, "Permission denied"));
    QCOMPARE(noKey.error().kind, ErrorKind::Refused);
    ssh.forgetHost();
    const auto otherHost = ask(ssh.endpointFor(m_rig->endpoint().socket), ssh.options());
    QVERIFY(says(otherHost, "Host key verification failed"));
    QCOMPARE(otherHost.error().kind, ErrorKind::Refused);
  }

  void withoutSshThatIsSaid() {
    SshTunnel::Options options;
    options.program = "/nonexistent/ssh";
    DockerEndpoint endpoint;
    endpoint.transport = DockerTransport::Ssh;
    endpoint.host = "rig";
    const auto answer = ask(endpoint, options);
    QVERIFY(says(answer, "/nonexistent/ssh cannot be started"));
    QCOMPARE(answer.error().kind, ErrorKind::NotFound);
  }

private:
  std::unique_ptr<DockerRig> m_rig;
};

QTEST_GUILESS_MAIN(TestEngineTransports)
#include "tst_engine_transports.moc"

// A real Docker Engine of a test's own: dockerd on a private socket, with its own data, state, containerd
// namespace and bridges, and what goes with it (a registry, images, certificates, an ssh server). Nothing of
// the machine's own Docker is touched, and everything that was made is gone with the rig, by id.
//
// Needs root. The engine's processes end with the test, even if it is killed.
#pragma once

#include "core/base/json.h"
#include "core/remote/docker/docker_connection.h"

#include <QEventLoop>
#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <memory>
#include <optional>
#include <string>

namespace ratdeck {

// Waits for the answer of one call, running the event loop; Timeout after `milliseconds`.
template <class T, class Call>
Result<T> await(Call&& call, int milliseconds = 30000) {
  const auto answer = std::make_shared<std::optional<Result<T>>>();
  QEventLoop loop;
  QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
  const auto quit = std::make_shared<QEventLoop*>(&loop);
  call([answer, quit](Result<T> result) {
    answer->emplace(std::move(result));
    if (*quit)
      (*quit)->quit();
  });
  if (!answer->has_value())
    loop.exec();
  *quit = nullptr;
  return answer->has_value() ? **answer : failure(ErrorKind::Timeout, "the test got no answer");
}

template <class T>
QString problemOf(const Result<T>& result) {
  return result ? QStringLiteral("a value") : QString::fromStdString(result.error().toString());
}

// As QVERIFY2, with the words of the error; evaluates `result` once.
#define QVERIFY_VALUE(result)                                                                                \
  do {                                                                                                       \
    const auto& resultOfCall = (result);                                                                     \
    QVERIFY2(resultOfCall.has_value(), qPrintable(ratdeck::problemOf(resultOfCall)));                        \
  } while (false)

class DockerRig {
public:
  struct Options {
    bool liveRestore = false;
    bool userlandProxy = false; // publishes ports by a process each
    int dataMegabytes = 0;      // > 0: its images and containers lie on a disk of this size, in memory
    bool tls = false;           // listens on a port of loopback too, and lets in who shows a certificate
  };

  // Why there can be no rig here, or no test with these programs beside it, one line; "" if there can.
  static QString whyNot(const QStringList& programs = {});

  DockerRig() : DockerRig(Options{}) {}
  explicit DockerRig(Options options);
  ~DockerRig();

  // Starts dockerd, and waits until it answers. "" or what went wrong, with the end of its log.
  QString start();
  void stop();   // as an administrator does (SIGTERM)
  void crash();  // SIGKILL: containerd dies with it, the containers live on
  void freeze(); // SIGSTOP: it takes connections and says nothing, until thaw()
  void thaw();
  bool isRunning() const { return m_engine.state() != QProcess::NotRunning; }

  DockerEndpoint endpoint() const;    // the socket
  DockerEndpoint tlsEndpoint() const; // with the right authority and certificate
  QString folder() const { return m_folder.path(); }

  // Any call of the API, those the product refuses too. `path` without the version.
  Result<HttpResponse> raw(const std::string& method, const std::string& path, const std::string& body = {},
                           const std::string& contentType = "application/json");
  // An image of the one program; its content, and so its id, depends on `content`. "" or what went wrong.
  // `changes`: lines of a Dockerfile, as "ENV A=1".
  QString makeImage(const std::string& reference, const std::string& content = "1",
                    const std::vector<std::string>& changes = {});
  QString push(const std::string& reference);
  // A bridge of its own, removed with the rig; its id, or "". `options` of the driver.
  std::string makeNetwork(const std::string& name, const Json& options = Json::object());
  // The body of a create: the program with these words, labelled so that tests find theirs.
  static Json containerOf(const std::string& image, const std::vector<std::string>& words);

  // A registry on loopback: HOST:PORT, or "". It has what was pushed to the one before. With a password it
  // lets nobody in but registryUser.
  enum class Door { Open, Password };
  std::string startRegistry(Door door = Door::Open);
  static constexpr const char* registryUser = "tester";
  static constexpr const char* registryPassword = "open sesame";
  void stopRegistry();

  // A second authority and the certificate it signed, which the engine does not know: a folder of PEM files.
  QString foreignCertificates();

private:
  void removeAll();
  void unmountAll() const;
  bool makeCertificates(const QString& folder);

  Options m_options;
  QTemporaryDir m_folder;
  QProcess m_engine;
  QProcess m_registry;
  bool m_hasCrashed = false;
  QStringList m_madePlaces; // of the machine, that were not there before
  std::size_t m_madeNetworks = 0;
};

// Runs a program to its end: its stdout, or nothing if it failed (what it said is printed).
std::optional<QByteArray> runTool(const QString& program, const QStringList& arguments);

// Ends with this process, even if that is killed.
void bindToOurLife(QProcess& process);

} // namespace ratdeck

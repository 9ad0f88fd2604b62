// One run of a docker-credential-NAME: `get`, with the registry on its stdin. On the owner's thread;
// destroying it ends the program. What the program prints is a secret, or may hold one, and stands in no
// error.
#pragma once

#include "core/remote/call.h"
#include "core/remote/docker/registry_auth.h"

#include <QProcess>

namespace ratdeck {

class CredentialHelper {
public:
  using Found = std::optional<RegistryAuth>;

  CredentialHelper() = default;
  ~CredentialHelper();
  CredentialHelper(const CredentialHelper&) = delete;
  CredentialHelper& operator=(const CredentialHelper&) = delete;

  // Once an object. Answers with nothing where the helper keeps none. Errors: NotFound (cannot be started),
  // Timeout, Input (an answer that cannot be read), Internal (it failed, it printed over 64 KiB).
  void start(const QString& program, const std::string& registry, Duration timeout, Answer<Found> done);

private:
  void finish(Result<Found> result);
  void onPrinted();
  void onEnded(int exitCode, QProcess::ExitStatus status);

  QProcess m_process;
  QByteArray m_printed;
  std::string m_name;
  Answer<Found> m_done;
};

} // namespace ratdeck

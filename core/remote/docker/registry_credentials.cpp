#include "core/remote/docker/registry_credentials.h"

#include "core/remote/docker/credential_helper.h"
#include "core/remote/outbox.h"

#include <QStandardPaths>

namespace ratdeck {

namespace {

QString findHelper(const std::string& name, const std::string& path) {
  return QStandardPaths::findExecutable(
      QString::fromStdString("docker-credential-" + name),
      QString::fromStdString(path).split(QLatin1Char(':'), Qt::SkipEmptyParts));
}

Result<Secret> headerOf(const Result<std::optional<RegistryAuth>>& found, const std::string& registry) {
  if (!found)
    return failure(found.error());
  return *found ? toRegistryHeader(**found, registry) : Secret();
}

} // namespace

struct RegistryCredentials::Impl {
  // What is known without a helper; nothing: the helper is to be asked.
  Result<std::optional<Secret>> findInFile(const std::string& registry, QString& helper) const;
  void ask(const QString& helper, const std::string& registry, Answer<Secret> done);

  Environment m_environment;
  Duration m_helperTimeout;
  std::map<int, std::unique_ptr<CredentialHelper>> m_helpers;
  int m_lastHelper = 0;
  Outbox m_outbox;
};

Result<std::optional<Secret>> RegistryCredentials::Impl::findInFile(const std::string& registry,
                                                                    QString& helper) const {
  const auto folder = dockerConfigFolder(m_environment);
  if (folder.empty())
    return Secret();
  const auto config = readDockerConfig(folder + "/config.json");
  if (!config && config.error().kind == ErrorKind::NotFound)
    return Secret();
  if (!config)
    return failure(config.error());
  const auto name = credentialHelperFor(*config, registry);
  if (!name)
    return failure(name.error());
  if (name->empty()) {
    auto header = headerOf(readRegistryAuth(*config, registry), registry);
    if (!header)
      return failure(header.error());
    return *header;
  }
  helper = findHelper(*name, valueOf(m_environment, "PATH"));
  if (helper.isEmpty())
    return failure(ErrorKind::NotFound, "docker-credential-" + *name + " is not installed");
  return std::nullopt;
}

void RegistryCredentials::Impl::ask(const QString& helper, const std::string& registry, Answer<Secret> done) {
  const int number = ++m_lastHelper;
  auto& run = m_helpers[number] = std::make_unique<CredentialHelper>();
  run->start(helper, registry, m_helperTimeout,
             [this, number, registry, done = std::move(done)](const Result<CredentialHelper::Found>& found) {
               // The run is not destroyed inside its own answer.
               m_outbox.post([this, number, done, header = headerOf(found, registry)] {
                 m_helpers.erase(number);
                 done(header); // may destroy this object
               });
             });
}

RegistryCredentials::RegistryCredentials(Environment environment, Duration helperTimeout)
    : m_impl(std::make_unique<Impl>()) {
  m_impl->m_environment = std::move(environment);
  m_impl->m_helperTimeout = helperTimeout;
}

RegistryCredentials::~RegistryCredentials() = default;

void RegistryCredentials::find(const std::string& registry, Answer<Secret> done) {
  QString helper;
  const auto known = m_impl->findInFile(registry, helper);
  if (known && !*known)
    return m_impl->ask(helper, registry, std::move(done));
  m_impl->m_outbox.post([done = std::move(done),
                         header = known ? Result<Secret>(**known) : Result<Secret>(failure(known.error()))] {
    done(header); // may destroy this object
  });
}

} // namespace ratdeck

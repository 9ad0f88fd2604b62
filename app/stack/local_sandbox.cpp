#include "app/stack/local_sandbox.h"

#include "app/stack/await.h"
#include "app/stack/sandbox_stack.h"
#include "core/base/file.h"

#include <filesystem>

namespace ratdeck {

namespace {

SandboxFiles namedFiles(const Environment& environment, const StackChoice& choice,
                        const std::string& project) {
  SandboxFiles files{{}, {}, choice.profiles, project};
  auto absolute = [&](const std::string& path) {
    return (std::filesystem::path(environment.workingFolder) / path).lexically_normal().string();
  };
  for (const auto& path : choice.files)
    files.files.push_back(absolute(path));
  for (const auto& path : choice.envFiles)
    files.envFiles.push_back(absolute(path));
  return files;
}

} // namespace

LocalSandbox::LocalSandbox(const Environment& environment, const StackChoice& choice)
    : m_environment(environment), m_choice(choice), m_folder(sandboxFolder(environment, choice)),
      m_admin(environment.programFolder + "/ratdeck-sandbox", m_folder) {}

Status LocalSandbox::layFiles() {
  if (auto made = makePrivateFolder(m_folder); !made)
    return made;
  if (m_choice.files.empty()) {
    auto files = layShippedStack(m_folder);
    return files ? writeSandboxFiles(m_folder, *files) : Status(failure(files.error()));
  }
  auto loaded = loadStack(m_environment, m_choice);
  if (!loaded)
    return failure(loaded.error());
  return writeSandboxFiles(m_folder, namedFiles(m_environment, m_choice, loaded->stack.project));
}

Result<bool> LocalSandbox::up() {
  if (auto laid = layFiles(); !laid)
    return failure(laid.error());
  if (auto loaded = loadStack(m_environment, m_choice); !loaded) // before anything starts
    return failure(loaded.error());
  const bool isNew =
      !await<SandboxInfo>([this](Callback<SandboxInfo> done) { m_admin.info(std::move(done)); });
  auto info =
      await<SandboxInfo>([&](Callback<SandboxInfo> done) { m_admin.up(m_choice.sandbox, std::move(done)); });
  return info ? Result<bool>(isNew) : failure(info.error());
}

Status LocalSandbox::down() {
  return await<Done>([this](Callback<Done> done) { m_admin.down(std::move(done)); });
}

Status LocalSandbox::startLoad(double rate) {
  auto place = Place::open(m_environment, m_choice, true);
  if (!place)
    return failure(place.error());
  const auto* router = place->target()->target().router;
  Json targets = Json::object();
  for (auto [key, service, port] : {std::tuple("portal", "portal", 3000), std::tuple("ratd", "ratd", 8080),
                                    std::tuple("ledger", "postgres", 5432)}) {
    auto address = router ? router->frontendOf(service, static_cast<std::uint16_t>(port)) : std::string();
    if (address.empty())
      return failure(ErrorKind::Refused, std::string("the load needs a routed service ") + service,
                     "bring the sandbox up with RAT's own Compose files");
    targets[key] = address;
  }
  auto started = await<Json>([&](Callback<Json> done) {
    m_admin.startLoad({{"rate", rate}, {"targets", targets}}, std::move(done));
  });
  return started ? Status(Done{}) : failure(started.error());
}

Result<Json> LocalSandbox::readLoad() {
  return await<Json>([this](Callback<Json> done) { m_admin.readLoad(std::move(done)); });
}

Result<Json> LocalSandbox::stopLoad() {
  return await<Json>([this](Callback<Json> done) { m_admin.stopLoad(std::move(done)); });
}

} // namespace ratdeck

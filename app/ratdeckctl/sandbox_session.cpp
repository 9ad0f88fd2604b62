#include "app/ratdeckctl/sandbox_session.h"

#include "app/ratdeckctl/await.h"
#include "app/ratdeckctl/sandbox_stack.h"
#include "core/base/file.h"

#include <filesystem>

namespace ratdeck {

namespace {

SandboxFiles namedFiles(const Environment& environment, const Options& options, const std::string& project) {
  SandboxFiles files{{}, {}, options.profiles, project};
  auto absolute = [&](const std::string& path) {
    return (std::filesystem::path(environment.workingFolder) / path).lexically_normal().string();
  };
  for (const auto& path : options.files)
    files.files.push_back(absolute(path));
  for (const auto& path : options.envFiles)
    files.envFiles.push_back(absolute(path));
  return files;
}

} // namespace

SandboxSession::SandboxSession(const Environment& environment, const Options& options)
    : m_environment(environment), m_options(options), m_folder(sandboxFolder(environment, options)),
      m_admin(environment.programFolder + "/ratdeck-sandbox", m_folder) {}

Result<SessionResult> SandboxSession::up() {
  if (auto made = makePrivateFolder(m_folder); !made)
    return failure(made.error());
  if (m_options.files.empty()) {
    auto files = layShippedStack(m_folder);
    if (!files)
      return failure(files.error());
    if (auto written = writeSandboxFiles(m_folder, *files); !written)
      return failure(written.error());
  }
  auto stack = loadStack(m_environment, m_options); // before anything starts: bad input changes nothing
  if (!stack)
    return failure(stack.error());
  if (!m_options.files.empty())
    if (auto written = writeSandboxFiles(m_folder, namedFiles(m_environment, m_options, stack->project));
        !written)
      return failure(written.error());
  bool isNew = !await<SandboxInfo>([this](Callback<SandboxInfo> done) { m_admin.info(std::move(done)); });
  auto info =
      await<SandboxInfo>([&](Callback<SandboxInfo> done) { m_admin.up(m_options.sandbox, std::move(done)); });
  if (!info)
    return failure(info.error());
  auto place = Place::open(m_environment, m_options, true);
  if (!place)
    return failure(place.error());
  auto deployment = place->prepare(place->stack(), m_options, false);
  if (!deployment)
    return failure(deployment.error());
  if (auto checked = checkProblems(deployment->plan); !checked)
    return failure(checked.error());
  if (deployment->plan.isEmpty()) {
    SessionResult nothing;
    nothing.exitCode = 0;
    nothing.state.plan = deployment->plan;
    return nothing;
  }
  if (auto held = holdForRollout(m_environment, m_options, *place); !held)
    return failure(held.error());
  return carryOut(m_environment, m_options, *place, *deployment, {}, isNew);
}

Status SandboxSession::down() {
  return await<Done>([this](Callback<Done> done) { m_admin.down(std::move(done)); });
}

Status SandboxSession::startLoad(double rate) {
  auto place = Place::open(m_environment, m_options, true);
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

Result<Json> SandboxSession::readLoad() {
  return await<Json>([this](Callback<Json> done) { m_admin.readLoad(std::move(done)); });
}

Result<Json> SandboxSession::stopLoad() {
  return await<Json>([this](Callback<Json> done) { m_admin.stopLoad(std::move(done)); });
}

} // namespace ratdeck

#include "core/runtime/docker/stack_preparation.h"

#include <algorithm>

namespace ratdeck {

namespace {

Error missing(const char* what, const std::string& name) {
  return {ErrorKind::NotFound,
          "the external " + std::string(what) + " " + name + " does not exist",
          "make it with `docker " + std::string(what) + " create " + name + "`, or remove `external`",
          {}};
}

} // namespace

StackPreparation::StackPreparation(DockerConnection& connection)
    : m_connection(connection), m_networks(connection), m_volumes(connection) {}

StackPreparation::~StackPreparation() {
  m_connection.cancel(m_call);
}

void StackPreparation::run(const StackResources& resources, Callback<Done> done) {
  m_missingNetworks.assign(resources.networks.begin(), resources.networks.end());
  m_missingVolumes.assign(resources.volumes.begin(), resources.volumes.end());
  m_done = std::move(done);
  m_outbox.post([this] { next(); });
}

void StackPreparation::next() {
  if (!m_missingNetworks.empty()) {
    const auto network = std::move(m_missingNetworks.front());
    m_missingNetworks.pop_front();
    return makeNetwork(network);
  }
  if (!m_missingVolumes.empty()) {
    const auto volume = std::move(m_missingVolumes.front());
    m_missingVolumes.pop_front();
    return makeVolume(volume);
  }
  finish(Done{});
}

// The list, since an inspection takes the start of an id for a name; its filter takes a part of a name.
void StackPreparation::makeNetwork(const StackResource& network) {
  m_call = m_networks.list({{"name", {network.name}}}, [this, network](auto found) {
    if (!found)
      return finish(failure(found.error()));
    const auto count = std::count_if(found->begin(), found->end(),
                                     [&](const auto& one) { return one.name == network.name; });
    if (count > 1)
      return finish(failure(ErrorKind::Conflict,
                            std::to_string(count) + " networks are named " + network.name,
                            "remove all but one with `docker network rm ID`"));
    if (count == 1)
      return next();
    if (network.isExternal)
      return finish(failure(missing("network", network.name)));
    createNetwork(network);
  });
}

void StackPreparation::createNetwork(const StackResource& network) {
  m_call = m_networks.create(network.body, [this](const auto& made) { goOn(made); });
}

void StackPreparation::makeVolume(const StackResource& volume) {
  m_call = m_volumes.inspect(volume.name, [this, volume](const auto& found) {
    if (found)
      return next();
    if (found.error().kind != ErrorKind::NotFound)
      return finish(failure(found.error()));
    if (volume.isExternal)
      return finish(failure(missing("volume", volume.name)));
    m_call = m_volumes.create(volume.body, [this](const auto& made) { goOn(made); });
  });
}

// Somebody else may have made it since we looked.
template <class T>
void StackPreparation::goOn(const Result<T>& made) {
  if (made || made.error().kind == ErrorKind::Conflict)
    return next();
  finish(failure(made.error()));
}

void StackPreparation::finish(Result<Done> result) {
  m_call = {};
  const auto done = std::move(m_done);
  done(std::move(result));
}

} // namespace ratdeck

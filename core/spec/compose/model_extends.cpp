#include "core/spec/compose/model_reader.h"

#include "core/spec/compose/canonical.h"
#include "core/spec/compose/interpolate.h"
#include "core/spec/compose/merge.h"
#include "core/spec/compose/model_scope.h"
#include "core/spec/compose/nearest.h"

#include <algorithm>

namespace ratdeck::compose {

namespace {

constexpr size_t maxExtendsChain = 100;

std::string folderOf(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::vector<std::string> keysOf(const Node& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map.entries)
    keys.push_back(entry.key);
  return keys;
}

struct Reference {
  std::string service;
  std::string file; // "" = the same file
  Place place;
};

} // namespace

void ModelReader::extendAll(Node& document, const SourceFile& file, const Scope& scope,
                            const ResetPaths& resets) {
  auto* services = document.find("services");
  if (!services || services->isNull())
    return;
  if (!services->isMap()) {
    m_report.fail(services->place, "services must be a mapping", "write the services' names as keys");
    return;
  }
  for (const auto& name : keysOf(*services)) {
    std::vector<Link> chain;
    extendService(*services, name, file, scope.folder, scope, resets, chain);
    if (m_report.hasFailed())
      return;
  }
}

void ModelReader::extendService(Node& services, const std::string& name, const SourceFile& file,
                                const std::string& folder, const Scope& scope, const ResetPaths& resets,
                                std::vector<Link>& chain) {
  auto* service = services.find(name);
  const auto* extends = service ? service->find("extends") : nullptr;
  if (!extends || extends->isNull())
    return;
  Reference reference{extends->isText() ? extends->text : extends->textAt("service"), extends->textAt("file"),
                      extends->place};
  if (reference.service.empty()) {
    m_report.fail(reference.place, "services." + name + ".extends names no service",
                  "add service: and its name");
    return;
  }
  chain.push_back({file.path, name, file.name});
  auto repeated = std::find_if(chain.begin(), chain.end() - 1, [&](const Link& link) {
    return link.path == file.path && link.service == name;
  });
  if (repeated != chain.end() - 1) {
    std::string cycle;
    for (auto it = repeated; it != chain.end(); ++it)
      cycle += (cycle.empty() ? "" : " -> ") + it->service + " (" + it->name + ")";
    m_report.fail(reference.place, "services extend each other in a circle: " + cycle, "break the circle");
    return;
  }
  if (chain.size() > maxExtendsChain) {
    m_report.fail(reference.place, "a chain of extends is longer than " + std::to_string(maxExtendsChain),
                  "extend fewer services in a row");
    return;
  }
  BaseFile* other = nullptr;
  if (!reference.file.empty()) {
    other = baseFile(sourceFile(folder, reference.file), scope, reference.place);
    if (!other || m_report.hasFailed())
      return;
  }
  auto& candidates = other ? other->services : services;
  if (!candidates.find(reference.service)) {
    m_report.fail(reference.place,
                  "cannot extend service \"" + name + "\": service \"" + reference.service +
                      "\" not found in " + (other ? other->file.name : file.name),
                  didYouMean(reference.service, keysOf(candidates), "name a service of that file"));
    return;
  }
  if (other)
    extendService(candidates, reference.service, other->file, folderOf(other->file.path), scope,
                  other->resets, chain);
  else
    extendService(candidates, reference.service, file, folder, scope, resets, chain);
  chain.pop_back();
  if (m_report.hasFailed())
    return;
  auto base = *candidates.find(reference.service);
  if (!m_report.takeNodes(copyCost(base), reference.place))
    return;
  service = services.find(name);
  if (base.isNull())
    base = Node::ofMap(base.place);
  resets.apply(base, {"services", name});
  auto own = std::move(*service);
  own.erase("extends");
  base.erase("extends");
  auto place = own.place;
  auto merged = merge(std::move(base), std::move(own), {"services", name}, m_report);
  merged.place = place;
  *services.find(name) = std::move(merged);
}

ModelReader::BaseFile* ModelReader::baseFile(const SourceFile& file, const Scope& scope, Place place) {
  auto& slot = m_bases[std::to_string(scope.id) + ":" + file.path];
  if (slot)
    return slot.get();
  auto base = std::make_unique<BaseFile>();
  base->file = file;
  auto model = Node::ofMap();
  for (auto& document : documents(file, place)) {
    if (m_report.hasFailed())
      return nullptr;
    base->resets.collect(document);
    interpolate(document, scope.lookup(), m_report);
    if (!m_report.hasFailed())
      model = merge(std::move(model), std::move(document), {}, m_report);
    if (!m_report.hasFailed())
      enforceUnicity(model, m_report);
  }
  if (m_report.hasFailed())
    return nullptr;
  model = canonical(std::move(model));
  makePathsAbsolute(model, folderOf(file.path), m_home, m_report);
  if (const auto* services = model.find("services"); services && services->isMap())
    base->services = *services;
  else
    m_report.fail(place, "cannot extend a service of " + file.name + ": it has no services",
                  "name another file");
  slot = std::move(base);
  return slot.get();
}

} // namespace ratdeck::compose

// Compares what is wanted with what runs: who takes part, which copies go and which come.
#include "core/plan/draft.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace ratdeck {

namespace {

// "docker.io/library/postgres" and "postgres:latest" are "postgres".
std::string plainImage(std::string image) {
  for (const char* prefix : {"docker.io/library/", "index.docker.io/library/", "docker.io/"})
    if (image.rfind(prefix, 0) == 0) {
      image.erase(0, std::string(prefix).size());
      break;
    }
  constexpr std::string_view latest = ":latest";
  if (image.size() > latest.size() && image.compare(image.size() - latest.size(), latest.size(), latest) == 0)
    image.erase(image.size() - latest.size());
  return image;
}

// Members that make no copy differ (as specHash has it).
bool isPolicyKey(const std::string& key) {
  static const std::set<std::string> keys = {"deploy", "depends_on", "profiles",     "x-ratdeck", "build",
                                             "scale",  imageIdKey,   keptVolumesKey, keptFilesKey};
  return keys.count(key) != 0;
}

void diffMap(const Json& before, const Json& now, const std::string& prefix, std::set<std::string>& fields) {
  for (const auto* side : {&before, &now})
    if (side->is_object())
      for (const auto& [key, value] : side->items())
        if (memberAt(before, key.c_str()) != memberAt(now, key.c_str()))
          fields.insert(prefix + key);
}

// Names of what differs, never values: environment.NAME, image, command, …
std::set<std::string> differingFields(const Json& before, const Json& now) {
  std::set<std::string> fields;
  for (const auto* side : {&before, &now}) {
    if (!side->is_object())
      continue;
    for (const auto& [key, value] : side->items()) {
      const auto &old = memberAt(before, key.c_str()), &wanted = memberAt(now, key.c_str());
      if (isPolicyKey(key) || old == wanted)
        continue;
      if (key == "environment" || key == "labels")
        diffMap(old, wanted, key + ".", fields);
      else
        fields.insert(key);
    }
  }
  if (memberAt(memberAt(before, "deploy"), "resources") != memberAt(memberAt(now, "deploy"), "resources"))
    fields.insert("deploy.resources");
  return fields;
}

// One service beside its copies.
class Comparison {
public:
  Comparison(const Draft& draft, const ServiceSpec& spec) : m_draft(draft), m_spec(spec) {
    m_hash = specHash(spec, draft.request.hashKey);
    for (const auto& copy : draft.world().instances)
      if (draft.world().isReachable && copy.service == spec.name)
        m_copies.push_back(&copy);
    std::sort(m_copies.begin(), m_copies.end(), [](const InstanceInfo* a, const InstanceInfo* b) {
      return std::tie(a->number, a->id) < std::tie(b->number, b->id);
    });
    auto stored = draft.request.runningSpecs.find(spec.name);
    m_stored = stored == draft.request.runningSpecs.end() ? nullptr : &stored->second;
    auto drift = draft.request.drift.find(spec.name);
    m_drift = drift == draft.request.drift.end() ? nullptr : &drift->second;
  }

  const std::string& hash() const { return m_hash; }
  const std::vector<const InstanceInfo*>& copies() const { return m_copies; }

  std::vector<const InstanceInfo*> running() const {
    std::vector<const InstanceInfo*> running;
    for (const auto* copy : m_copies)
      if (copy->state == InstanceState::Running)
        running.push_back(copy);
    return running;
  }

  bool differs(const InstanceInfo& copy) const {
    if (hasOtherImage(copy) || !copy.changedByHand.empty())
      return true;
    if (const auto* drift = driftOf(copy))
      return !drift->empty();
    if (!copy.specHash.empty())
      return copy.specHash != m_hash;
    return m_stored && !differingFields(*m_stored, m_spec.normalised).empty();
  }

  std::vector<std::string> fieldsOf(const InstanceInfo& copy) const {
    const auto* drift = driftOf(copy);
    std::set<std::string> fields(copy.changedByHand.begin(), copy.changedByHand.end());
    if (drift)
      fields.insert(drift->begin(), drift->end());
    else if (m_stored)
      fields.merge(differingFields(*m_stored, m_spec.normalised));
    if (hasOtherImage(copy))
      fields.insert("image");
    bool isExplained = drift || copy.specHash.empty() || copy.specHash == m_hash || m_stored;
    if (!isExplained && hasOtherImage(copy)) {
      auto withOldImage = m_spec;
      withOldImage.image = copy.image;
      isExplained = specHash(withOldImage, m_draft.request.hashKey) == copy.specHash;
    }
    if (!isExplained || (fields.empty() && differs(copy)))
      fields.insert("configuration");
    return {fields.begin(), fields.end()};
  }

private:
  const std::vector<std::string>* driftOf(const InstanceInfo& copy) const {
    if (!m_drift)
      return nullptr;
    auto fields = m_drift->find(copy.revision);
    return fields == m_drift->end() ? nullptr : &fields->second;
  }

  // An image that is only built here has no name to compare.
  bool hasOtherImage(const InstanceInfo& copy) const {
    if (!m_spec.imageId.empty() && !copy.imageId.empty())
      return m_spec.imageId != copy.imageId;
    if (m_spec.image.empty() || copy.image.empty())
      return false;
    return plainImage(copy.image) != plainImage(m_spec.image) || hasMovedFrom(copy);
  }

  // The same name, and it leads to another image now: here, or in its registry.
  bool hasMovedFrom(const InstanceInfo& copy) const {
    const auto& images = m_draft.world().images;
    auto seen = images.find(m_spec.image);
    if (seen == images.end() || seen->second.id.empty() || copy.imageId.empty())
      return false;
    return seen->second.isMoved || seen->second.id != copy.imageId;
  }

  const Draft& m_draft;
  const ServiceSpec& m_spec;
  std::string m_hash;
  std::vector<const InstanceInfo*> m_copies;
  const Json* m_stored = nullptr;
  const std::map<int, std::vector<std::string>>* m_drift = nullptr;
};

char separatorOf(const Draft& draft) {
  auto prefix = draft.stack().project + "_";
  for (const auto& copy : draft.world().instances)
    if (copy.id.value.rfind(prefix + copy.service + "_", 0) == 0)
      return '_';
  return '-';
}

std::vector<PlannedCopy> newCopiesOf(const Draft& draft, const ServiceSpec& spec,
                                     const Comparison& comparison, int count) {
  constexpr int wrapAt = 100; // beyond it the lowest free numbers are used again: addresses are made of them
  std::set<int> taken;
  for (const auto* copy : comparison.copies())
    taken.insert(copy->number);
  int next = taken.empty() ? 1 : *taken.rbegin() + 1;
  if (next + count > wrapAt)
    next = 1;
  std::vector<PlannedCopy> copies;
  char separator = separatorOf(draft);
  for (; static_cast<int>(copies.size()) < count; ++next)
    if (!taken.count(next))
      copies.push_back(
          {InstanceId(draft.stack().project + separator + spec.name + separator + std::to_string(next)),
           next});
  return copies;
}

void describeFrom(const Draft& draft, ServicePlan& plan, const InstanceInfo& copy) {
  plan.fromImage = copy.image;
  plan.fromVersion = shownVersion(copy.image);
  plan.fromHash = copy.specHash;
  plan.fromRevision = copy.revision > 0 ? copy.revision : draft.request.adoptedRevision;
}

void compareJob(Draft& draft, ServiceDraft& service, const Comparison& comparison) {
  auto& plan = service.plan;
  if (!comparison.copies().empty()) {
    const auto& last = *comparison.copies().back();
    describeFrom(draft, plan, last);
    service.runs = true;
    plan.action = PlanAction::Update;
    if (!comparison.differs(last)) // one that failed runs again where somebody needs it: rerunFailedJobs
      return;
    service.change.fields = comparison.fieldsOf(last);
  }
  service.fate = Fate::TakesPart;
  plan.newCopies = newCopiesOf(draft, *service.spec, comparison, 1);
}

// Copies that differ go; of those that are as wanted the highest numbers go where there are too many.
void compareCopies(Draft& draft, ServiceDraft& service, const Comparison& comparison) {
  auto& plan = service.plan;
  auto running = comparison.running();
  service.runs = !running.empty();
  std::vector<const InstanceInfo*> leaving, staying;
  for (const auto* copy : running)
    (comparison.differs(*copy) ? leaving : staying).push_back(copy);
  int wanted = std::max(0, service.spec->replicas);
  if (leaving.empty() && static_cast<int>(staying.size()) == wanted) {
    if (!staying.empty())
      describeFrom(draft, plan, *staying.front());
    return;
  }
  service.fate = Fate::TakesPart;
  if (running.empty())
    plan.action = PlanAction::Create;
  else
    describeFrom(draft, plan, leaving.empty() ? *staying.front() : *leaving.front());
  std::set<std::string> fields;
  for (const auto* copy : leaving)
    for (const auto& field : comparison.fieldsOf(*copy))
      fields.insert(field);
  if (!running.empty() && static_cast<int>(running.size()) != wanted)
    fields.insert("deploy.replicas");
  service.change.fields.assign(fields.begin(), fields.end());
  int missing = wanted - static_cast<int>(staying.size());
  for (; missing < 0; ++missing) {
    leaving.push_back(staying.back());
    staying.pop_back();
  }
  std::sort(leaving.begin(), leaving.end(), [](const InstanceInfo* a, const InstanceInfo* b) {
    return std::tie(a->number, a->id) < std::tie(b->number, b->id);
  });
  for (const auto* copy : leaving)
    plan.oldCopies.push_back({copy->id, copy->number, copy->address});
  plan.newCopies = newCopiesOf(draft, *service.spec, comparison, missing);
}

void compareService(Draft& draft, const std::string& name, ServiceDraft& service) {
  Comparison comparison(draft, *service.spec);
  auto& plan = service.plan;
  plan.service = name;
  plan.action = PlanAction::Create;
  plan.isOneShot = service.spec->isOneShot;
  plan.toImage = service.spec->image;
  plan.toVersion = shownVersion(service.spec->image);
  plan.toHash = comparison.hash();
  plan.action = comparison.running().empty() ? PlanAction::Create : PlanAction::Update;
  if (plan.isOneShot)
    compareJob(draft, service, comparison);
  else
    compareCopies(draft, service, comparison);
}

// A job that failed and is as wanted runs again when something that waits for it is started.
void rerunFailedJobs(Draft& draft) {
  for (auto& [user, service] : draft.services) {
    if (service.fate != Fate::TakesPart)
      continue;
    for (const auto& [needed, how] : service.spec->dependsOn) {
      auto job = draft.services.find(needed);
      if (how.condition != DependencyCondition::CompletedSuccessfully || job == draft.services.end() ||
          job->second.fate != Fate::Unchanged || !job->second.spec->isOneShot)
        continue;
      Comparison comparison(draft, *job->second.spec);
      if (comparison.copies().empty())
        continue;
      const auto& last = *comparison.copies().back();
      if (last.state != InstanceState::Exited || last.exitCode == 0)
        continue;
      job->second.fate = Fate::TakesPart;
      job->second.change.fields = {"exit_code"};
      job->second.plan.newCopies = newCopiesOf(draft, *job->second.spec, comparison, 1);
    }
  }
}

// The named services and what they need that does not run.
std::set<std::string> reachOf(const Draft& draft) {
  std::set<std::string> reach = draft.request.services;
  std::vector<std::string> open(reach.begin(), reach.end());
  while (!open.empty()) {
    auto name = open.back();
    open.pop_back();
    for (const auto& [needed, how] : draft.services.at(name).spec->dependsOn) {
      auto service = draft.services.find(needed);
      bool isMissing = draft.world().isReachable && service != draft.services.end() && !service->second.runs;
      if (isMissing && reach.insert(needed).second)
        open.push_back(needed);
    }
  }
  return reach;
}

void exclude(ServiceDraft& service, const std::string& reason) {
  service.fate = Fate::Excluded;
  service.reason = reason;
}

void applySelection(Draft& draft) {
  const auto& named = draft.request.services;
  auto reach = reachOf(draft);
  for (auto& [name, service] : draft.services) {
    if (service.fate == Fate::Unchanged && !service.runs && !service.spec->isOneShot)
      exclude(service, "0 copies are wanted");
    if (service.fate != Fate::TakesPart)
      continue;
    bool isNamed = named.count(name) != 0;
    auto how = "name it to change it: --service " + name;
    if (service.isRouter && !isNamed && !service.runs && draft.world().hasRouter)
      exclude(service, "the " + draft.world().runtime + "'s own router does its work");
    else if (service.isRouter && !isNamed && service.runs)
      exclude(service, "it is the router of this stack and carries the traffic; " + how);
    else if (service.isInfrastructure && !isNamed && service.runs && !service.spec->isOneShot)
      exclude(service, "infrastructure that runs stays as it is; " + how);
    else if (!named.empty() && !reach.count(name))
      exclude(service, "not among the services named with --service");
  }
}

} // namespace

std::string shownVersion(const std::string& image) {
  constexpr std::string_view idPrefix = "sha256:";
  if (image.empty())
    return "build";
  if (image.rfind(idPrefix, 0) == 0) // an image known by its id alone
    return image.substr(idPrefix.size(), 12);
  return versionOf(image);
}

void findChanges(Draft& draft) {
  for (auto& [name, service] : draft.services)
    compareService(draft, name, service);
  applySelection(draft);
  rerunFailedJobs(draft);
  for (auto& [name, service] : draft.services) {
    auto& change = service.change;
    change.service = name;
    change.from = service.plan.fromImage.empty() && !service.runs ? "" : service.plan.fromVersion;
    change.to = service.plan.toVersion;
  }
}

} // namespace ratdeck

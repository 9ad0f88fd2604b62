#include "core/engine/revision_store.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/spec/compose/loader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>

namespace ratdeck {

namespace {

constexpr size_t maxRevisionBytes = 16u << 20;
constexpr size_t keptRevisions = 10;
constexpr size_t maxKeptFileBytes = 1u << 20;
constexpr const char* mark = "x-revision";

// Values as a Compose file writes them: what looks like a variable is none.
void escapeDollars(Json& value) {
  if (value.is_string()) {
    std::string escaped;
    for (char c : value.get_ref<const std::string&>())
      escaped += c == '$' ? std::string("$$") : std::string(1, c);
    value = escaped;
  }
  if (value.is_structured())
    for (auto& item : value)
      escapeDollars(item);
}

// Optional dependencies on services that are not in the revision: nothing could define them when it is read.
void dropAbsentDependencies(Json& services) {
  for (auto& service : services) {
    if (!service.contains("depends_on"))
      continue;
    auto& dependencies = service["depends_on"];
    for (auto it = dependencies.begin(); it != dependencies.end();)
      it = services.contains(it.key()) ? std::next(it) : dependencies.erase(it);
  }
}

// … and what is to be done around services that are not in it: they may be none's before a rollback.
void dropAbsentPolicy(Json& stack) {
  const auto found = stack.find("x-ratdeck");
  if (found == stack.end() || !found->is_object())
    return;
  Json& policy = *found;
  const auto isAbsent = [&](const Json& service) {
    return service.is_string() && !stack["services"].contains(service.get<std::string>());
  };
  const auto dropWhere = [&](const char* key, const std::function<bool(const Json&)>& goes) {
    if (policy.contains(key) && policy[key].is_array())
      for (auto it = policy[key].begin(); it != policy[key].end();)
        it = goes(*it) ? policy[key].erase(it) : std::next(it);
  };
  dropWhere("verify", [&](const Json& check) { return isAbsent(memberAt(check, "service")); });
  dropWhere("approvals", [&](const Json& approval) {
    return isAbsent(memberAt(approval, "before")) || isAbsent(memberAt(approval, "after"));
  });
  const auto namesAbsent = [&](const Json& task) {
    for (const Json& part : {task, memberAt(task, "up"), memberAt(task, "down"), memberAt(task, "status")})
      if (isAbsent(memberAt(part, "service")) || isAbsent(memberAt(part, "before")) ||
          isAbsent(memberAt(part, "applied_by")))
        return true;
    return false;
  };
  dropWhere("migrations", namesAbsent);
  if (policy.contains("hooks") && policy["hooks"].is_object())
    for (Json& hooks : policy["hooks"])
      for (std::size_t i = hooks.size(); hooks.is_array() && i-- > 0;)
        if (namesAbsent(hooks[i]))
          hooks.erase(i);
  if (namesAbsent(memberAt(policy, "schema")))
    policy.erase("schema");
  if (isAbsent(memberAt(memberAt(policy, "active_runs"), "service")))
    policy.erase("active_runs");
  if (isAbsent(memberAt(policy, "router")))
    policy.erase("router");
}

} // namespace

RevisionStore::RevisionStore(std::string folder) : m_folder(std::move(folder)) {}

std::string RevisionStore::pathOf(int number) const {
  return m_folder + "/" + std::to_string(number) + ".json";
}

Result<std::string> RevisionStore::hashKey() {
  auto path = m_folder + "/hash.key";
  auto key = readFile(path, 1024);
  if (key || key.error().kind != ErrorKind::NotFound)
    return key;
  if (auto made = makePrivateFolder(m_folder); !made)
    return failure(made.error());
  auto fresh = randomHex(32);
  if (auto written = writeFile(path, fresh, 0600); !written)
    return failure(written.error());
  return fresh;
}

Result<std::string> RevisionStore::id() {
  constexpr std::size_t digits = 12;
  auto key = hashKey();
  return key ? Result<std::string>(sha256("store " + *key).substr(0, digits)) : key;
}

std::vector<int> RevisionStore::numbers() const {
  std::vector<int> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(m_folder, error)) {
    auto stem = entry.path().stem().string();
    int number = 0;
    auto [end, bad] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (entry.path().extension() == ".json" && bad == std::errc() && end == stem.data() + stem.size())
      found.push_back(number);
  }
  std::sort(found.begin(), found.end());
  return found;
}

int RevisionStore::nextNumber() const {
  auto known = numbers();
  return known.empty() ? 1 : known.back() + 1;
}

Result<Revision> RevisionStore::load(int number) const {
  return read(pathOf(number), number);
}

Result<Revision> RevisionStore::read(const std::string& path, int number) const {
  auto text = readFile(path, maxRevisionBytes);
  if (!text && text.error().kind == ErrorKind::NotFound)
    return failure(ErrorKind::NotFound, "revision " + std::to_string(number) + " is not kept on this machine",
                   "`ratdeckctl history` lists those that are");
  if (!text)
    return failure(text.error());
  auto json = parseJson(*text);
  const auto& about = json ? memberAt(*json, mark) : Json();
  if (integerAt(about, "number") != number)
    return failure(ErrorKind::Input, "is not revision " + std::to_string(number),
                   "deploy again from the Compose files", {path});
  compose::LoadRequest request;
  request.files = {path};
  request.profiles = {"*"};
  request.workingDirectory = m_folder;
  auto loaded = compose::load(request);
  if (!loaded)
    return failure(loaded.error());
  for (auto& [name, service] : loaded->stack.services)
    service.imageId = textAt(service.normalised, imageIdKey);
  readFiles(loaded->stack);
  for (const auto& [name, value] : memberAt(memberAt(loaded->stack.normalised, mark), "variables").items())
    if (value.is_string())
      loaded->stack.variables[name] = Secret(value.get<std::string>());
  return Revision{number, RolloutId(textAt(about, "rollout")), textAt(about, "created"),
                  std::move(loaded->stack)};
}

// One that is gone or damaged cannot be brought back: its copy starts with what the host has.
void RevisionStore::readFiles(StackSpec& stack) const {
  for (const auto& [name, service] : stack.services)
    for (const Json& file : memberAt(service.normalised, keptFilesKey)) {
      const auto hash = textAt(file, "sha256");
      const bool isHash =
          hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
      auto content =
          isHash ? readFile(pathOfFile(hash), maxKeptFileBytes) : Result<std::string>(std::string());
      if (isHash && content && sha256(*content) == hash)
        stack.keptFiles.insert_or_assign(hash, Secret(std::move(*content)));
    }
}

Status RevisionStore::writeFiles(const StackSpec& stack) {
  if (stack.keptFiles.empty())
    return Done{};
  if (auto made = makePrivateFolder(m_folder + "/files"); !made)
    return made;
  for (const auto& [hash, content] : stack.keptFiles)
    if (auto written = writeFile(pathOfFile(hash), content.reveal(), 0600); !written)
      return written;
  return Done{};
}

void RevisionStore::forgetUnusedFiles() {
  std::set<std::string> texts;
  for (int number : numbers())
    if (auto text = readFile(pathOf(number), maxRevisionBytes))
      texts.insert(std::move(*text));
  std::error_code error;
  std::vector<std::filesystem::path> unused;
  for (const auto& entry : std::filesystem::directory_iterator(m_folder + "/files", error))
    if (std::none_of(texts.begin(), texts.end(), [name = entry.path().filename().string()](const auto& text) {
          return text.find(name) != std::string::npos;
        }))
      unused.push_back(entry.path());
  for (const auto& path : unused)
    std::filesystem::remove(path, error); // one that stays does no harm
}

Status RevisionStore::write(const std::string& path, const Revision& revision) {
  if (auto made = makePrivateFolder(m_folder); !made)
    return made;
  if (auto written = writeFiles(revision.stack); !written)
    return written;
  auto json = compose::toConfigJson(revision.stack);
  json[mark] = {
      {"number", revision.number}, {"rollout", revision.rollout.value}, {"created", revision.createdAt}};
  for (const auto& [name, value] : revision.stack.variables)
    json[mark]["variables"][name] = value.reveal();
  escapeDollars(json);
  dropAbsentDependencies(json["services"]);
  dropAbsentPolicy(json);
  return writeFile(path, json.dump(1) + "\n", 0600);
}

Status RevisionStore::save(const Revision& revision) {
  if (auto written = write(pathOf(revision.number), revision); !written)
    return written;
  forgetTried();
  auto known = numbers();
  for (size_t i = 0; i + keptRevisions < known.size(); ++i)
    if (!revision.inUse.contains(known[i])) {
      std::error_code ignored; // one that stays does no harm; the next save tries again
      std::filesystem::remove(pathOf(known[i]), ignored);
    }
  forgetUnusedFiles();
  return Done{};
}

Status RevisionStore::saveTried(const Revision& revision) {
  return write(pathOfTried(), revision);
}

void RevisionStore::forgetTried() {
  std::error_code ignored; // nothing offers what stays; the next save tries again
  std::filesystem::remove(pathOfTried(), ignored);
}

Result<StackSpec> RevisionStore::stackAt(int number) const {
  auto revision = load(number);
  if (!revision && revision.error().kind == ErrorKind::NotFound)
    if (auto tried = read(pathOfTried(), number))
      revision = std::move(tried);
  if (!revision)
    return failure(revision.error());
  return std::move(revision->stack);
}

Result<ServiceSpec> RevisionStore::serviceAt(int number, const std::string& service) const {
  auto stack = stackAt(number);
  if (!stack)
    return failure(stack.error());
  const auto* spec = stack->find(service);
  if (!spec)
    return failure(ErrorKind::NotFound, "revision " + std::to_string(number) + " has no service " + service);
  return *spec;
}

} // namespace ratdeck

#include "app/sandbox/process_table.h"

#include "core/base/file.h"
#include "core/base/json.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace ratdeck::sandbox {

namespace {

constexpr size_t recordLimit = 4096;
constexpr auto lookEvery = std::chrono::milliseconds(20);

struct Living {
  std::string name;
  int pid;
  unsigned long long start;
  bool lives() const { return start != 0 && startTimeOf(pid) == start; }
};

std::vector<Living> readTable(const std::string& folder) {
  std::vector<Living> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    auto text =
        entry.path().extension() == ".json" ? readFile(entry.path().string(), recordLimit) : std::string();
    auto record = text ? parseJson(*text) : Json();
    if (!record)
      continue;
    auto pid = static_cast<int>(integerAt(*record, "pid"));
    auto start = static_cast<unsigned long long>(integerAt(*record, "start_time"));
    if (pid > 1)
      found.push_back({entry.path().stem().string(), pid, start});
  }
  return found;
}

} // namespace

unsigned long long startTimeOf(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  auto end = text.rfind(')'); // the name may hold anything
  if (end == text.npos || end + 2 >= text.size() || text[end + 2] == 'Z')
    return 0;
  size_t at = end + 2;
  for (int field = 3; field < 22 && at != text.npos; ++field)
    at = text.find(' ', at + 1);
  return at == text.npos ? 0 : std::strtoull(text.c_str() + at, nullptr, 10);
}

Status ProcessTable::add(const std::string& name, int pid) {
  Json record{{"pid", pid}, {"start_time", startTimeOf(pid)}};
  return writeFile(m_folder + "/" + name + ".json", dumpJson(record), 0600);
}

void ProcessTable::remove(const std::string& name) {
  ::unlink((m_folder + "/" + name + ".json").c_str());
}

std::vector<ProcessTable::Ended> ProcessTable::endAll(Duration grace) {
  std::vector<Ended> ended;
  std::vector<Living> living;
  for (const auto& record : readTable(m_folder)) {
    if (record.lives()) {
      ::kill(record.pid, SIGTERM);
      living.push_back(record);
    } else {
      remove(record.name);
    }
  }
  SystemClock clock;
  auto until = clock.now().boot + grace;
  auto someLive = [&] {
    return std::any_of(living.begin(), living.end(), [](const Living& l) { return l.lives(); });
  };
  while (someLive() && clock.now().boot < until)
    std::this_thread::sleep_for(lookEvery);
  for (const auto& record : living) {
    bool kills = record.lives();
    if (kills)
      ::kill(record.pid, SIGKILL);
    ended.push_back({record.name, record.pid, kills});
    remove(record.name);
  }
  return ended;
}

} // namespace ratdeck::sandbox

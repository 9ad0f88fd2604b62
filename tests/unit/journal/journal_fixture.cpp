#include "journal_fixture.h"

#include "core/base/digest.h"
#include "tests/support/manual_clock.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <QByteArray>

namespace ratdeck::journaltest {

unsigned long long seed() {
  bool isNumber = false;
  auto value = qgetenv("RATDECK_TEST_SEED").toULongLong(&isNumber);
  return isNumber ? value : std::random_device()();
}

Record recordAt(Instant at, const std::string& type, Json data) {
  Record record;
  record.at = at;
  record.type = type;
  record.data = std::move(data);
  return record;
}

namespace {

long long upTo(Random& random, long long limit) {
  return std::uniform_int_distribution<long long>(0, limit)(random);
}

std::string randomText(Random& random) {
  static const std::vector<std::string> pieces{"ratd", "\n", "\t", "\"", "\\", "é",  "漢字", "🐀",   "/",
                                               "\x01", " ",  "",   "}",  "{",  "',", "a",    "\x7f"};
  std::string text;
  for (auto n = upTo(random, 12); n > 0; --n)
    text += pieces[static_cast<size_t>(upTo(random, static_cast<long long>(pieces.size()) - 1))];
  return text;
}

Json randomValue(Random& random, int depth) {
  switch (upTo(random, depth > 0 ? 7 : 5)) {
  case 0:
    return randomText(random);
  case 1:
    return static_cast<long long>(random());
  case 2:
    return static_cast<unsigned long long>(random());
  case 3:
    return std::ldexp(static_cast<double>(upTo(random, 1 << 30)) - (1 << 29),
                      static_cast<int>(upTo(random, 80)) - 60);
  case 4:
    return upTo(random, 1) == 1;
  case 5:
    return nullptr;
  case 6: {
    auto list = Json::array();
    for (auto n = upTo(random, 4); n > 0; --n)
      list.push_back(randomValue(random, depth - 1));
    return list;
  }
  default: {
    auto object = Json::object();
    for (auto n = upTo(random, 4); n > 0; --n)
      object[randomText(random)] = randomValue(random, depth - 1);
    return object;
  }
  }
}

class DiskPort final : public journal::FilePort {
public:
  explicit DiskPort(std::shared_ptr<Disk> disk) : m_disk(std::move(disk)) {}

  long long write(std::string_view bytes, long long offset) override {
    auto& disk = *m_disk;
    auto error = 0;
    if (disk.isFailing()) {
      error = disk.fault == Disk::Fault::InputOutput ? EIO : ENOSPC;
      auto isShort = disk.fault == Disk::Fault::ShortThenNoSpace || disk.fault == Disk::Fault::ShortOnly;
      if (!isShort || bytes.size() < 2)
        return -error;
      bytes = bytes.substr(0, bytes.size() / 2);
      if (disk.fault == Disk::Fault::ShortThenNoSpace)
        disk.failAt = disk.calls + 1;
    }
    auto from = static_cast<size_t>(offset);
    if (disk.cache.size() < from + bytes.size())
      resize(from + bytes.size());
    disk.cache.replace(from, bytes.size(), bytes);
    std::fill_n(disk.dirty.begin() + offset, bytes.size(), true);
    return static_cast<long long>(bytes.size());
  }
  int sync() override {
    auto& disk = *m_disk;
    auto fails = disk.isFailing() && disk.fault != Disk::Fault::ShortOnly;
    if (!fails) {
      disk.synced.resize(disk.cache.size());
      for (size_t i = 0; i < disk.cache.size(); ++i)
        if (disk.dirty[i])
          disk.synced[i] = disk.cache[i];
    }
    disk.dirty.assign(disk.cache.size(), false);
    return fails ? (disk.fault == Disk::Fault::InputOutput ? -EIO : -ENOSPC) : 0;
  }
  int truncate(long long size) override {
    if (m_disk->isFailing() && m_disk->fault == Disk::Fault::InputOutput)
      return -EIO;
    resize(static_cast<size_t>(size));
    return 0;
  }
  int replaceHead(std::string_view text) override {
    if (m_disk->isFailing() && m_disk->fault != Disk::Fault::ShortOnly)
      return m_disk->fault == Disk::Fault::InputOutput ? -EIO : -ENOSPC;
    m_disk->head = std::string(text);
    return 0;
  }

private:
  void resize(size_t size) {
    m_disk->cache.resize(size);
    m_disk->dirty.resize(size, true);
  }
  std::shared_ptr<Disk> m_disk;
};

ByteSource sourceOf(const std::string& bytes) {
  return [&bytes, at = size_t{0}](char* buffer, size_t size) mutable -> long long {
    auto n = std::min(size, bytes.size() - at);
    std::memcpy(buffer, bytes.data() + at, n);
    at += n;
    return static_cast<long long>(n);
  };
}

} // namespace

bool Disk::isFailing() {
  ++calls;
  auto fails = fault != Fault::None && failAt > 0 && (calls == failAt || (staysBroken && calls > failAt));
  faults += fails ? 1 : 0;
  return fails;
}

std::string Disk::afterPowerCut(Random& random, size_t size) const {
  auto old = synced;
  auto now = cache;
  if (upTo(random, 3) == 0) // the longer file's size did not reach the disk
    now.resize(std::min(now.size(), old.size()));
  old.resize(now.size());
  for (size_t at = 0; at < now.size(); at += size)
    if (upTo(random, 1) == 0)
      now.replace(at, size, old, at, size);
  return now;
}

std::unique_ptr<journal::FilePort> portOf(std::shared_ptr<Disk> disk) {
  return std::make_unique<DiskPort>(std::move(disk));
}

Record randomRecord(Random& random, Instant at) {
  static const std::vector<std::string> types{"GatePassed", "Sampled", "X", "ProbeResultChanged", "Type2"};
  auto data = Json::object();
  for (auto n = upTo(random, 5); n > 0; --n)
    data[randomText(random)] = randomValue(random, 3);
  at.boot += Duration(upTo(random, 1000000000));
  at.wall += Duration(upTo(random, 1000000000));
  return recordAt(at, types[static_cast<size_t>(upTo(random, 4))], std::move(data));
}

JournalHeader sampleHeader(const std::string& rollout) {
  JournalHeader header;
  header.rollout = RolloutId(rollout);
  header.stack = "0f3a";
  header.project = "rat";
  header.runtime = "sandbox";
  header.hash = sha256("plan");
  header.actor = "uid 1000";
  header.bootId = "3c1f";
  header.changes = {{"ratd", "1", "2"}, {"portal", "", "2"}};
  return header;
}

const SigningKey& sampleKey() {
  static const auto key = SigningKey::makeUnkept();
  return *key;
}

size_t Image::lineAt(size_t offset) const {
  auto after = std::upper_bound(begins.begin(), begins.end() - 1, offset);
  return static_cast<size_t>(after - begins.begin()) - 1;
}

Image makeImage(size_t size, bool isClosed, long long headAt) {
  ManualClock clock;
  auto disk = std::make_shared<Disk>();
  auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
  Random random(42);
  std::optional<std::string> head = disk->head;
  for (long long seq = 2; writer && disk->cache.size() < size; ++seq) {
    clock.advance(std::chrono::milliseconds(1200));
    if (!writer->append({randomRecord(random, clock.now())}, Durability::Sync))
      return {};
    if (headAt == 0 || headAt >= seq)
      head = disk->head;
  }
  if (isClosed) {
    if (auto closed = writer->close("succeeded"); !closed)
      return {};
    if (headAt == 0)
      head = disk->head;
  }
  return imageOf(disk->cache, head);
}

Image imageOf(const std::string& bytes, std::optional<std::string> head) {
  Image image{bytes, std::move(head), {}, {0}};
  for (size_t at = 0; (at = bytes.find('\n', at)) != std::string::npos;) {
    if (auto record =
            recordFrom(std::string_view(bytes).substr(image.begins.back(), at - image.begins.back())))
      image.records.push_back(*record);
    image.begins.push_back(++at);
  }
  return image;
}

Reading readAll(const std::string& bytes, const std::optional<std::string>& head) {
  JournalReader reader(sourceOf(bytes), head);
  Reading reading;
  while (auto record = reader.next())
    reading.records.push_back(std::move(*record));
  reading.report = reader.report();
  return reading;
}

long long readWithoutChecks(const std::string& bytes) {
  long long records = 0;
  for (size_t begin = 0; begin < bytes.size(); ++records) {
    auto end = std::min(bytes.find('\n', begin), bytes.size());
    auto value = parseJson(std::string_view(bytes).substr(begin, end - begin));
    if (!value || !value->contains("seq") || !value->contains("type") || !value->contains("data"))
      return -1;
    begin = end + 1;
  }
  return records;
}

} // namespace ratdeck::journaltest

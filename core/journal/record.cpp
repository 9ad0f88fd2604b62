#include "core/journal/record.h"

#include <algorithm>
#include <charconv>

namespace ratdeck {

namespace {

constexpr size_t digestLength = 64;
constexpr size_t timeLength = 30; // 2026-07-01T12:00:00.000000000Z

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isType(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), isLetterOrDigit);
}

bool isDigest(std::string_view text) {
  return text.size() == digestLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool isDeeperThan(const Json& value, int levels) {
  if (!value.is_structured())
    return false;
  if (levels == 0)
    return true;
  return std::any_of(value.begin(), value.end(),
                     [&](const Json& member) { return isDeeperThan(member, levels - 1); });
}

bool isYearInRange(std::string_view time) {
  return time.size() == timeLength && time.substr(0, 4) >= "1970" && time.substr(0, 4) <= "2261";
}

tl::unexpected<Error> malformed(const std::string& what) {
  return failure(ErrorKind::Input, what);
}

// Takes the fixed parts of a line off its front, one after the other.
class Scanner {
public:
  explicit Scanner(std::string_view text) : m_rest(text) {}

  bool take(std::string_view literal) {
    if (m_rest.substr(0, literal.size()) != literal)
      return false;
    m_rest.remove_prefix(literal.size());
    return true;
  }
  // A decimal in its only spelling: no plus, no leading zero.
  bool takeInteger(long long& value) {
    auto [end, error] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), value);
    auto used = static_cast<size_t>(end - m_rest.data());
    if (error != std::errc() || m_rest.substr(0, used) != std::to_string(value))
      return false;
    m_rest.remove_prefix(used);
    return true;
  }
  std::string_view takeUntil(char end) {
    auto text = m_rest.substr(0, m_rest.find(end));
    m_rest.remove_prefix(text.size());
    return text;
  }
  std::string_view rest() const { return m_rest; }

private:
  std::string_view m_rest;
};

// `rest` is data and the closing part.
Status takeDataAndPrev(std::string_view rest, Record& record) {
  static constexpr std::string_view before = ",\"prev\":\"";
  static constexpr std::string_view after = "\"}";
  constexpr auto tail = before.size() + digestLength + after.size();
  if (rest.size() <= tail)
    return malformed("is too short for a record");
  auto data = rest.substr(0, rest.size() - tail);
  auto end = rest.substr(rest.size() - tail);
  auto prev = end.substr(before.size(), digestLength);
  if (end.substr(0, before.size()) != before || !isDigest(prev) || end.substr(tail - after.size()) != after)
    return malformed("does not end in the link to the record before");
  auto value = parseJson(data);
  if (!value || !value->is_object() || isDeeperThan(*value, maxRecordDepth))
    return malformed("has no valid data");
  if (dumpJson(*value) != data)
    return malformed("has data that is not in the canonical form");
  record.data = std::move(*value);
  record.prev = prev;
  return Done{};
}

} // namespace

const std::string& firstPrev() {
  static const std::string zeros(digestLength, '0');
  return zeros;
}

Result<std::string> toLine(const Record& record) {
  if (!isType(record.type))
    return malformed("a record's type is 1 to 64 letters and digits, not '" + record.type + "'");
  if (!record.data.is_object() || isDeeperThan(record.data, maxRecordDepth))
    return malformed("the data of a record is an object of at most " + std::to_string(maxRecordDepth) +
                     " levels");
  auto time = toRfc3339(record.at.wall);
  if (!isYearInRange(time))
    return malformed("a record's time lies between 1970 and 2261, not at " + time);
  auto data = dumpJson(record.data);
  std::string line;
  line.reserve(data.size() + 224);
  line += "{\"seq\":" + std::to_string(record.seq);
  line += ",\"t\":\"" + time;
  line += "\",\"mono\":" + std::to_string(record.at.boot.time_since_epoch().count());
  line += ",\"type\":\"" + record.type;
  line += "\",\"data\":" + data;
  line += ",\"prev\":\"" + record.prev + "\"}";
  if (line.size() > maxRecordLine)
    return malformed("a record of " + std::to_string(line.size() >> 20) +
                     " MiB is over the journal's 16 MiB");
  return line;
}

Result<Record> recordFrom(std::string_view line) {
  if (line.size() > maxRecordLine)
    return malformed("is longer than 16 MiB");
  Record record;
  Scanner scanner(line);
  long long mono = 0;
  if (!scanner.take("{\"seq\":") || !scanner.takeInteger(record.seq) || record.seq < 1)
    return malformed("does not begin with a sequence number");
  if (!scanner.take(",\"t\":\""))
    return malformed("has no time");
  std::string time(scanner.takeUntil('"'));
  if (!isYearInRange(time))
    return malformed("has no valid time");
  record.at.wall = fromRfc3339(time);
  if (toRfc3339(record.at.wall) != time)
    return malformed("has no valid time");
  if (!scanner.take("\",\"mono\":") || !scanner.takeInteger(mono))
    return malformed("has no boot time");
  record.at.boot = BootTime(Duration(mono));
  if (!scanner.take(",\"type\":\""))
    return malformed("has no type");
  record.type = scanner.takeUntil('"');
  if (!isType(record.type) || !scanner.take("\",\"data\":"))
    return malformed("has no valid type");
  if (auto taken = takeDataAndPrev(scanner.rest(), record); !taken)
    return failure(taken.error());
  return record;
}

} // namespace ratdeck

#include "core/remote/haproxy/stats.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ratdeck {

namespace {

using Fields = std::vector<std::string>;

tl::unexpected<Error> senseless(const std::string& what) {
  return failure(ErrorKind::Internal, "HAProxy's table makes no sense: " + what);
}

template <class Number>
bool readNumber(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Takes one CSV record off the front of `rest`; a quoted field may hold commas, newlines and doubled quotes.
// False: a quote never ends.
bool takeRecord(std::string_view& rest, Fields& fields) {
  fields.clear();
  std::string field;
  bool isQuoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (isQuoted && c == '"' && at + 1 < rest.size() && rest[at + 1] == '"') {
      field += '"';
      ++at;
    } else if (c == '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted && c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else if (!isQuoted && c == '\n') {
      break;
    } else {
      field += c;
    }
  }
  fields.push_back(std::move(field));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return !isQuoted;
}

bool hasBinary(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\t'; });
}

struct CountColumn {
  const char* name;
  HaproxyStat::Count HaproxyStat::*member;
};

constexpr std::array<CountColumn, 28> countColumns{{
    {"qcur", &HaproxyStat::queued},           {"scur", &HaproxyStat::inFlight},
    {"stot", &HaproxyStat::sessions},         {"srv_icur", &HaproxyStat::idleConnections},
    {"weight", &HaproxyStat::weight},         {"req_tot", &HaproxyStat::requests},
    {"hrsp_1xx", &HaproxyStat::responses1xx}, {"hrsp_2xx", &HaproxyStat::responses2xx},
    {"hrsp_3xx", &HaproxyStat::responses3xx}, {"hrsp_4xx", &HaproxyStat::responses4xx},
    {"hrsp_5xx", &HaproxyStat::responses5xx}, {"hrsp_other", &HaproxyStat::responsesOther},
    {"econ", &HaproxyStat::connectionErrors}, {"eresp", &HaproxyStat::responseErrors},
    {"ereq", &HaproxyStat::requestErrors},    {"wretr", &HaproxyStat::retries},
    {"wredis", &HaproxyStat::redispatches},   {"cli_abrt", &HaproxyStat::clientAborts},
    {"srv_abrt", &HaproxyStat::serverAborts}, {"rate", &HaproxyStat::rate},
    {"req_rate", &HaproxyStat::requestRate},  {"chkfail", &HaproxyStat::checkFailures},
    {"chkdown", &HaproxyStat::timesDown},     {"lastchg", &HaproxyStat::secondsSinceChange},
    {"qtime", &HaproxyStat::queueTime},       {"ctime", &HaproxyStat::connectTime},
    {"rtime", &HaproxyStat::responseTime},    {"ttime", &HaproxyStat::totalTime},
}};

struct TextColumn {
  const char* name;
  std::string HaproxyStat::*member;
};

constexpr std::array<TextColumn, 6> textColumns{{
    {"pxname", &HaproxyStat::backend},
    {"svname", &HaproxyStat::server},
    {"status", &HaproxyStat::status},
    {"addr", &HaproxyStat::address},
    {"check_status", &HaproxyStat::checkStatus},
    {"last_chk", &HaproxyStat::lastCheck},
}};

constexpr std::size_t absent = static_cast<std::size_t>(-1);

std::size_t columnOf(const Fields& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? absent : static_cast<std::size_t>(found - header.begin());
}

// Where the columns of one table are.
struct StatColumns {
  std::array<std::size_t, countColumns.size()> counts{};
  std::array<std::size_t, textColumns.size()> texts{};
  std::size_t type = absent;
  std::size_t width = 0;

  explicit StatColumns(const Fields& header) : type(columnOf(header, "type")), width(header.size()) {
    for (std::size_t i = 0; i < countColumns.size(); ++i)
      counts[i] = columnOf(header, countColumns[i].name);
    for (std::size_t i = 0; i < textColumns.size(); ++i)
      texts[i] = columnOf(header, textColumns[i].name);
  }

  std::string missing() const {
    for (std::size_t i = 0; i < countColumns.size(); ++i)
      if (counts[i] == absent)
        return countColumns[i].name;
    for (std::size_t i = 0; i < textColumns.size(); ++i)
      if (texts[i] == absent)
        return textColumns[i].name;
    return type == absent ? "type" : "";
  }
};

Result<HaproxyRowKind> kindOf(const std::string& type) {
  if (type == "0")
    return HaproxyRowKind::Frontend;
  if (type == "1")
    return HaproxyRowKind::Backend;
  if (type == "2")
    return HaproxyRowKind::Server;
  if (type == "3")
    return HaproxyRowKind::Listener;
  return senseless("a row of type \"" + type.substr(0, 20) + "\"");
}

Result<HaproxyStat> toStat(const StatColumns& columns, Fields& fields) {
  HaproxyStat stat;
  auto kind = kindOf(fields[columns.type]);
  if (!kind)
    return failure(kind.error());
  stat.kind = *kind;
  for (std::size_t i = 0; i < textColumns.size(); ++i)
    stat.*textColumns[i].member = std::move(fields[columns.texts[i]]);
  for (std::size_t i = 0; i < countColumns.size(); ++i) {
    const auto& text = fields[columns.counts[i]];
    std::int64_t value = 0;
    if (text.empty())
      continue;
    if (!readNumber(text, value))
      return senseless(std::string(countColumns[i].name) + " is \"" + text.substr(0, 20) + "\"");
    stat.*countColumns[i].member = value;
  }
  return stat;
}

} // namespace

Result<std::vector<HaproxyStat>> parseHaproxyStats(std::string_view csv) {
  if (csv.substr(0, 2) != "# ")
    return senseless("no header line");
  if (csv.back() != '\n')
    return senseless("its last line is cut short");
  if (hasBinary(csv))
    return senseless("binary data");
  csv.remove_prefix(2);
  Fields fields;
  if (!takeRecord(csv, fields))
    return senseless("a quote never ends");
  const StatColumns columns(fields);
  if (const auto missing = columns.missing(); !missing.empty())
    return senseless("no column " + missing);
  std::vector<HaproxyStat> stats;
  while (!csv.empty()) {
    if (!takeRecord(csv, fields))
      return senseless("a quote never ends");
    if (fields.size() == 1 && fields[0].empty())
      continue;
    if (fields.size() != columns.width)
      return senseless("a row of " + std::to_string(fields.size()) + " fields under " +
                       std::to_string(columns.width) + " columns");
    auto stat = toStat(columns, fields);
    if (!stat)
      return failure(stat.error());
    stats.push_back(std::move(*stat));
  }
  return stats;
}

namespace {

// HAProxy's srv_admin_state bits and srv_op_state values (its management guide, `show servers state`).
constexpr int maintenanceBits =
    0x01 | 0x02 | 0x04 | 0x20 | 0x40;  // forced, inherited, configured, DNS, host name
constexpr int drainBits = 0x08 | 0x10; // forced, inherited
constexpr int opStarting = 1;
constexpr int opRunning = 2;

Fields words(std::string_view line) {
  Fields result;
  while (!line.empty()) {
    const auto space = std::min(line.find(' '), line.size());
    if (space > 0)
      result.emplace_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  return result;
}

std::string_view takeLine(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

Result<HaproxyServerState> toServerState(const Fields& header, const Fields& row) {
  static constexpr std::array<const char*, 7> needed{
      "be_name", "srv_name", "srv_addr", "srv_op_state", "srv_admin_state", "srv_uweight", "srv_port"};
  std::array<std::string, needed.size()> values;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const auto column = columnOf(header, needed[i]);
    if (column == absent)
      return senseless(std::string("no column ") + needed[i]);
    if (column >= row.size())
      return senseless("a row is cut short");
    values[i] = row[column];
  }
  HaproxyServerState state{values[0], values[1], values[2], 0, false, false, false, 0};
  int operational = 0;
  int admin = 0;
  if (!readNumber(values[3], operational) || !readNumber(values[4], admin) ||
      !readNumber(values[5], state.weight) || !readNumber(values[6], state.port))
    return senseless("a number of server " + state.server.substr(0, 60) + " is none");
  state.isRunning = operational == opRunning || operational == opStarting;
  state.isMaintenance = (admin & maintenanceBits) != 0;
  state.isDraining = (admin & drainBits) != 0;
  return state;
}

} // namespace

Result<std::vector<HaproxyServerState>> parseHaproxyServers(std::string_view table) {
  if (table.empty() || table.back() != '\n')
    return senseless("its last line is cut short");
  if (hasBinary(table))
    return senseless("binary data");
  if (takeLine(table) != "1")
    return senseless("not version 1 of the servers' state");
  auto headerLine = takeLine(table);
  if (headerLine.substr(0, 2) != "# ")
    return senseless("no header line");
  headerLine.remove_prefix(2);
  const Fields header = words(headerLine);
  std::vector<HaproxyServerState> states;
  while (!table.empty()) {
    const Fields row = words(takeLine(table));
    if (row.empty())
      continue;
    if (row.size() != header.size())
      return senseless("a row of " + std::to_string(row.size()) + " words under " +
                       std::to_string(header.size()) + " columns");
    auto state = toServerState(header, row);
    if (!state)
      return failure(state.error());
    states.push_back(std::move(*state));
  }
  return states;
}

} // namespace ratdeck

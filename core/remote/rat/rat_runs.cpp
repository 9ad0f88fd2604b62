#include "core/base/json.h"
#include "core/remote/rat/rat_client.h"

namespace ratdeck {

namespace {

constexpr std::size_t longestQuote = 200;

std::string firstTextOf(const Json& value, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (auto text = textAt(value, key); !text.empty())
      return text;
  return {};
}

std::optional<WallTime> startOf(const Json& run) {
  const auto text = firstTextOf(run, {"started_at", "created_at"});
  const auto time = fromRfc3339(text);
  return time == WallTime{} ? std::nullopt : std::optional(time);
}

std::string idOf(const Json& run) {
  const Json& id = memberAt(run, "id");
  return id.is_number_integer() ? id.dump() : textAt(run, "id");
}

std::string wordsOf(std::string_view body) {
  std::string words;
  if (const auto json = parseJson(body); json && json->is_object()) {
    const Json& error = memberAt(*json, "error");
    words = error.is_object() ? firstTextOf(error, {"message", "type", "code"}) : textAt(*json, "error");
    if (words.empty())
      words = textAt(*json, "message");
  }
  if (words.empty())
    words = std::string(body.substr(0, longestQuote));
  words.resize(std::min(words.size(), longestQuote));
  for (char& c : words)
    if (static_cast<unsigned char>(c) < 0x20)
      c = ' ';
  while (!words.empty() && words.back() == ' ')
    words.pop_back();
  return words.empty() ? "no reason given" : words;
}

} // namespace

Result<RatPage> parseRatRuns(std::string_view body) {
  const auto json = parseJson(body);
  if (!json)
    return failure(ErrorKind::Internal, "ratd's list of runs is " + json.error().message);
  if (!json->is_object() || !json->contains("runs"))
    return failure(ErrorKind::Internal, "ratd's answer has no list of runs");
  const Json& runs = memberAt(*json, "runs");
  if (!runs.is_array() && !runs.is_null())
    return failure(ErrorKind::Internal, "ratd's list of runs is no list");
  RatPage page;
  page.length = static_cast<int>(runs.size());
  for (const Json& run : runs) {
    RatRun read{idOf(run), textAt(run, "status"), firstTextOf(run, {"pipeline", "pipeline_name"}),
                startOf(run)};
    if (read.id.empty())
      return failure(ErrorKind::Internal, "ratd lists a run without an id");
    if (read.status == "running" || read.status == "pending")
      page.active.push_back(std::move(read));
  }
  return page;
}

Result<RatReaper> parseRatReaper(std::string_view body) {
  const auto json = parseJson(body);
  if (!json)
    return failure(ErrorKind::Internal, "ratd's retention settings are " + json.error().message);
  const Json& config = memberAt(*json, "config");
  if (!config.is_object())
    return failure(ErrorKind::Internal, "ratd's answer has no retention settings");
  RatReaper reaper;
  const auto read = [&config](const char* key, std::chrono::minutes& value) {
    constexpr long long most = 60LL * 24 * 366; // minutes; beyond it nothing is meant
    if (const auto minutes = integerAt(config, key, -1); minutes >= 0 && minutes <= most)
      value = std::chrono::minutes(minutes);
  };
  read("stuck_run_timeout_minutes", reaper.timeout);
  read("reaper_interval_minutes", reaper.tick);
  return reaper;
}

Error ratError(int status, std::string_view body) {
  const std::string words = wordsOf(body);
  if (status == 401)
    return {ErrorKind::Refused,
            "ratd wants to know who asks (401): " + words,
            "give a token that may list the runs",
            {}};
  if (status == 403)
    return {ErrorKind::Refused, "ratd does not let this token list the runs (403): " + words, {}, {}};
  if (status == 429)
    return {ErrorKind::Refused, "ratd limits the rate of requests (429): " + words, {}, {}};
  return {ErrorKind::Internal, "ratd answered " + std::to_string(status) + ": " + words, {}, {}};
}

} // namespace ratdeck

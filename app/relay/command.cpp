#include "app/relay/command.h"

#include "app/relay/grpc_health.h"
#include "app/relay/http_get.h"
#include "app/relay/vigil.h"
#include "core/base/duration.h"
#include "core/base/file.h"
#include "core/base/json.h"

#include <cstdio>
#include <cstdlib>
#include <sys/statvfs.h>

namespace ratdeck::relay {

namespace {

constexpr long mostMilliseconds = 600'000;
constexpr std::size_t mostBody = 4u << 20;
constexpr std::size_t mostAnswer = 4u << 20; // of HAProxy
constexpr std::size_t mostToken = 16u << 10;

using Words = std::vector<std::string>;

const char* nameOf(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::Unreachable:
    return "unreachable";
  case ErrorKind::Timeout:
    return "timeout";
  case ErrorKind::Refused:
    return "refused";
  case ErrorKind::Input:
  case ErrorKind::Usage:
    return "input";
  case ErrorKind::NotFound:
  case ErrorKind::Conflict:
  case ErrorKind::Cancelled:
  case ErrorKind::Internal:
    break;
  }
  return "internal";
}

// `first`: the place, then path, bytes, headers.
HttpQuestion questionOf(Words::const_iterator first, Words::const_iterator end) {
  HttpQuestion question;
  question.place = first[0];
  question.path = first[1];
  question.mostBody = std::min(mostBody, std::size_t(std::strtoull(first[2].c_str(), nullptr, 10)));
  question.headers.assign(first + 3, end);
  return question;
}

Result<Json> ask(const HttpQuestion& question, Duration timeout) {
  auto reply = httpGet(question, timeout);
  if (!reply)
    return failure(reply.error());
  return Json{{"status", reply->status}, {"body", reply->body}, {"cut", reply->isCut}};
}

Result<Json> get(const Words& words, Duration timeout) {
  return ask(questionOf(words.begin() + 2, words.end()), timeout);
}

Result<Json> getAs(const Words& words, Duration timeout) {
  const auto token = readFile(words[2], mostToken);
  std::remove(words[2].c_str());
  if (!token)
    return failure(ErrorKind::Input, "the token to ask with cannot be read");
  HttpQuestion question = questionOf(words.begin() + 3, words.end());
  question.headers.push_back("Authorization: Bearer " + *token);
  return ask(question, timeout);
}

Result<Json> freeSpace(const Words& words, Duration) {
  struct statvfs info {};
  if (::statvfs(words[2].c_str(), &info) != 0)
    return failure(ErrorKind::Unreachable, "the folder cannot be asked: " + words[2]);
  return Json{{"free", static_cast<long long>(info.f_bavail) * static_cast<long long>(info.f_frsize)}};
}

Result<Json> connect(const Words& words, Duration timeout) {
  Line line(timeout);
  if (Status open = line.connect(words[2]); !open)
    return failure(open.error());
  return Json::object();
}

Result<Json> health(const Words& words, Duration timeout) {
  auto answer = askGrpcHealth(words[2], words[3], timeout);
  if (!answer)
    return failure(answer.error());
  return Json{{"health", *answer}};
}

// HAProxy ends its answer by closing.
Result<Json> haproxy(const Words& words, Duration timeout) {
  Line line(timeout);
  if (Status open = line.connectToSocket(words[2]); !open)
    return failure(open.error());
  if (Status sent = line.send(words[3] + '\n'); !sent)
    return failure(sent.error());
  std::string answer;
  for (;;) {
    const auto piece = line.read();
    if (!piece)
      return failure(piece.error());
    if (piece->empty())
      return Json{{"answer", answer}};
    answer += *piece;
    if (answer.size() > mostAnswer)
      return failure(ErrorKind::Internal, "HAProxy's answer is larger than 4 MiB");
  }
}

struct Verb {
  const char* name;
  std::size_t fewest, most; // words, the verb's own counted
  Result<Json> (*run)(const Words& words, Duration timeout);
};

constexpr Verb verbs[] = {{"get", 5, 37, get},        {"get-as", 6, 38, getAs}, {"free", 3, 3, freeSpace},
                          {"connect", 3, 3, connect}, {"health", 4, 4, health}, {"haproxy", 4, 4, haproxy}};

Outcome answer(const Verb& verb, const Words& words, Duration timeout) {
  const SystemClock clock;
  const BootTime begun = clock.now().boot;
  const auto result = verb.run(words, timeout);
  Json line =
      result ? *result
             : Json{{"error", {{"kind", nameOf(result.error().kind)}, {"message", result.error().message}}}};
  line["took_ms"] = seconds(clock.now().boot - begun) * 1000;
  return {0, dumpJson(line) + '\n'};
}

} // namespace

Outcome run(const std::vector<std::string>& words) {
  const long number = words.size() > 1 ? std::strtol(words[1].c_str(), nullptr, 10) : 0;
  if (words.size() == 2 && words[0] == "wait" && number > 0 && number <= 86400) {
    keepVigil(std::chrono::seconds(number));
    return {};
  }
  for (const Verb& verb : verbs)
    if (!words.empty() && words[0] == verb.name && words.size() >= verb.fewest && words.size() <= verb.most &&
        number > 0 && number <= mostMilliseconds) {
      giveSignOfLife();
      return answer(verb, words, std::chrono::milliseconds(number));
    }
  return {2, "ratdeck-relay wait SECONDS | get | get-as | free | connect | health | haproxy\n"};
}

} // namespace ratdeck::relay

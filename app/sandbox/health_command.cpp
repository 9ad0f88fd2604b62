#include "app/sandbox/health_command.h"

#include "app/sandbox/endpoint.h"

#include <algorithm>
#include <charconv>

namespace ratdeck::sandbox {

namespace {

using Kind = HealthQuestion::Kind;
using When = HealthLink::When;
using Words = std::vector<std::string>;

struct ShellPart {
  When when = When::Always;
  Words words;
};

bool isBreak(const std::string& line, size_t at) {
  return line[at] == '|' || line[at] == '&' || line[at] == ';';
}

// Words and operators of a shell line; redirections are dropped.
std::vector<ShellPart> splitShell(const std::string& line) {
  std::vector<ShellPart> parts(1);
  std::string word;
  bool inWord = false;
  char quote = 0;
  auto endWord = [&] {
    bool redirects = word.find('>') != word.npos;
    if (inWord && !redirects)
      parts.back().words.push_back(word);
    inWord = inWord && redirects && word.back() == '>'; // its target comes next
    word = inWord ? ">" : "";
  };
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      inWord = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (word != ">")
        endWord();
    } else if (isBreak(line, i) && (word.empty() || word.back() != '>')) {
      endWord();
      bool isDouble = i + 1 < line.size() && line[i + 1] == c;
      When when = !isDouble || c == ';' ? When::Always : c == '|' ? When::AfterFailure : When::AfterSuccess;
      i += isDouble ? 1 : 0;
      parts.push_back({when, {}});
    } else {
      word += c;
      inWord = true;
    }
  }
  endWord();
  std::erase_if(parts, [](const ShellPart& part) { return part.words.empty(); });
  return parts;
}

bool isSelf(const std::string& host) {
  return host.empty() || host == "localhost" || host == "0.0.0.0" || host == "::1" ||
         host.starts_with("127.0.0.");
}

HealthQuestion askHttp(const std::string& url) {
  HealthQuestion question{Kind::HttpGet, {}, 80, "/", 0};
  if (auto endpoint = parseEndpoint(url, 80)) {
    question.host = isSelf(endpoint->host) ? "" : endpoint->host;
    question.port = endpoint->port;
  }
  auto start = url.find("://");
  auto slash = url.find('/', start == url.npos ? 0 : start + 3);
  if (slash != url.npos)
    question.path = url.substr(slash);
  return question;
}

HealthQuestion askAddress(Kind kind, std::string address, const std::string& service = {}) {
  if (!address.empty() && address.front() == ':')
    address.insert(0, "localhost");
  auto endpoint = parseEndpoint(address);
  if (!endpoint)
    return {};
  return {kind, isSelf(endpoint->host) ? "" : endpoint->host, endpoint->port, service, 0};
}

// "-addr=X", "--addr X": the value of the option, "" without it.
std::string option(const Words& words, const std::string& name) {
  for (size_t i = 1; i < words.size(); ++i) {
    auto bare = words[i].substr(std::min(words[i].find_first_not_of('-'), words[i].size()));
    if (bare == name && i + 1 < words.size())
      return words[i + 1];
    if (bare.starts_with(name + "="))
      return bare.substr(name.size() + 1);
  }
  return {};
}

// python -c "…grpc.insecure_channel('localhost:50051')…"
HealthQuestion askPython(const std::string& code) {
  auto call = code.find("_channel(");
  if (call != code.npos) {
    auto open = code.find_first_of("'\"", call);
    auto close = open == code.npos ? code.npos : code.find(code[open], open + 1);
    if (close != code.npos)
      return askAddress(Kind::ChannelReady, code.substr(open + 1, close - open - 1));
  }
  auto url = code.find("http://");
  if (url != code.npos)
    return askHttp(code.substr(url, code.find_first_of("'\") ", url) - url));
  return {};
}

int numberOf(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

HealthQuestion understand(const Words& words) {
  auto program = words.front().substr(words.front().rfind('/') + 1);
  auto second = words.size() > 1 ? words[1] : std::string();
  if (program == "exit" || program == "true" || program == "false")
    return {Kind::Constant, {}, 0, {}, program == "exit" ? numberOf(second) : program == "false"};
  if (program == "ratd" && second == "healthcheck")
    return {Kind::HttpGet, {}, 8080, "/health", 0};
  if (program == "pg_isready")
    return {Kind::HttpGet, {}, 5432, "/health", 0};
  if (program == "mc" && second == "ready")
    return {Kind::HttpGet, {}, 9000, "/minio/health/ready", 0};
  if (program == "grpc_health_probe" || program == "grpc-health-probe")
    return askAddress(Kind::GrpcHealth, option(words, "addr"), option(words, "service"));
  if (program.starts_with("python") && words.size() > 2)
    return askPython(words[2]);
  if (program == "nc" && words.size() > 2)
    return askAddress(Kind::TcpConnect, words[words.size() - 2] + ":" + words.back());
  if (program == "wget" || program == "curl")
    for (size_t i = words.size() - 1; i > 0; --i)
      if (words[i].find("://") != std::string::npos || words[i].starts_with("localhost") ||
          words[i].starts_with("127."))
        return askHttp(words[i]);
  return {};
}

} // namespace

std::vector<HealthLink> understandHealthCommand(const std::vector<std::string>& argv) {
  auto words = argv;
  bool isShell = false;
  if (!words.empty() && (words.front() == "CMD" || words.front() == "CMD-SHELL")) {
    isShell = words.front() == "CMD-SHELL";
    words.erase(words.begin());
  }
  if (words.size() >= 3 && words[1] == "-c" && words[0].ends_with("sh")) {
    words = {words[2]};
    isShell = true;
  }
  std::vector<HealthLink> chain;
  if (isShell && !words.empty()) {
    for (const auto& part : splitShell(words.front()))
      chain.push_back({part.when, understand(part.words)});
  } else if (!words.empty()) {
    chain.push_back({When::Always, understand(words)});
  }
  if (chain.empty())
    chain.push_back({});
  return chain;
}

} // namespace ratdeck::sandbox

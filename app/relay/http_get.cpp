#include "app/relay/http_get.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace ratdeck::relay {

namespace {

constexpr std::size_t mostHead = 64u << 10;
constexpr std::size_t mostSizeLine = 1u << 10; // of a chunk
constexpr const char* lineEnd = "\r\n";

bool isPrintable(const std::string& text, bool mayHaveSpaces) {
  return std::all_of(text.begin(), text.end(), [mayHaveSpaces](unsigned char c) {
    return c > 0x20 ? c != 0x7f : c == ' ' && mayHaveSpaces;
  });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text;
}

// What arrives, taken up to a mark or by length.
class Source {
public:
  explicit Source(const std::function<Result<std::string>()>& more) : m_more(more) {}

  // Without the mark.
  Result<std::string> until(const std::string& mark, std::size_t most) {
    std::size_t at = 0;
    while ((at = m_have.find(mark)) == std::string::npos) {
      if (m_have.size() > most)
        return failure(ErrorKind::Internal, "the answer is not HTTP");
      if (Status more = fetch(); !more)
        return failure(more.error());
      if (m_isEnded)
        return failure(ErrorKind::Unreachable,
                       m_hasStarted ? "the answer was cut short" : "closed without an answer");
    }
    std::string text = m_have.substr(0, at);
    m_have.erase(0, at + mark.size());
    return text;
  }

  // `count` bytes into `body`, or all there are; false where the body is full.
  Result<bool> take(std::optional<std::size_t> count, HttpReply& reply, std::size_t most) {
    while (!count || *count > 0) {
      if (m_have.empty()) {
        if (Status more = fetch(); !more)
          return failure(more.error());
        if (m_isEnded)
          return count ? Result<bool>(failure(ErrorKind::Unreachable, "the answer was cut short")) : true;
      }
      const std::size_t part = count ? std::min(*count, m_have.size()) : m_have.size();
      const std::size_t room = most - reply.body.size();
      reply.body += m_have.substr(0, std::min(part, room));
      reply.isCut = part > room;
      if (reply.isCut)
        return false;
      m_have.erase(0, part);
      if (count)
        *count -= part;
    }
    return true;
  }

private:
  Status fetch() {
    auto piece = m_more();
    if (!piece)
      return failure(piece.error());
    m_isEnded = piece->empty();
    m_hasStarted = m_hasStarted || !m_isEnded;
    m_have += *piece;
    return Done{};
  }

  const std::function<Result<std::string>()>& m_more;
  std::string m_have;
  bool m_isEnded = false, m_hasStarted = false;
};

struct Head {
  int status = 0;
  bool isChunked = false;
  std::optional<std::size_t> length;
};

Result<Head> parseHead(const std::string& text) {
  if (!text.starts_with("HTTP/1.") || text.size() < 12)
    return failure(ErrorKind::Internal, "the answer is not HTTP");
  Head head;
  head.status = std::atoi(text.c_str() + 9);
  for (std::size_t at = text.find(lineEnd); at != std::string::npos;) {
    const auto end = text.find(lineEnd, at + 2);
    const std::string line = lower(text.substr(at + 2, end == std::string::npos ? end : end - at - 2));
    if (line.starts_with("content-length:"))
      head.length = std::strtoull(line.c_str() + 15, nullptr, 10);
    if (line.starts_with("transfer-encoding:") && line.find("chunked") != std::string::npos)
      head.isChunked = true;
    at = end;
  }
  if (head.status < 100 || head.status > 999)
    return failure(ErrorKind::Internal, "the answer is not HTTP");
  return head;
}

Status takeChunks(Source& source, HttpReply& reply, std::size_t most) {
  for (;;) {
    const auto line = source.until(lineEnd, mostSizeLine);
    if (!line)
      return failure(line.error());
    char* end = nullptr;
    const std::size_t size = std::strtoull(line->c_str(), &end, 16);
    if (end == line->c_str())
      return failure(ErrorKind::Internal, "the answer is not HTTP");
    if (size == 0)
      return Done{};
    const auto taken = source.take(size, reply, most);
    if (!taken || !*taken)
      return taken ? Status(Done{}) : failure(taken.error());
    if (const auto gap = source.until(lineEnd, 2); !gap)
      return failure(gap.error());
  }
}

} // namespace

Result<HttpReply> readHttpReply(const std::function<Result<std::string>()>& more, std::size_t mostBody) {
  Source source(more);
  for (;;) {
    const auto text = source.until("\r\n\r\n", mostHead);
    const Result<Head> head = text ? parseHead(*text) : failure(text.error());
    if (!head)
      return failure(head.error());
    if (head->status < 200)
      continue; // the real answer follows
    HttpReply reply;
    reply.status = head->status;
    if (head->status == 204 || head->status == 304)
      return reply;
    if (head->isChunked) {
      if (Status taken = takeChunks(source, reply, mostBody); !taken)
        return failure(taken.error());
      return reply;
    }
    if (const auto taken = source.take(head->length, reply, mostBody); !taken)
      return failure(taken.error());
    return reply;
  }
}

Result<HttpReply> httpGet(const HttpQuestion& question, Duration timeout) {
  std::string text = "GET " + question.path + " HTTP/1.1\r\nHost: " + question.place + lineEnd;
  bool isFine = question.path.starts_with('/') && isPrintable(question.path, false);
  for (const std::string& header : question.headers) {
    isFine = isFine && isPrintable(header, true) && header.find(':') != std::string::npos;
    text += header + lineEnd;
  }
  if (!isFine)
    return failure(ErrorKind::Input, "a path or a header that cannot stand in a request");
  Line line(timeout);
  if (Status open = line.connect(question.place); !open)
    return failure(open.error());
  if (Status sent = line.send(text + "Connection: close\r\n\r\n"); !sent)
    return failure(sent.error());
  return readHttpReply([&line] { return line.read(); }, question.mostBody);
}

} // namespace ratdeck::relay

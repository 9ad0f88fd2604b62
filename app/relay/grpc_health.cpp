#include "app/relay/grpc_health.h"

#include "app/relay/hpack.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace ratdeck::relay {

namespace {

constexpr std::size_t headBytes = 9;            // of a frame
constexpr std::size_t messageHead = 5;          // of a gRPC message: a flag, a length
constexpr std::size_t largestFrame = 16u << 10; // what a server may send to one that has not asked for more
constexpr std::size_t mostBytes = 64u << 10;    // of all that it may say to this question

enum class FrameKind : std::uint8_t {
  Data = 0,
  Headers = 1,
  Reset = 3,
  Settings = 4,
  Ping = 6,
  GoAway = 7,
  Continuation = 9
};

enum Flag : std::uint8_t { EndStream = 0x1, Ack = 0x1, EndHeaders = 0x4, Padded = 0x8, Priority = 0x20 };

struct Frame {
  FrameKind kind{};
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

std::string bigEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i)
    text += static_cast<char>(value >> (8 * i));
  return text;
}

std::uint32_t numberAt(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + count; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string frame(FrameKind kind, std::uint8_t flags, std::uint32_t stream, const std::string& payload) {
  return bigEndian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(kind) +
         static_cast<char>(flags) + bigEndian(stream, 4) + payload;
}

tl::unexpected<Error> notHttp2() {
  return failure(ErrorKind::Internal, "the answer is not HTTP/2");
}

// HealthCheckRequest{service}: field 1, a text.
std::string requestMessage(const std::string& service) {
  std::string body;
  if (!service.empty()) {
    body = '\x0a';
    std::size_t left = service.size();
    for (; left >= 0x80; left >>= 7)
      body += static_cast<char>(0x80 | (left & 0x7f));
    body += static_cast<char>(left) + service;
  }
  return '\0' + bigEndian(static_cast<std::uint32_t>(body.size()), 4) + body;
}

std::string opening(const std::string& place, const std::string& service, Duration timeout) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  const std::string head = writeHpack({{":method", "POST"},
                                       {":scheme", "http"},
                                       {":path", "/grpc.health.v1.Health/Check"},
                                       {":authority", place},
                                       {"te", "trailers"},
                                       {"content-type", "application/grpc"},
                                       {"grpc-timeout", std::to_string(milliseconds) + 'm'}});
  constexpr std::uint16_t enablePush = 2;
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
         frame(FrameKind::Settings, 0, 0, bigEndian(enablePush, 2) + bigEndian(0, 4)) +
         frame(FrameKind::Headers, EndHeaders, 1, head) +
         frame(FrameKind::Data, EndStream, 1, requestMessage(service));
}

// One answer as it comes in, frame by frame.
class Call {
public:
  explicit Call(Line& line) : m_line(line) {}

  Result<std::string> finish() {
    while (!m_isEnded) {
      auto next = readFrame();
      if (!next)
        return failure(next.error());
      if (Status taken = take(*next); !taken)
        return failure(taken.error());
    }
    return verdict();
  }

private:
  Status need(std::size_t bytes) {
    while (m_have.size() < bytes) {
      auto piece = m_line.read();
      if (!piece)
        return failure(piece.error());
      if (piece->empty())
        return failure(ErrorKind::Unreachable, m_taken + m_have.size() == 0 ? "closed without an answer"
                                                                            : "the answer was cut short");
      m_have += *piece;
    }
    return Done{};
  }

  Result<Frame> readFrame() {
    if (Status head = need(headBytes); !head)
      return failure(head.error());
    const std::size_t size = numberAt(m_have, 0, 3);
    // The first frame is always the server's settings: nothing else begins like that.
    if (size > largestFrame || (m_taken == 0 && static_cast<FrameKind>(m_have[3]) != FrameKind::Settings))
      return notHttp2();
    m_taken += headBytes + size;
    if (m_taken > mostBytes)
      return failure(ErrorKind::Internal, "the answer is too long for a health check");
    if (Status whole = need(headBytes + size); !whole)
      return failure(whole.error());
    Frame next{static_cast<FrameKind>(m_have[3]), static_cast<std::uint8_t>(m_have[4]),
               numberAt(m_have, 5, 4) & 0x7fffffffu, m_have.substr(headBytes, size)};
    m_have.erase(0, headBytes + size);
    return next;
  }

  Status take(Frame& next) {
    switch (next.kind) {
    case FrameKind::Settings:
      return next.flags & Ack ? Status(Done{}) : m_line.send(frame(FrameKind::Settings, Ack, 0, {}));
    case FrameKind::Ping:
      return next.flags & Ack ? Status(Done{}) : m_line.send(frame(FrameKind::Ping, Ack, 0, next.payload));
    case FrameKind::GoAway:
      return failure(ErrorKind::Unreachable, "the server turns the connection away");
    case FrameKind::Reset:
      return failure(ErrorKind::Internal, "the server broke the call off");
    case FrameKind::Data:
      if (!unpad(next))
        return notHttp2();
      m_message += next.payload;
      m_isEnded = next.flags & EndStream;
      return Done{};
    case FrameKind::Headers:
      if (!unpad(next))
        return notHttp2();
      m_endsAfterHeaders = next.flags & EndStream;
      m_block = next.payload;
      return next.flags & EndHeaders ? takeHeaders() : Status(Done{});
    case FrameKind::Continuation:
      m_block += next.payload;
      return next.flags & EndHeaders ? takeHeaders() : Status(Done{});
    }
    return Done{}; // what is not known is passed over
  }

  static bool unpad(Frame& next) {
    std::size_t padding = 0;
    if (next.flags & Padded) {
      if (next.payload.empty())
        return false;
      padding = static_cast<unsigned char>(next.payload[0]);
      next.payload.erase(0, 1);
    }
    if (next.kind == FrameKind::Headers && (next.flags & Priority)) {
      if (next.payload.size() < 5)
        return false;
      next.payload.erase(0, 5);
    }
    if (padding > next.payload.size())
      return false;
    next.payload.resize(next.payload.size() - padding);
    return true;
  }

  Status takeHeaders() {
    auto fields = m_reader.read(m_block);
    if (!fields)
      return failure(fields.error());
    for (auto& [name, value] : *fields) {
      if (name == ":status")
        m_httpStatus = value;
      if (name == "grpc-status")
        m_code = std::atoi(value.c_str());
      if (name == "grpc-message")
        m_words = value.substr(0, 200);
    }
    m_isEnded = m_endsAfterHeaders;
    return Done{};
  }

  Result<std::string> verdict() const {
    if (!m_code)
      return failure(ErrorKind::Internal, "no gRPC server: HTTP status " + m_httpStatus);
    switch (*m_code) {
    case 0:
      return meaning();
    case 5:
      return "service unknown";
    case 12:
      return "unimplemented";
    case 4:
      return failure(ErrorKind::Timeout, "the server gave up: " + m_words);
    case 14:
      return failure(ErrorKind::Unreachable, "gRPC is not available: " + m_words);
    case 7:
    case 16:
      return failure(ErrorKind::Refused, "gRPC wants credentials: " + m_words);
    default:
      return failure(ErrorKind::Internal,
                     "gRPC failed with code " + std::to_string(*m_code) + ": " + m_words);
    }
  }

  // HealthCheckResponse{status}: field 1, a number; none is 0.
  Result<std::string> meaning() const {
    if (m_message.size() < messageHead || m_message[0] != '\0' ||
        numberAt(m_message, 1, 4) != m_message.size() - messageHead)
      return failure(ErrorKind::Internal, "no health in the answer");
    const std::string body = m_message.substr(messageHead);
    if (body.empty())
      return "unknown";
    if (body.size() != 2 || body[0] != '\x08')
      return failure(ErrorKind::Internal, "no health in the answer");
    switch (body[1]) {
    case 1:
      return "serving";
    case 2:
      return "not serving";
    case 3:
      return "service unknown";
    default:
      return "unknown";
    }
  }

  Line& m_line;
  HpackReader m_reader;
  std::string m_have, m_block, m_message;
  std::size_t m_taken = 0;
  bool m_isEnded = false, m_endsAfterHeaders = false;
  std::optional<int> m_code;
  std::string m_httpStatus, m_words;
};

} // namespace

Result<std::string> askGrpcHealth(const std::string& place, const std::string& service, Duration timeout) {
  if (service.size() > 1000)
    return failure(ErrorKind::Input, "the service's name is too long");
  Line line(timeout);
  if (Status open = line.connect(place); !open)
    return failure(open.error());
  if (Status sent = line.send(opening(place, service, timeout)); !sent)
    return failure(sent.error());
  return Call(line).finish();
}

} // namespace ratdeck::relay

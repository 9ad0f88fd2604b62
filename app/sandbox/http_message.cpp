#include "app/sandbox/http_message.h"

#include <charconv>

namespace ratdeck::sandbox {

namespace {

int hexValue(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hexValue(text[i + 1]) >= 0 && hexValue(text[i + 2]) >= 0) {
      out += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

} // namespace

std::string HttpRequest::queryValue(const std::string& name, const std::string& fallback) const {
  auto it = query.find(name);
  return it == query.end() ? fallback : it->second;
}

long long HttpRequest::queryNumber(const std::string& name, long long fallback) const {
  auto text = queryValue(name);
  long long value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : fallback;
}

void splitTarget(HttpRequest& request) {
  std::string_view target = request.target;
  auto mark = target.find('?');
  request.path = decode(target.substr(0, mark));
  request.query.clear();
  if (mark == target.npos)
    return;
  auto rest = target.substr(mark + 1);
  while (!rest.empty()) {
    auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size() < rest.size() ? pair.size() + 1 : rest.size());
    auto equals = pair.find('=');
    auto value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    request.query[decode(pair.substr(0, equals))] = decode(value);
  }
}

std::string toWire(std::string_view method, std::string_view target, std::string_view host,
                   std::string_view body, bool close) {
  std::string text;
  text.reserve(160 + target.size() + body.size());
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  if (close)
    text.append("\r\nConnection: close");
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
    text.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(std::to_string(body.size()));
  text.append("\r\n\r\n").append(body);
  return text;
}

std::string toWire(const HttpReply& reply, const Headers& common, bool close, bool isHead) {
  std::string text;
  text.reserve(256 + reply.body.size());
  text.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(reasonOf(reply.status));
  text.append("\r\nContent-Type: ").append(reply.type);
  text.append("\r\nContent-Length: ").append(std::to_string(reply.body.size()));
  for (const auto* headers : {&common, &reply.headers})
    for (const auto& [name, value] : *headers)
      text.append("\r\n").append(name).append(": ").append(value);
  if (close)
    text.append("\r\nConnection: close");
  text.append("\r\n\r\n");
  if (!isHead)
    text.append(reply.body);
  return text;
}

const char* reasonOf(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 400:
    return "Bad Request";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 409:
    return "Conflict";
  case 429:
    return "Too Many Requests";
  case 500:
    return "Internal Server Error";
  case 502:
    return "Bad Gateway";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  default:
    return "Status";
  }
}

} // namespace ratdeck::sandbox

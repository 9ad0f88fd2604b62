#include "core/remote/http/curl_transfer.h"

#include "core/remote/outbox.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ratdeck {

namespace {

constexpr std::size_t maxHeaderBytes = 256u << 10;

bool isToken(std::string_view text) {
  static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

} // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& header : headers)
    if (header.name == name)
      return header.value;
  return {};
}

CurlTransfer::CurlTransfer(HttpRequest request, bool isStream)
    : m_request(std::move(request)), m_isStream(isStream) {}

CurlTransfer::~CurlTransfer() {
  if (m_easy)
    curl_easy_cleanup(m_easy);
  curl_slist_free_all(m_headerLines);
}

Status CurlTransfer::checkWords() const {
  if (!isToken(m_request.method))
    return failure(ErrorKind::Input, "not an HTTP method: \"" + m_request.method + "\"");
  if (m_request.url.empty() || hasControl(m_request.url) || m_request.url.find(' ') != std::string::npos)
    return failure(ErrorKind::Input, "the URL is empty or has spaces or control characters");
  if (hasControl(m_request.unixSocket) || hasControl(m_request.sourceAddress))
    return failure(ErrorKind::Input, "a socket path or source address has control characters");
  if (hasControl(m_request.bearerToken.reveal()))
    return failure(ErrorKind::Input, "the bearer token has control characters");
  if (hasControl(m_request.user) || m_request.user.find(':') != std::string::npos ||
      hasControl(m_request.password.reveal()))
    return failure(ErrorKind::Input, "a user has a : or control characters, or a password has such");
  for (const auto& header : m_request.headers)
    if (!isToken(header.name) || hasControl(header.value))
      return failure(ErrorKind::Input, "not an HTTP header: \"" + header.name + "\"");
  return Done{};
}

Status CurlTransfer::prepare() {
  if (auto words = checkWords(); !words)
    return words;
  m_easy = curl_easy_init();
  if (!m_easy)
    return failure(ErrorKind::Internal, "no memory for an HTTP request");
  setTarget();
  setBody();
  setTimes();
  setTls();
  setHeaders();
  curl_easy_setopt(m_easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(m_easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(m_easy, CURLOPT_QUICK_EXIT, 1L); // a cancelled name lookup is not waited for
  curl_easy_setopt(m_easy, CURLOPT_ERRORBUFFER, m_curlWords);
  curl_easy_setopt(m_easy, CURLOPT_FRESH_CONNECT, m_request.freshConnection ? 1L : 0L);
  curl_easy_setopt(m_easy, CURLOPT_FORBID_REUSE, m_request.freshConnection ? 1L : 0L);
  curl_easy_setopt(m_easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::onBody);
  curl_easy_setopt(m_easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(m_easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::onHeader);
  curl_easy_setopt(m_easy, CURLOPT_HEADERDATA, this);
  return Done{};
}

void CurlTransfer::setTarget() {
  const bool isPath = !m_request.unixSocket.empty() && m_request.url.front() == '/';
  const std::string url = isPath ? "http://localhost" + m_request.url : m_request.url;
  curl_easy_setopt(m_easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(m_easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(m_easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(m_easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(m_easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(m_easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(m_easy, CURLOPT_PROXY, ""); // an explicit empty proxy also overrules the environment's
  if (!m_request.unixSocket.empty())
    curl_easy_setopt(m_easy, CURLOPT_UNIX_SOCKET_PATH, m_request.unixSocket.c_str());
  if (!m_request.sourceAddress.empty())
    curl_easy_setopt(m_easy, CURLOPT_INTERFACE, ("host!" + m_request.sourceAddress).c_str());
}

void CurlTransfer::setTimes() {
  const long limit = toTimerMilliseconds(m_request.timeout);
  curl_easy_setopt(m_easy, CURLOPT_CONNECTTIMEOUT_MS, limit);
  if (!m_isStream) {
    curl_easy_setopt(m_easy, CURLOPT_TIMEOUT_MS, limit);
    return;
  }
  // A peer that vanished without a word is noticed even where any silence is fine.
  curl_easy_setopt(m_easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(m_easy, CURLOPT_TCP_KEEPIDLE, 10L);
  curl_easy_setopt(m_easy, CURLOPT_TCP_KEEPINTVL, 5L);
}

void CurlTransfer::setTls() {
  const HttpTls& tls = m_request.tls;
  curl_easy_setopt(m_easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(m_easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(m_easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!tls.caFile.empty()) {
    curl_easy_setopt(m_easy, CURLOPT_CAINFO, tls.caFile.c_str());
    curl_easy_setopt(m_easy, CURLOPT_CAPATH, nullptr);
  }
  if (tls.certificateFile.empty())
    return;
  curl_easy_setopt(m_easy, CURLOPT_SSLCERT, tls.certificateFile.c_str());
  curl_easy_setopt(m_easy, CURLOPT_SSLKEY, tls.keyFile.c_str());
  curl_easy_setopt(m_easy, CURLOPT_KEYPASSWD, ""); // or OpenSSL would ask on the terminal
}

void CurlTransfer::setBody() {
  const bool mayBeEmpty =
      m_request.method == "POST" || m_request.method == "PUT" || m_request.method == "PATCH";
  if (m_request.method == "HEAD")
    curl_easy_setopt(m_easy, CURLOPT_NOBODY, 1L);
  else if (mayBeEmpty || !m_request.body.empty()) {
    curl_easy_setopt(m_easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_request.body.size()));
    curl_easy_setopt(m_easy, CURLOPT_POSTFIELDS, m_request.body.data());
  }
  curl_easy_setopt(m_easy, CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
}

void CurlTransfer::setHeaders() {
  addHeader("Expect:");
  if (!hasHeader("content-type"))
    addHeader("Content-Type:");
  if (!m_request.unixSocket.empty() && !hasHeader("host"))
    addHeader("Host: localhost");
  if (!m_request.bearerToken.isEmpty())
    addHeader("Authorization: Bearer " + m_request.bearerToken.reveal());
  if (!m_request.user.empty()) {
    curl_easy_setopt(m_easy, CURLOPT_HTTPAUTH, long{CURLAUTH_BASIC});
    curl_easy_setopt(m_easy, CURLOPT_USERNAME, m_request.user.c_str());
    curl_easy_setopt(m_easy, CURLOPT_PASSWORD, m_request.password.reveal().c_str());
  }
  for (const auto& header : m_request.headers)
    addHeader(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  curl_easy_setopt(m_easy, CURLOPT_HTTPHEADER, m_headerLines);
}

void CurlTransfer::addHeader(const std::string& line) {
  if (auto* longer = curl_slist_append(m_headerLines, line.c_str()))
    m_headerLines = longer;
}

bool CurlTransfer::hasHeader(std::string_view name) const {
  return std::any_of(m_request.headers.begin(), m_request.headers.end(),
                     [&](const HttpHeader& header) { return lower(header.name) == name; });
}

size_t CurlTransfer::onBody(char* data, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  const size_t bytes = size * count;
  transfer->m_bodyBytes += bytes;
  if (transfer->m_isOpen) {
    transfer->m_news.piece.append(data, bytes);
    return bytes;
  }
  auto& body = transfer->m_response.body;
  if (bytes > transfer->m_request.maxBody - body.size()) {
    transfer->m_isBodyTooLarge = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

size_t CurlTransfer::onHeader(char* data, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  const size_t bytes = size * count;
  transfer->m_headerBytes += bytes;
  if (transfer->m_headerBytes > maxHeaderBytes) {
    transfer->m_isHeadTooLarge = true;
    return 0;
  }
  const std::string_view line(data, bytes);
  auto& headers = transfer->m_response.headers;
  if (line.substr(0, 5) == "HTTP/")
    headers.clear(); // an interim answer (100, 103) went before
  else if (line == "\r\n" || line == "\n")
    transfer->openStream();
  else if (const auto colon = line.find(':'); colon != std::string_view::npos)
    headers.push_back({lower(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  return bytes;
}

void CurlTransfer::openStream() {
  const int status = statusNow();
  if (m_isStream && status >= 200 && status < 300)
    m_isOpen = m_news.isOpened = true;
}

CurlTransfer::News CurlTransfer::takeNews() {
  return std::exchange(m_news, {});
}

int CurlTransfer::statusNow() const {
  long status = 0;
  curl_easy_getinfo(m_easy, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

Result<HttpResponse> CurlTransfer::finish(CURLcode code) {
  if (code != CURLE_OK)
    return failure(errorOf(code));
  curl_off_t took = 0;
  curl_easy_getinfo(m_easy, CURLINFO_TOTAL_TIME_T, &took);
  m_response.status = statusNow();
  m_response.took = std::chrono::microseconds(took);
  return std::move(m_response);
}

std::string CurlTransfer::peer() const {
  if (!m_request.unixSocket.empty())
    return m_request.unixSocket;
  auto begin = m_request.url.find("://");
  begin = begin == std::string::npos ? 0 : begin + 3;
  const std::string authority =
      m_request.url.substr(begin, m_request.url.find_first_of("/?#", begin) - begin);
  return authority.substr(authority.rfind('@') + 1); // what stands before it may be a password
}

bool CurlTransfer::isConnected() const {
  curl_off_t connected = 0;
  curl_easy_getinfo(m_easy, CURLINFO_CONNECT_TIME_T, &connected);
  return connected > 0;
}

Error CurlTransfer::silence() const {
  if (m_isOpen)
    return {
        ErrorKind::Timeout, peer() + " has sent nothing for " + toHumanString(m_request.idleTimeout), {}, {}};
  return {
      ErrorKind::Timeout, "no answer from " + peer() + " within " + toHumanString(m_request.timeout), {}, {}};
}

// With TLS 1.3 the server judges the client's certificate after the handshake has succeeded on this side.
bool CurlTransfer::isCertificateRefused() const {
  const std::string_view words = m_curlWords;
  const auto says = [&](std::string_view part) {
    return words.find(part) != std::string_view::npos;
  };
  return says("alert") && (says("certificate") || says("unknown ca"));
}

Error CurlTransfer::tlsErrorOf(CURLcode code) const {
  const std::string words = m_curlWords[0] == 0 ? curl_easy_strerror(code) : m_curlWords;
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    return {ErrorKind::Refused,
            "the certificate of " + peer() + " is not to be trusted: " + words,
            "name the authority that signed it; it is never left unverified",
            {}};
  if (isCertificateRefused())
    return {ErrorKind::Refused,
            peer() + " does not accept this side's certificate: " + words,
            "show the certificate and key that its authority has signed",
            {}};
  if (code == CURLE_SSL_CONNECT_ERROR)
    return {ErrorKind::Unreachable, "no TLS with " + peer() + ": " + words, {}, {}};
  return {ErrorKind::Input, "a TLS file for " + peer() + " cannot be used: " + words, {}, {}};
}

Error CurlTransfer::errorOf(CURLcode code) const {
  long osError = 0;
  curl_easy_getinfo(m_easy, CURLINFO_OS_ERRNO, &osError);
  const std::string who = peer();
  const auto because = [&](const std::string& fallback) {
    return osError == 0 ? fallback : std::generic_category().message(static_cast<int>(osError));
  };
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return {
        ErrorKind::Timeout, "no answer from " + who + " within " + toHumanString(m_request.timeout), {}, {}};
  case CURLE_COULDNT_CONNECT:
    return {ErrorKind::Unreachable, "cannot connect to " + who + ": " + because("nobody answers"), {}, {}};
  case CURLE_COULDNT_RESOLVE_HOST:
    return {ErrorKind::Unreachable, "no address is known for " + who, {}, {}};
  case CURLE_INTERFACE_FAILED:
    return {ErrorKind::Unreachable, "cannot connect from " + m_request.sourceAddress, {}, {}};
  case CURLE_GOT_NOTHING:
    return {ErrorKind::Unreachable, who + " closed the connection without an answer", {}, {}};
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    if (isCertificateRefused())
      return tlsErrorOf(code);
    return {
        ErrorKind::Unreachable, "the connection to " + who + " broke: " + because("it was closed"), {}, {}};
  case CURLE_UNSUPPORTED_PROTOCOL:
    if (isConnected()) // an answer without a status line, which curl calls HTTP/0.9
      return {ErrorKind::Internal, who + " does not answer in HTTP", {}, {}};
    [[fallthrough]];
  case CURLE_URL_MALFORMAT:
  case CURLE_LOGIN_DENIED:
    return {ErrorKind::Input, "not a URL that can be asked: " + who, {}, {}};
  case CURLE_PARTIAL_FILE:
    return {ErrorKind::Unreachable,
            "the answer of " + who + " was cut after " + std::to_string(m_bodyBytes) + " bytes of its body",
            {},
            {}};
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CACERT_BADFILE:
    return tlsErrorOf(code);
  case CURLE_WEIRD_SERVER_REPLY:
    return {ErrorKind::Internal, who + " does not answer in HTTP", {}, {}};
  default:
    break;
  }
  if (m_isBodyTooLarge)
    return {ErrorKind::Internal,
            "the answer of " + who + " is larger than " + std::to_string(m_request.maxBody) + " bytes",
            {},
            {}};
  if (m_isHeadTooLarge)
    return {ErrorKind::Internal, "the headers of " + who + " are larger than 256 KiB", {}, {}};
  return {ErrorKind::Internal, "asking " + who + " failed: " + curl_easy_strerror(code), {}, {}};
}

} // namespace ratdeck

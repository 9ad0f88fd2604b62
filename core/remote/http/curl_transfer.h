// One request as a curl easy handle: its options, the bytes that came back, and what its end means.
//
// It knows nothing of the event loop. Must stay where it is in memory while curl uses it.
#pragma once

#include "core/base/result.h"
#include "core/remote/http/http_message.h"

#include <curl/curl.h>

#include <string>

namespace ratdeck {

class CurlTransfer {
public:
  // The body of a stream is handed out piece by piece instead of being kept.
  CurlTransfer(HttpRequest request, bool isStream);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Checks the request and sets the handle up. Errors: Input.
  Status prepare();
  CURL* handle() const { return m_easy; }
  // What a stream brought since it was asked last.
  struct News {
    bool isOpened = false; // a 2xx head has come
    std::string piece;
  };
  News takeNews();
  // How long a stream may be silent now; 0: for ever.
  Duration patience() const { return m_isOpen ? m_request.idleTimeout : m_request.timeout; }
  // The error that a silence of that length is.
  Error silence() const;
  // What the transfer came to; call once, after curl has said that it is done.
  Result<HttpResponse> finish(CURLcode code);

private:
  Status checkWords() const;
  void setTarget();
  void setTimes();
  void setTls();
  void setBody();
  void setHeaders();
  void addHeader(const std::string& line);
  bool hasHeader(std::string_view name) const;
  std::string peer() const; // HOST:PORT or the socket's path, for people
  bool isConnected() const;
  Error errorOf(CURLcode code) const;
  Error tlsErrorOf(CURLcode code) const;
  bool isCertificateRefused() const;
  int statusNow() const;
  void openStream();

  static size_t onBody(char* data, size_t size, size_t count, void* self);
  static size_t onHeader(char* data, size_t size, size_t count, void* self);

  HttpRequest m_request;
  bool m_isStream = false;
  bool m_isOpen = false; // a stream whose 2xx head has come
  News m_news;
  std::size_t m_bodyBytes = 0;
  char m_curlWords[CURL_ERROR_SIZE] = {};
  CURL* m_easy = nullptr;
  curl_slist* m_headerLines = nullptr;
  HttpResponse m_response;
  std::size_t m_headerBytes = 0;
  bool m_isBodyTooLarge = false;
  bool m_isHeadTooLarge = false;
};

} // namespace ratdeck

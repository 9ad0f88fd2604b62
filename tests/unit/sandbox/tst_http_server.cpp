// The server's own promises, on an event loop of the test's own.
#include "app/sandbox/http_server.h"

#include <QtTest>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::sandbox;
namespace net = boost::asio;

namespace {

// No descriptor can be opened while it lives.
class NoDescriptors {
public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &m_before);
    int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(lowest);
    rlimit none{static_cast<rlim_t>(lowest), m_before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }

private:
  rlimit m_before{};
};

} // namespace

class TestHttpServer : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void withoutDescriptorsItWaitsAndThenServes() {
    net::io_context io(1);
    HttpServer server(io, [](const std::shared_ptr<Exchange>& exchange) {
      exchange->reply({200, "ok", "text/plain", {}});
    });
    auto port = server.listenTcp("127.92.0.5", 0);
    QVERIFY(port.has_value());
    net::ip::tcp::socket client(io, net::ip::tcp::v4());
    size_t turns = 0;
    {
      NoDescriptors none;
      client.connect({net::ip::make_address("127.92.0.5"), *port});
      turns = io.run_for(std::chrono::milliseconds(300));
    }
    QVERIFY2(turns < 20, std::to_string(turns).c_str());
    net::write(client, net::buffer(std::string("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
    std::string answer;
    bool isOver = false;
    net::async_read(client, net::dynamic_buffer(answer), [&](boost::system::error_code, size_t) {
      isOver = true;
      io.stop();
    });
    io.run_for(std::chrono::seconds(20));
    QVERIFY(isOver);
    QVERIFY2(answer.starts_with("HTTP/1.1 200"), answer.c_str());
  }
};

QTEST_APPLESS_MAIN(TestHttpServer)
#include "tst_http_server.moc"

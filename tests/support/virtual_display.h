// A display of its own for a test that drives a window: Xvfb, for as long as this object lives. To be made
// before the application object.
#pragma once

#include <QProcess>

namespace ratdeck {

class VirtualDisplay {
public:
  VirtualDisplay() {
    m_server.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_server.start(QStringLiteral("Xvfb"),
                   {QStringLiteral("-displayfd"), QStringLiteral("1"), QStringLiteral("-screen"),
                    QStringLiteral("0"), QStringLiteral("1280x800x24"), QStringLiteral("-nolisten"),
                    QStringLiteral("tcp")});
    QByteArray number;
    while (!number.endsWith('\n') && m_server.waitForReadyRead(10000))
      number += m_server.readAllStandardOutput();
    m_isThere = number.endsWith('\n');
    qputenv("DISPLAY", ":" + number.trimmed());
    qputenv("QT_QPA_PLATFORM", "xcb");
  }
  ~VirtualDisplay() {
    m_server.terminate();
    m_server.waitForFinished(5000);
  }
  bool isThere() const { return m_isThere; }

private:
  QProcess m_server;
  bool m_isThere = false;
};

} // namespace ratdeck

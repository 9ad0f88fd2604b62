// Takes all that is left of a disk, until it goes out of scope.
#pragma once

#include <QFile>

namespace ratdeck {

class DiskFiller {
public:
  explicit DiskFiller(const QString& folder) : m_file(folder + QStringLiteral("/filler")) {
    const QByteArray block(64 * 1024, 'x');
    if (m_file.open(QIODevice::WriteOnly | QIODevice::Unbuffered))
      while (m_file.write(block) == block.size()) {
      }
  }
  ~DiskFiller() { m_file.remove(); }
  DiskFiller(const DiskFiller&) = delete;
  DiskFiller& operator=(const DiskFiller&) = delete;
  qint64 size() const { return m_file.size(); }

private:
  QFile m_file;
};

} // namespace ratdeck

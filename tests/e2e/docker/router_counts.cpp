#include "tests/e2e/docker/router_counts.h"

#include <QLocalSocket>
#include <QString>

namespace ratdeck {

namespace {

long long sumOf(const QList<QByteArrayList>& rows, const char* kind, const char* column) {
  long long sum = 0;
  if (rows.isEmpty())
    return sum;
  const auto at = rows.first().indexOf(column);
  for (const QByteArrayList& row : rows)
    if (at >= 0 && row.value(1) == kind)
      sum += row.value(at).toLongLong();
  return sum;
}

} // namespace

Result<RouterCounts> readRouterCounts(const std::string& path) {
  QLocalSocket socket;
  socket.connectToServer(QString::fromStdString(path));
  if (!socket.waitForConnected(2000))
    return failure(ErrorKind::Unreachable, "no router at " + path);
  socket.write("show stat\n");
  QByteArray text;
  while (socket.waitForReadyRead(2000))
    text += socket.readAll();
  text += socket.readAll();
  QList<QByteArrayList> rows;
  for (const QByteArray& line : text.split('\n'))
    rows += line.split(',');
  return RouterCounts{sumOf(rows, "FRONTEND", "req_tot"),
                      sumOf(rows, "BACKEND", "wretr") + sumOf(rows, "BACKEND", "wredis")};
}

} // namespace ratdeck

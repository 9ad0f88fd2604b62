// A PostgreSQL 15 of a test's own: its data in a temporary folder, reached by a socket there and nowhere
// else, as a user without rights; it ends with the test, even if that is killed.
#pragma once

#include <QProcess>
#include <QString>
#include <QTemporaryDir>

#include <string>
#include <vector>

namespace ratdeck {

class PostgresRig {
public:
  // Why there can be none here, one line; "" if there can.
  static QString whyNot();

  PostgresRig();
  ~PostgresRig();
  // "" or what went wrong, with the end of its log.
  QString start();

  // The folder of its socket: PGHOST. Everybody may connect as the user postgres.
  QString socketFolder() const { return m_folder.path() + QStringLiteral("/socket"); }
  static QString psql();

  // Runs SQL and answers with what psql prints, unaligned, without its last newline; what it complains about
  // goes into the answer too. Never fails.
  std::string ask(const std::string& sql) const;

  // Adds a row to `table`, column `note`, every 20 ms until stopWriting.
  void startWriting(const std::string& table);
  // Whether the table still grows: false after half a second without another row.
  bool isWriting(const std::string& table) const;
  // How many rows were acknowledged; none is in hand any more.
  int stopWriting();

private:
  QString stopFile() const { return socketFolder() + QStringLiteral("/stop-writing"); }

  QTemporaryDir m_folder;
  QProcess m_server, m_writer;
};

} // namespace ratdeck

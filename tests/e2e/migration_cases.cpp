#include "tests/e2e/migration_cases.h"

#include <QTest>

#include <QFile>

namespace ratdeck {

namespace {

// Adds what was not as it must be.
class Findings {
public:
  void expect(bool holds, const std::string& what) {
    if (!holds)
      m_text += (m_text.empty() ? "" : "\n") + what;
  }
  std::string text() const { return m_text; }

private:
  std::string m_text;
};

std::string quoted(const std::string& word) {
  return Json(word).dump();
}

Json taskIn(const Json& outcome, const std::string& id) {
  for (const auto& task : memberAt(outcome, "tasks"))
    if (textAt(task, "id") == id)
      return task;
  return {};
}

std::string appVersion(CtlRig& rig) {
  const auto versions = rig.versionsOf("app");
  return versions.size() == 1 ? versions.front() : std::to_string(versions.size()) + " copies";
}

} // namespace

MigrationCases::MigrationCases(MigrationGround ground) : m_ground(std::move(ground)) {}

std::string MigrationCases::stack(int version, const std::string& top, const std::string& command) const {
  const auto app = command.empty() ? "exec sleep 100000" : command;
  return "name: mig\nx-ratdeck:\n  bake: 0s\n" + top + "services:\n  app:\n    image: " + m_ground.image +
         ":" + std::to_string(version) + "\n    command: [" + m_ground.shell + ", -c, " + quoted(app) +
         "]\n    environment: { PGHOST: " + quoted(m_ground.pgHost) +
         ", PGUSER: postgres, PGDATABASE: postgres, VERSION: \"" + std::to_string(version) + "\" }\n" +
         m_ground.serviceLines + "    x-ratdeck:\n      order: start-first\n      route: false\n" +
         m_ground.policyLines;
}

QStringList MigrationCases::deployWords(int version, const std::string& top, const std::string& command) {
  const auto file = m_ground.ctl->writeFile(QStringLiteral("stack.yml"),
                                            QByteArray::fromStdString(stack(version, top, command)));
  QStringList words = {QStringLiteral("deploy"), QStringLiteral("--yes"), QStringLiteral("--output"),
                       QStringLiteral("json"),   QStringLiteral("-f"),    QString::fromStdString(file)};
  return words + m_ground.target;
}

CliResult MigrationCases::deploy(int version, const std::string& top, const std::string& command) {
  return m_ground.ctl->run(deployWords(version, top, command));
}

CliResult MigrationCases::planned(int version, const std::string& top) {
  auto words = deployWords(version, top);
  words.removeAll(QStringLiteral("--yes"));
  words.replace(0, QStringLiteral("plan"));
  return m_ground.ctl->run(words);
}

CliResult MigrationCases::rollback(const QStringList& more) {
  QStringList words = {QStringLiteral("rollback"), QStringLiteral("--yes"),
                       QStringLiteral("--output"), QStringLiteral("json"),
                       QStringLiteral("-f"),       m_ground.ctl->folder() + QStringLiteral("/stack.yml")};
  return m_ground.ctl->run(words + more + m_ground.target);
}

std::string MigrationCases::write(const std::string& name, const std::string& sql) const {
  QFile file(QString::fromStdString(m_ground.folder + "/" + name));
  if (file.open(QIODevice::WriteOnly))
    file.write(QByteArray::fromStdString(sql));
  file.setPermissions(QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther);
  return m_ground.inside + "/" + name;
}

std::string MigrationCases::run(const std::string& file) const {
  return "{ run: [" + m_ground.psql + ", -X, -q, --single-transaction, -v, ON_ERROR_STOP=1, -f, " +
         quoted(file) + "] }";
}

std::string MigrationCases::status() const {
  return "{ run: [" + m_ground.psql +
         ", -X, -Atc, \"select version from schema_migrations order by 1\"], service: app }";
}

std::string MigrationCases::migration(const std::string& id, const std::string& rest) const {
  return "  migrations:\n    - id: " + id + "\n      before: app\n      status: " + status() + "\n" + rest;
}

bool MigrationCases::ranBeforeTheNewCode() const {
  for (const auto& line : m_ground.ctl->journal(m_ground.ctl->newestJournal())) {
    if (line.type == "StartRequested")
      return false;
    if (line.type == "TaskPassed")
      return true;
  }
  return false;
}

std::string MigrationCases::columns(const std::string& table) const {
  return m_ground.postgres->ask(
      "select string_agg(column_name, ' ' order by column_name) from information_schema.columns where "
      "table_name = '" +
      table + "'");
}

// Those that were there before the load; what was written since is counted.
std::string MigrationCases::rows() const {
  return m_ground.postgres->ask(
      "select count(*) || ' ' || md5(string_agg(id || note, ',' order by id)) from customers where note <> "
      "'written'");
}

std::string MigrationCases::begin() {
  m_ground.postgres->ask(
      "create table schema_migrations (version text primary key); create table customers (id "
      "serial primary key, note text not null); insert into customers (note) select 'customer ' "
      "|| n from generate_series(1, 1000) n; create table log (line text)");
  const auto first = deploy(1, "");
  return first.exitCode == 0 ? std::string() : first.toString();
}

std::string MigrationCases::warnsOfWhatBreaks() {
  Findings found;
  const auto isNamed = [&](const std::string& sql) {
    const auto result = planned(
        2, migration("planned", "      up: { run: [" + m_ground.psql + ", -c, " + quoted(sql) + "] }\n"));
    found.expect(result.exitCode == 0, result.toString());
    return result.out.find("migration-breaks-old-code") != std::string::npos;
  };
  found.expect(isNamed("alter table customers drop column note;"), "a drop is not named");
  found.expect(isNamed("alter table customers rename note to remark;"), "a new name is not named");
  found.expect(isNamed("alter table customers add column email text not null;"), "no default is not named");
  found.expect(!isNamed("alter table customers add column email text not null default '';"),
               "a column with a default is named");
  return found.text();
}

std::string MigrationCases::succeeds() {
  Findings found;
  const auto before = rows();
  write("010_email.sql", "alter table customers add column email text not null default ''; insert into "
                         "schema_migrations values ('010_email.sql');");
  write("010_email.down.sql", "alter table customers drop column email; delete from schema_migrations where "
                              "version = '010_email.sql';");
  m_ground.postgres->startWriting("customers");
  const auto result =
      deploy(2, migration("email", "      up: " + run(m_ground.inside + "/010_email.sql") + "\n      down: " +
                                       run(m_ground.inside + "/010_email.down.sql") + "\n"));
  const int written = m_ground.postgres->stopWriting();
  found.expect(result.exitCode == 0, result.toString());
  const auto task = taskIn(result.json, "email");
  found.expect(memberAt(task, "added") == Json({"010_email.sql"}), "added: " + dumpJson(task));
  found.expect(ranBeforeTheNewCode(), "the new code was started before the migration had ended");
  found.expect(columns() == "email id note", "columns: " + columns());
  found.expect(rows() == before, "rows: " + before + " before, " + rows() + " after");
  const auto stored = m_ground.postgres->ask("select count(*) from customers where note = 'written'");
  found.expect(written > 20 && stored == std::to_string(written),
               std::to_string(written) + " acknowledged, " + stored + " stored");
  found.expect(appVersion(*m_ground.ctl) == "2", "version " + appVersion(*m_ground.ctl));
  return found.text();
}

std::string MigrationCases::isTakenBackByARollback() { // of succeeds()
  Findings found;
  const auto before = rows();
  const auto result = rollback();
  found.expect(result.exitCode == 0, result.toString());
  found.expect(appVersion(*m_ground.ctl) == "1", "version " + appVersion(*m_ground.ctl));
  found.expect(columns() == "id note", "columns: " + columns());
  found.expect(rows() == before, "rows: " + rows());
  // The code first: its old copy is gone before the down begins.
  const auto journal = m_ground.ctl->journal(m_ground.ctl->newestJournal());
  bool isCodeBack = false, isInOrder = false;
  for (const auto& line : journal) {
    isCodeBack = isCodeBack || line.type == "ServiceFinished";
    isInOrder = isInOrder || (isCodeBack && line.type == "TaskStarted");
  }
  found.expect(isInOrder, "the schema went back before the code");
  return found.text();
}

std::string MigrationCases::failsWithAnExitCode() {
  Findings found;
  const auto before = rows() + columns();
  const auto result = deploy(3, migration("refuses", "      up: { run: [" + m_ground.shell +
                                                         ", -c, \"echo no thanks; exit 7\"] }\n"));
  found.expect(result.exitCode == 1, result.toString());
  found.expect(textAt(result.json, "reason") == "migration refuses ended with exit code 7: no thanks",
               textAt(result.json, "reason"));
  found.expect(appVersion(*m_ground.ctl) == "1", "version " + appVersion(*m_ground.ctl));
  found.expect(rows() + columns() == before, "the table changed");
  return found.text();
}

std::string MigrationCases::failsHalfWay() {
  Findings found;
  const auto before = rows() + columns();
  const auto good = write("020_city.sql", "alter table customers add column city text; insert into "
                                          "schema_migrations values ('020_city.sql');");
  const auto down = write("020_city.down.sql", "alter table customers drop column city; delete from "
                                               "schema_migrations where version = '020_city.sql';");
  const auto bad =
      write("021_street.sql", "alter table customers add column street text; insert into "
                              "schema_migrations values ('021_street.sql'); update customers set "
                              "nothing = 1;");
  m_ground.postgres->startWriting("customers");
  const auto result =
      deploy(3, migration("city", "      up: " + run(good) + "\n      down: " + run(down) +
                                      "\n    - id: street\n      before: app\n      status: " + status() +
                                      "\n      up: " + run(bad) + "\n"));
  const int written = m_ground.postgres->stopWriting();
  found.expect(result.exitCode == 1, result.toString());
  found.expect(textAt(taskIn(result.json, "city"), "result") == "undone", dumpJson(result.json));
  found.expect(textAt(taskIn(result.json, "street"), "result") == "failed", dumpJson(result.json));
  found.expect(textAt(result.json, "reason").find("\"nothing\" of relation \"customers\" does not exist") !=
                   std::string::npos,
               textAt(result.json, "reason"));
  found.expect(appVersion(*m_ground.ctl) == "1", "version " + appVersion(*m_ground.ctl));
  found.expect(rows() + columns() == before, "the table changed: " + columns());
  found.expect(written > 20, "no load: " + std::to_string(written));
  return found.text();
}

std::string MigrationCases::isNotReversible() {
  Findings found;
  const auto before = rows();
  const auto up = write("030_phone.sql", "alter table customers add column phone text; insert into "
                                         "schema_migrations values ('030_phone.sql');");
  const auto rolled = deploy(4, migration("phone", "      up: " + run(up) + "\n"));
  found.expect(rolled.exitCode == 0, rolled.toString());
  const auto refused = rollback();
  found.expect(refused.exitCode == 2 && refused.err.find("--past-schema 030_phone.sql") != std::string::npos,
               refused.toString());
  found.expect(appVersion(*m_ground.ctl) == "4", "the refused rollback did something");
  const auto wrong = rollback({QStringLiteral("--past-schema"), QStringLiteral("031_other.sql")});
  found.expect(wrong.exitCode == 2, wrong.toString());
  const auto back = rollback({QStringLiteral("--past-schema"), QStringLiteral("030_phone.sql")});
  found.expect(back.exitCode == 0, back.toString());
  found.expect(memberAt(back.json, "past_schema") == Json({"030_phone.sql"}), dumpJson(back.json));
  found.expect(appVersion(*m_ground.ctl) == "1", "version " + appVersion(*m_ground.ctl));
  found.expect(columns() == "id note phone", "columns: " + columns());
  found.expect(rows() == before, "rows: " + rows());
  return found.text();
}

// As ratd does: the new version migrates when it starts, forward only.
std::string MigrationCases::isAppliedByTheCode() {
  Findings found;
  const auto before = rows();
  const auto up = write("041_country.sql", "alter table customers add column country text; insert into "
                                           "schema_migrations values ('041_country.sql');");
  const auto top = "  schema: { applied_by: app, status: " + status() + " }\n";
  const auto migrates = m_ground.psql + " -X -q -1 -v ON_ERROR_STOP=1 -f " + up + " && exec sleep 100000";
  m_ground.postgres->startWriting("customers");
  const auto rolled = deploy(5, top, migrates);
  const int written = m_ground.postgres->stopWriting();
  found.expect(rolled.exitCode == 0, rolled.toString());
  found.expect(memberAt(taskIn(rolled.json, "schema-app"), "added") == Json({"041_country.sql"}),
               dumpJson(rolled.json));
  found.expect(written > 20, "no load: " + std::to_string(written));
  const auto refused = rollback();
  found.expect(refused.exitCode == 2 && refused.err.find("041_country.sql") != std::string::npos,
               refused.toString());
  const auto back = rollback({QStringLiteral("--past-schema"), QStringLiteral("041_country.sql")});
  found.expect(back.exitCode == 0, back.toString());
  found.expect(appVersion(*m_ground.ctl) == "1", "version " + appVersion(*m_ground.ctl));
  found.expect(columns().find("country") != std::string::npos, "columns: " + columns());
  found.expect(rows() == before, "rows: " + rows());
  return found.text();
}

std::string MigrationCases::hooksHaveALimit() {
  Findings found;
  const auto note = [&](const std::string& line) {
    return "[" + m_ground.psql + ", -X, -qc, \"insert into log values ('" + line + "')\"]";
  };
  const auto top =
      "  hooks:\n    before: [{ id: first, service: app, run: " + note("before") +
      " }]\n    after: [{ id: slow, service: app, exec: [" + m_ground.shell +
      ", -c, \"exec sleep 60\"], timeout: 1s }]\n    on_failure: [{ id: alarm, service: app, exec: " +
      note("on failure") + " }]\n";
  const auto result = deploy(6, top);
  found.expect(result.exitCode == 3, result.toString());
  found.expect(textAt(result.json, "reason").starts_with("hook slow did not end within 1 s"),
               textAt(result.json, "reason"));
  found.expect(m_ground.postgres->ask("select string_agg(line, ', ') from log") == "before, on failure",
               m_ground.postgres->ask("select * from log"));
  found.expect(appVersion(*m_ground.ctl) == "1", "version " + appVersion(*m_ground.ctl));
  return found.text();
}

// It runs on in its copy, and the next engine finds it there.
std::string MigrationCases::runsOnceAlthoughTheEngineIsKilled() {
  Findings found;
  m_ground.postgres->ask("truncate log");
  const auto up = "      up: { run: [" + m_ground.shell + ", -c, " +
                  quoted(m_ground.psql + " -X -qc \"insert into log values ('migrated')\" && exec sleep 4") +
                  "] }\n";
  const auto before = m_ground.ctl->newestJournal();
  const auto engine = m_ground.ctl->begin(deployWords(6, migration("slow", up)), QStringLiteral("1.0.0"));
  const bool hasRun =
      QTest::qWaitFor([&] { return m_ground.postgres->ask("select count(*) from log") == "1"; }, 20000);
  found.expect(hasRun && m_ground.ctl->waitForEvent(before, "TaskStarted", ""), "the migration never ran");
  engine->kill();
  engine->waitForFinished();
  QStringList words = {QStringLiteral("resume-unfinished"),
                       QStringLiteral("--resume"),
                       QStringLiteral("--yes"),
                       QStringLiteral("--output"),
                       QStringLiteral("json"),
                       QStringLiteral("-f"),
                       m_ground.ctl->folder() + QStringLiteral("/stack.yml")};
  const auto resumed = m_ground.ctl->run(words + m_ground.target);
  found.expect(resumed.exitCode == 0, resumed.toString());
  found.expect(textAt(taskIn(resumed.json, "slow"), "result") == "done", dumpJson(resumed.json));
  found.expect(m_ground.postgres->ask("select count(*) from log") == "1", "it ran twice");
  found.expect(appVersion(*m_ground.ctl) == "6", "version " + appVersion(*m_ground.ctl));
  return found.text();
}

// Phase 4 of a breaking change: when no copy is left that knows of them. Before the code it would hurt what
// serves.
std::string MigrationCases::dropsTheOldLast() {
  Findings found;
  m_ground.postgres->ask("create table orders (id serial primary key, note text, remark text); create table "
                         "notes (id serial primary key, note text)");
  const auto up = [&](const std::string& table) {
    return "      up: " +
           run(write("drop_" + table + ".sql", "alter table " + table + " drop column note;")) + "\n";
  };
  const auto last = deploy(5, migration("contract", up("orders") + "      phase: contract\n"));
  found.expect(last.exitCode == 0, last.toString());
  found.expect(!ranBeforeTheNewCode(), "the columns went before the new code was there");
  found.expect(columns("orders") == "id remark", "columns: " + columns("orders"));
  // The control: the same before the code, and the version that serves can write no more.
  m_ground.postgres->startWriting("notes");
  found.expect(m_ground.postgres->isWriting("notes"), "nothing is written");
  const auto first = deploy(6, migration("too-soon", up("notes")));
  found.expect(first.exitCode == 0 && ranBeforeTheNewCode(), first.toString());
  found.expect(!m_ground.postgres->isWriting("notes"), "the old code went on writing what is not there");
  m_ground.postgres->stopWriting();
  return found.text();
}

} // namespace ratdeck

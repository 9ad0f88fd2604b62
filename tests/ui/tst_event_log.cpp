// The event log on the screen: it follows its end, filters, copies, and shows text from outside as text.
#include "core/base/clock.h"
#include "tests/ui/pictures.h"
#include "ui/widgets/event_log.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QLineEdit>
#include <QScrollBar>
#include <QTableView>
#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

LogRow rowOf(int number, EventType type, Mood mood, const std::string& service, const std::string& what) {
  return {WallTime(std::chrono::seconds(1'794'000'000 + number)), type, service, what, mood};
}

std::vector<LogRow> rowsOf(int first, int last) {
  std::vector<LogRow> rows;
  for (int i = first; i <= last; ++i)
    rows.push_back(rowOf(i, EventType::GatePassed, Mood::Ok, i % 2 ? "ratd" : "portal",
                         "rat-ratd-" + std::to_string(i) + " is healthy after 1.2 s"));
  return rows;
}

} // namespace

class TestEventLog : public QObject {
  Q_OBJECT

  SystemClock m_clock;
  std::unique_ptr<EventLogModel> m_model;
  std::unique_ptr<EventLog> m_log;

  QTableView* table() const { return m_log->findChild<QTableView*>(); }
  QLineEdit* filter() const { return m_log->findChild<QLineEdit*>(); }
  QCheckBox* box(const QString& text) const {
    for (auto* box : m_log->findChildren<QCheckBox*>())
      if (box->text() == text)
        return box;
    return nullptr;
  }
  QScrollBar* bar() const { return table()->verticalScrollBar(); }
  bool isAtEnd() const { return bar()->value() == bar()->maximum(); }
  // Does a label say it, in the eyes of a user?
  bool says(const QString& text) const {
    for (auto* label : m_log->findChildren<PlainLabel*>())
      if (label->isVisible() && label->plain().contains(text))
        return true;
    return false;
  }
  int firstRow() const { return table()->rowAt(0); }

private Q_SLOTS:
  void init() {
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    applyTheme(*qApp, ThemeChoice::Light);
    m_model = std::make_unique<EventLogModel>(m_clock, EventLogModel::Bounds{2000, 64 << 20});
    m_log = std::make_unique<EventLog>(m_model.get());
    m_log->resize(900, 320);
    m_log->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_log.get()));
  }
  void cleanup() { m_log.reset(); }

  void saysWhyItIsEmpty() {
    m_log->setEmptyText(QStringLiteral("Nothing rolls. <b>Open a plan</b>"));
    QVERIFY(says(QStringLiteral("Nothing rolls. <b>Open a plan</b>")));
    m_model->append(rowsOf(1, 3));
    QVERIFY(!says(QStringLiteral("Nothing rolls")));
    QVERIFY(says(QStringLiteral("3 lines")));
    QTest::keyClicks(filter(), QStringLiteral("zebra"));
    QTRY_VERIFY(says(QStringLiteral("No line matches the filter.")));
    QVERIFY(says(QStringLiteral("0 of 3 shown")));
    keepPicture(*m_log, QStringLiteral("log-no-match"));
  }

  void followsItsEndUntilTheUserScrollsUp() {
    m_model->append(rowsOf(1, 100));
    QVERIFY(isAtEnd());
    m_model->append(rowsOf(101, 150));
    QVERIFY(isAtEnd());
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_PageUp);
    QTest::keyClick(table(), Qt::Key_PageUp);
    QVERIFY(!m_log->isFollowing());
    const int place = bar()->value();
    m_model->append(rowsOf(151, 200));
    QCOMPARE(bar()->value(), place);
    QTest::keyClick(table(), Qt::Key_End, Qt::ControlModifier);
    QVERIFY(m_log->isFollowing());
    m_model->append(rowsOf(201, 250));
    QVERIFY(isAtEnd());
    bar()->setValue(10);
    QVERIFY(!m_log->isFollowing());
    QTest::mouseClick(box(QStringLiteral("Follow")), Qt::LeftButton, {}, QPoint(8, 8));
    QVERIFY(m_log->isFollowing());
    QVERIFY(isAtEnd());
  }

  void whatIsLookedAtStaysWhenOldLinesGo() {
    m_model->append(rowsOf(1, 2000));
    bar()->setValue(1000);
    const QString line = m_model->index(firstRow(), EventLogModel::What).data().toString();
    for (int i = 0; i < 10; ++i)
      m_model->append(rowsOf(3000 + i * 10, 3009 + i * 10));
    QVERIFY(!m_log->isFollowing());
    QCOMPARE(m_model->index(firstRow(), EventLogModel::What).data().toString(), line);
  }

  void aSlashGoesToTheFilterAndEscapeBack() {
    m_model->append(rowsOf(1, 400));
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_Slash);
    QVERIFY(filter()->hasFocus());
    QTest::keyClicks(filter(), QStringLiteral("PORTAL"));
    QTRY_VERIFY(says(QStringLiteral("200 of 400 shown")));
    QTest::keyClick(filter(), Qt::Key_Escape);
    QVERIFY(table()->hasFocus());
    QTRY_VERIFY(says(QStringLiteral("400 lines")));
  }

  void anExpressionThatIsNoneIsTold() {
    m_model->append(rowsOf(1, 4567));
    box(QStringLiteral("Regular expression"))->setChecked(true);
    QTest::keyClicks(filter(), QStringLiteral("ratd-(1"));
    QTRY_VERIFY(says(QStringLiteral("Nothing is filtered: ")));
    QVERIFY(says(QStringLiteral("2,000 lines")));
    keepPicture(*m_log, QStringLiteral("log-bad-expression"));
    QTest::keyClicks(filter(), QStringLiteral(")5.\\b"));
    QTRY_VERIFY(!says(QStringLiteral("Nothing is filtered")));
    QTRY_VERIFY(says(QStringLiteral(" of 2,000 shown")) && !says(QStringLiteral("still looking")));
  }

  void copiesSelectedRowsAsPlainText() {
    m_model->append(rowsOf(1, 20));
    m_model->append({rowOf(21, EventType::GateFailed, Mood::Failed, "ratd", "\x1b[31mno\x1b[0m <b>\n")});
    table()->setFocus();
    table()->selectRow(18);
    QTest::keyClick(table(), Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(table(), Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
    const QString copied = QGuiApplication::clipboard()->text();
    QCOMPARE(copied.count(QLatin1Char('\n')), 3);
    QVERIFY(copied.contains(QStringLiteral("rat-ratd-19 is healthy")));
    QVERIFY(copied.contains(QStringLiteral("no?[0m <b>")));
    QVERIFY(!copied.contains(QChar(0x1b)));
    QTest::keyClick(table(), Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text().count(QLatin1Char('\n')), 21);
  }

  void hostileLinesAreDrawnAsTextAndQuickly() {
    std::vector<LogRow> rows;
    std::string tables;
    for (int i = 0; i < 40; ++i)
      tables += "<table><tr><td>";
    for (const std::string& text : {tables, std::string(1 << 20, 'W'), std::string("a\0b", 3),
                                    std::string("\x1b[2J"), std::string(300, '\n')})
      rows.push_back(rowOf(1, EventType::GateFailed, Mood::Failed, text, text));
    m_model->append(std::move(rows));
    const auto before = m_clock.now().boot;
    m_log->grab();
    QVERIFY(m_clock.now().boot - before < std::chrono::seconds(1));
    keepPicture(*m_log, QStringLiteral("log-hostile"));
  }

  void looksRight_data() {
    QTest::addColumn<bool>("isDark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
  }
  void looksRight() {
    QFETCH(bool, isDark);
    applyTheme(*qApp, isDark ? ThemeChoice::Dark : ThemeChoice::Light);
    const char* wave = "wave 1 of 3 (foundation): ratq runner";
    m_model->append(
        {rowOf(0, EventType::RolloutStarted, Mood::Running, "",
               "rollout of rat started by ann, plan 1f7c0b9a2d11"),
         rowOf(1, EventType::WaveStarted, Mood::Running, "", wave),
         rowOf(2, EventType::StartRequested, Mood::Idle, "ratq", "ratq 2.3.0 -> 2.4.0: starting rat-ratq-2"),
         rowOf(3, EventType::ProbeResultChanged, Mood::Idle, "ratq",
               "rat-ratq-2: readyz fails: 503 not_ready"),
         rowOf(5, EventType::GatePassed, Mood::Ok, "ratq", "rat-ratq-2 is healthy after 2.1 s"),
         rowOf(6, EventType::TrafficSwitched, Mood::Ok, "ratq", "rat-ratq-2 has the traffic"),
         rowOf(9, EventType::ApprovalRequested, Mood::Waiting, "ratd", "waiting for approval gateway"),
         rowOf(60, EventType::GateFailed, Mood::Failed, "enforcement-with-a-long-name",
               "rat-enforcement-2 did not become healthy: healthz answers 500 after 30 s, the last "
               "words were a very long sentence that does not fit the width of this window at all"),
         rowOf(61, EventType::UndoStarted, Mood::Waiting, "", "undoing: enforcement failed"),
         rowOf(70, EventType::AwayNoticed, Mood::Unknown, "", "away for 12 s")});
    table()->selectRow(4);
    table()->setFocus();
    QTRY_VERIFY(themeOf(m_log->palette()).isDark == isDark);
    keepPicture(*m_log, QStringLiteral("log-") + QLatin1String(QTest::currentDataTag()));
  }
};

QTEST_MAIN(TestEventLog)
#include "tst_event_log.moc"

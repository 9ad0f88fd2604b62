// The event log: its bounds, its filter, and text that means harm.
#include "tests/support/manual_clock.h"
#include "tests/support/text.h"
#include "ui/model/event_log_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace ratdeck;

namespace {

LogRow rowOf(const std::string& what, const std::string& service = "ratd",
             EventType type = EventType::GatePassed) {
  return {WallTime(std::chrono::seconds(1'800'000'000)), type, service, what, Mood::Ok};
}

std::vector<LogRow> rowsOf(int first, int last) {
  std::vector<LogRow> rows;
  for (int i = first; i <= last; ++i)
    rows.push_back(rowOf("line " + std::to_string(i)));
  return rows;
}

} // namespace

class TestEventLogModel : public QObject {
  Q_OBJECT

  ManualClock m_clock; // stands still: a slice looks at all lines
  std::unique_ptr<EventLogModel> m_model;
  std::unique_ptr<QAbstractItemModelTester> m_tester;

  void make(EventLogModel::Bounds bounds) {
    m_tester.reset();
    m_model = std::make_unique<EventLogModel>(m_clock, bounds);
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
  }
  QString at(int row, int column = EventLogModel::What) const {
    return m_model->index(row, column).data().toString();
  }
  QString shown() const {
    QStringList lines;
    for (int row = 0; row < m_model->rowCount(); ++row)
      lines << at(row);
    return lines.join(QLatin1Char('|'));
  }

private Q_SLOTS:
  void init() { make({1000, 1 << 20}); }
  void cleanup() { m_tester.reset(); }

  void linesComeInBatchesAndInOrder() {
    m_model->append(rowsOf(1, 2));
    m_model->append({});
    m_model->append({rowOf("rat-portal-2 is healthy", "portal", EventType::GateFailed)});
    QCOMPARE(shown(), QStringLiteral("line 1|line 2|rat-portal-2 is healthy"));
    QCOMPARE(at(2, EventLogModel::Service), QStringLiteral("portal"));
    QCOMPARE(at(2, EventLogModel::Kind), QStringLiteral("GateFailed"));
    QVERIFY(at(2, EventLogModel::Time).endsWith(QStringLiteral(":00.000")));
    QCOMPARE(m_model->index(0, 0).data(EventLogModel::MoodRole).toInt(), static_cast<int>(Mood::Ok));
    QCOMPARE(m_model->lines(), size_t(3));
  }

  void theOldestLinesGo() {
    make({100, 1 << 20});
    for (int i = 0; i < 50; ++i)
      m_model->append(rowsOf(i * 10, i * 10 + 9));
    QVERIFY(m_model->rowCount() <= 100);
    QVERIFY(m_model->rowCount() >= 90);
    QCOMPARE(at(m_model->rowCount() - 1), QStringLiteral("line 499"));
    m_model->append(rowsOf(1000, 1499)); // more than there is room for
    QCOMPARE(m_model->rowCount(), 100);
    QCOMPARE(at(0), QStringLiteral("line 1400"));
  }

  void theOldestLinesGoWhenTheirTextIsTooMuch() {
    make({1000, 100'000});
    for (int i = 0; i < 20; ++i)
      m_model->append({rowOf(std::string(20'000, static_cast<char>('a' + i)))});
    QVERIFY(m_model->rowCount() <= 4);
    QVERIFY(m_model->rowCount() >= 3);
    QVERIFY(at(m_model->rowCount() - 1).startsWith(QLatin1Char('t')));
  }

  void aFilterShowsWhatFitsAndGoesOnDoingSo() {
    m_model->append({rowOf("alpha"), rowOf("Beta"), rowOf("gamma", "portal")});
    m_model->setFilter(QStringLiteral("BETA"), false);
    QTRY_VERIFY(!m_model->isLooking());
    QCOMPARE(shown(), QStringLiteral("Beta"));
    m_model->append({rowOf("beta two"), rowOf("delta")});
    QTRY_COMPARE(shown(), QStringLiteral("Beta|beta two"));
    m_model->setFilter(QStringLiteral("portal"), false); // services and kinds count as well
    QTRY_COMPARE(shown(), QStringLiteral("gamma"));
    m_model->setFilter(QStringLiteral("gatepassed"), false);
    QTRY_COMPARE(m_model->rowCount(), 5);
    m_model->setFilter({}, false);
    QCOMPARE(m_model->rowCount(), 5);
    QVERIFY(!m_model->isFiltered());
  }

  void regularExpressionsFilter() {
    m_model->append(rowsOf(1, 120));
    m_model->setFilter(QStringLiteral("line 1.$|^x"), true);
    QTRY_COMPARE(m_model->rowCount(), 0); // the kind stands behind it
    m_model->setFilter(QStringLiteral("line 1\\d\\b"), true);
    QTRY_COMPARE(m_model->rowCount(), 10);
    m_model->setFilter(QStringLiteral("1."), false); // as text it means itself
    QTRY_VERIFY(!m_model->isLooking());
    QCOMPARE(m_model->rowCount(), 0);
  }

  void whatIsNoExpressionIsToldAndHidesNothing() {
    m_model->append(rowsOf(1, 3));
    m_model->setFilter(QStringLiteral("line (1"), true);
    QVERIFY(m_model->filterProblem().contains(QStringLiteral("parenthes")));
    QVERIFY(m_model->filterProblem().endsWith(QStringLiteral("at character 7")));
    QCOMPARE(m_model->rowCount(), 3);
    m_model->append(rowsOf(4, 4));
    QCOMPARE(m_model->rowCount(), 4);
    m_model->setFilter(QStringLiteral("line (1"), false); // as text it is fine
    QVERIFY(m_model->filterProblem().isEmpty());
    QTRY_COMPARE(m_model->rowCount(), 0);
  }

  void anExpressionThatNeverEndsIsGivenUpAndItsLinesAreShown() {
    m_model->append({rowOf(std::string(4000, 'a') + "!"), rowOf("b")});
    m_model->setFilter(QStringLiteral("(a+)+$"), true);
    QTRY_VERIFY(!m_model->isLooking());
    QCOMPARE(m_model->costlyLines(), size_t(1));
    QCOMPARE(m_model->rowCount(), 1);
  }

  void ordinaryExpressionsAreDecidedOnTheLongestLines() {
    m_model->append({rowOf(std::string(3000, 'e') + " error " + std::string(1000, 'r')), rowOf("b")});
    for (const char* expression :
         {"error.*timeout", "e.*r.*x", "(error|failed):? \\w+ at", "[a-z]+ready$", "^r.*error"}) {
      m_model->setFilter(QLatin1String(expression), true);
      QTRY_VERIFY(!m_model->isLooking());
      QVERIFY2(m_model->costlyLines() == 0, expression);
    }
  }

  void looksThroughLinesInSlices() {
    struct HastyClock final : Clock { // a millisecond goes by at each look
      mutable ManualClock clock;
      Instant now() const override {
        clock.advance(std::chrono::milliseconds(1));
        return clock.now();
      }
    } clock;
    EventLogModel model(clock, {100'000, 1 << 24});
    model.append(rowsOf(1, 10'000));
    QSignalSpy counts(&model, &EventLogModel::countsChanged);
    model.setFilter(QStringLiteral("line"), false);
    QVERIFY(model.isLooking());
    QTRY_VERIFY(!model.isLooking());
    QCOMPARE(model.rowCount(), 10'000);
    QVERIFY2(counts.size() > 40, "it looked at many lines in one turn");
    model.setFilter(QStringLiteral("7"), false); // another one in the midst of the first
    model.setFilter(QStringLiteral("999"), false);
    QTRY_VERIFY(!model.isLooking());
    QCOMPARE(model.rowCount(), 19);
  }

  void aFilterHoldsWhileTheOldestLinesGo() {
    make({100, 1 << 20});
    m_model->setFilter(QStringLiteral("7"), false);
    for (int i = 0; i < 50; ++i) {
      m_model->append(rowsOf(i * 10, i * 10 + 9));
      if (i % 3 == 0)
        QTRY_VERIFY(!m_model->isLooking());
    }
    QTRY_VERIFY(!m_model->isLooking());
    QCOMPARE(at(m_model->rowCount() - 1), QStringLiteral("line 497"));
    QVERIFY(m_model->rowCount() <= 28);
    m_model->setFilter({}, false);
    QVERIFY(m_model->rowCount() >= 90);
  }

  void hostileTextIsNeutralised() {
    using namespace std::string_literals;
    m_model->append({rowOf("a\0b"s), rowOf("\x1b[31mred\x1b[0m"), rowOf("x\u202Eevil\u2066"),
                     rowOf("two\nlines\tand\rmore"), rowOf("<b>bold</b>"), rowOf("\xFF\xFE broken"),
                     rowOf("fine", "ser\x1bvice\n")});
    for (int row = 0; row < m_model->rowCount(); ++row)
      for (int column = 0; column < m_model->columnCount(); ++column)
        for (QChar c : at(row, column))
          QVERIFY2(c.isPrint() && c != QChar(0x202E) && c != QChar(0x2066), qPrintable(at(row, column)));
    QCOMPARE(at(4), QStringLiteral("<b>bold</b>"));
    QCOMPARE(m_model->plainTextOf({{0, 6}}).count(QLatin1Char('\n')), 7);
    QVERIFY(!m_model->plainTextOf({{0, 6}}).contains(QChar(0x1b)));
  }

  void aLongLineIsCutOnTheScreenAndWholeWhenCopied() {
    make({100, 64 << 20});
    m_model->append({rowOf(std::string(1 << 20, 'x') + "END"), rowOf(std::string(100'000, 'y') + "END")});
    QVERIFY(at(0).size() < 5000);
    QVERIFY2(at(0).contains(QStringLiteral("cut: 1.0 M")), qPrintable(at(0).right(40)));
    const auto copied = m_model->plainTextOf({{1, 1}});
    QVERIFY(copied.contains(QStringLiteral("yEND")));
    const auto bounded = m_model->plainTextOf({{0, 0}});
    QVERIFY(bounded.size() > 1 << 20);
    QVERIFY(!bounded.contains(QStringLiteral("END")));
  }

  void copiesTheRowsThatAreAskedForAndNoMoreThanABound() {
    m_model->append(rowsOf(1, 20));
    const auto lines = m_model->plainTextOf({{0, 1}, {18, 99}}).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 5); // four and the end
    QVERIFY(lines[0].contains(QStringLiteral("\tratd\tline 1\tGatePassed")));
    QVERIFY(lines[0].startsWith(QStringLiteral("2027-01-15 ")));
    QVERIFY(lines[3].contains(QStringLiteral("line 20")));
    make({100, 256 << 20});
    for (int i = 0; i < 40; ++i)
      m_model->append({rowOf(std::string(1 << 20, 'x'))});
    QVERIFY(m_model->plainTextOf({{0, 39}}).endsWith(QStringLiteral("more lines were not copied\n")));
  }

  void everyEventButASampleMakesALine() {
    Event event;
    RolloutState state;
    for (int i = 0; i <= static_cast<int>(EventType::Sampled); ++i) {
      event.type = static_cast<EventType>(i);
      event.service = "ratd";
      event.instance = InstanceId("rat-ratd-2");
      const auto row = logRowOf(event, state);
      QCOMPARE(row.has_value(), event.type != EventType::Sampled);
      if (row)
        QVERIFY2(!row->what.empty(), toString(event.type));
    }
    event.type = EventType::ProbeResultChanged;
    event.detail = {{"probe", "readyz"}, {"passed", false}, {"detail", "503"}};
    QCOMPARE(logRowOf(event, state)->what, std::string("rat-ratd-2: readyz fails: 503"));
  }

  void clearsAndTellsTimesInUtc() {
    m_model->append(rowsOf(1, 5));
    m_model->setUtc(true);
    QCOMPARE(at(0, EventLogModel::Time), QStringLiteral("08:00:00.000"));
    QCOMPARE(m_model->headerData(0, Qt::Horizontal).toString(), QStringLiteral("Time (UTC)"));
    m_model->clear();
    QCOMPARE(m_model->rowCount(), 0);
    m_model->append(rowsOf(6, 6));
    QCOMPARE(shown(), QStringLiteral("line 6"));
  }
};

QTEST_GUILESS_MAIN(TestEventLogModel)
#include "tst_event_log_model.moc"

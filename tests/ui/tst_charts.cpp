// The column of charts: which charts there are, when they are drawn, and what the cursor reads.
#include "tests/ui/charts_story.h"
#include "tests/ui/pictures.h"
#include "ui/widgets/chart_panel.h"
#include "ui/widgets/chart_text.h"
#include "ui/widgets/charts.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace ratdeck;
using namespace ratdeck::test;

class TestCharts : public QObject {
  Q_OBJECT

  std::unique_ptr<ChartsStory> m_story;
  std::unique_ptr<Charts> m_charts;

  void show(ChartTime window = 0) {
    m_charts->setHistory(&m_story->history);
    m_charts->setWindow(window);
    m_charts->follow(ChartsStory::now());
    m_charts->resize(640, 560);
    m_charts->show();
    QTRY_VERIFY(m_charts->isSettled());
  }
  int shownPanels() const {
    int count = 0;
    for (auto* panel : m_charts->findChildren<ChartPanel*>())
      count += panel->isVisible() ? 1 : 0;
    return count;
  }
  // The mouse at this second of the story.
  void hover(double second) {
    const auto at = ChartsStory::at(second);
    const auto from = ChartsStory::at(0), to = ChartsStory::now();
    const double left = m_charts->fontMetrics().horizontalAdvance(QStringLiteral("00,000")) + step;
    const double width = m_charts->width() - 4 - left - 2 * step;
    const double share = (at.boot - from.boot).count() / double((to.boot - from.boot).count());
    QTest::mouseMove(m_charts.get(), QPoint(qRound(left + 2 + share * width), 300));
  }

private Q_SLOTS:
  void init() {
    applyTheme(*qApp, ThemeChoice::Light);
    m_story = std::make_unique<ChartsStory>();
    m_charts = std::make_unique<Charts>();
  }
  void cleanup() { m_charts.reset(); }

  void looksRight_data() {
    QTest::addColumn<bool>("isDark");
    QTest::addColumn<QString>("scope");
    QTest::addColumn<int>("window");
    QTest::addColumn<QSize>("size");
    QTest::newRow("light-all") << false << QString() << 0 << QSize(640, 560);
    QTest::newRow("dark-ratd") << true << QStringLiteral("ratd") << 0 << QSize(640, 560);
    QTest::newRow("light-ratd-2min") << false << QStringLiteral("ratd") << 120'000 << QSize(640, 480);
    QTest::newRow("dark-small") << true << QStringLiteral("ratd") << 600'000 << QSize(460, 380);
    QTest::newRow("light-wide") << false << QStringLiteral("ratd") << 0 << QSize(1200, 700);
  }
  void looksRight() {
    QFETCH(bool, isDark);
    QFETCH(QString, scope);
    QFETCH(int, window);
    QFETCH(QSize, size);
    applyTheme(*qApp, isDark ? ThemeChoice::Dark : ThemeChoice::Light);
    m_charts->setScope(scope);
    show(window);
    m_charts->resize(size);
    QTRY_VERIFY(m_charts->isSettled());
    QCOMPARE(shownPanels(), 4);
    keepPicture(*m_charts, QStringLiteral("charts-") + QLatin1String(QTest::currentDataTag()));
    if (!scope.isEmpty() && window == 0) {
      hover(154);
      keepPicture(*m_charts, QStringLiteral("charts-cursor-") + QLatin1String(QTest::currentDataTag()));
    }
  }

  void sayWhyThereIsNothing() {
    m_charts->setEmptyText(QStringLiteral("<b>No router</b>: nothing is measured"));
    m_charts->resize(640, 300);
    m_charts->show();
    QTRY_VERIFY(m_charts->isSettled());
    QCOMPARE(shownPanels(), 0);
    auto* label = m_charts->findChild<PlainLabel*>(QString(), Qt::FindDirectChildrenOnly);
    QVERIFY(label->isVisible());
    QCOMPARE(label->text(), QStringLiteral("<b>No router</b>: nothing is measured"));
    keepPicture(*m_charts, QStringLiteral("charts-empty"));
    show();
    QVERIFY(!label->isVisible());
    QCOMPARE(shownPanels(), 4);
  }

  void whatWasNeverMeasuredIsNotThere() {
    m_charts->setScope(QStringLiteral("portal"));
    show();
    QCOMPARE(shownPanels(), 4);
    m_charts->setScope(QStringLiteral("ratq")); // not sampled: only the active runs are known
    QTRY_VERIFY(m_charts->isSettled());
    QCOMPARE(shownPanels(), 1);
  }

  void areDrawnTenTimesASecondAtMostAndOnlyIfSomethingChanged() {
    show();
    QSignalSpy presented(m_charts.get(), &Charts::presented);
    for (int i = 1; i <= 400; ++i) {
      m_charts->follow(secondsAfter(ChartsStory::now(), i * 0.001));
      QCoreApplication::processEvents();
    }
    QTRY_VERIFY(m_charts->isSettled());
    const auto busy = presented.size();
    QVERIFY2(busy >= 1 && busy < 40, qPrintable(QString::number(busy)));
    m_charts->follow(secondsAfter(ChartsStory::now(), 0.4)); // the same again
    QVERIFY(m_charts->isSettled());
    QVERIFY(!QTest::qWaitFor([&] { return presented.size() > busy; }, 250));
  }

  void areNotDrawnWhileNobodySeesThem() {
    show();
    m_charts->hide();
    QSignalSpy presented(m_charts.get(), &Charts::presented);
    m_charts->follow(secondsAfter(ChartsStory::now(), 5));
    QVERIFY(!QTest::qWaitFor([&] { return presented.size() > 0; }, 250));
    m_charts->show();
    QTRY_COMPARE(presented.size(), 1);
  }

  void aMouseMovesOneCursorThroughAllOfThem() {
    m_charts->setScope(QStringLiteral("ratd"));
    show();
    QVERIFY(!m_charts->cursor());
    hover(60);
    QVERIFY(m_charts->cursor());
    const auto description = m_charts->accessibleDescription();
    QVERIFY2(description.contains(QStringLiteral("Requests 295")), qPrintable(description));
    QVERIFY2(description.contains(QStringLiteral("Answered 5xx 0")), qPrintable(description));
    QVERIFY2(description.contains(QStringLiteral("Active runs 6")), qPrintable(description));
    hover(207);
    QVERIFY2(m_charts->accessibleDescription().contains(QStringLiteral("Requests no data")),
             qPrintable(m_charts->accessibleDescription()));
    QTest::mouseMove(m_charts.get(), QPoint(2, 2));
    QVERIFY(!m_charts->cursor());
  }

  void keysMoveTheCursorFromSecondToSecond() {
    show(120'000);
    const auto second = [&](double at) {
      return m_story->history.at(ChartsStory::at(at));
    };
    m_charts->setFocus();
    QTest::keyClick(m_charts.get(), Qt::Key_Left);
    QCOMPARE(m_charts->cursor(), std::optional<ChartTime>(second(299)));
    QTest::keyClick(m_charts.get(), Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(m_charts->cursor(), std::optional<ChartTime>(second(289)));
    QTest::keyClick(m_charts.get(), Qt::Key_Right);
    QCOMPARE(m_charts->cursor(), std::optional<ChartTime>(second(290)));
    QTest::keyClick(m_charts.get(), Qt::Key_Home);
    QCOMPARE(m_charts->cursor(), std::optional<ChartTime>(second(180)));
    QVERIFY2(m_charts->accessibleDescription().contains(QStringLiteral("wave 2")),
             qPrintable(m_charts->accessibleDescription()));
    QTest::keyClick(m_charts.get(), Qt::Key_Escape);
    QVERIFY(!m_charts->cursor());
  }

  void aGapIsEmptyOnTheScreen() {
    show();
    m_charts->setChoices({{Measure::RequestRate}});
    QTRY_VERIFY(m_charts->isSettled());
    const auto* panel = m_charts->findChild<ChartPanel*>();
    const QImage image = m_charts->grab().toImage();
    const auto theme = themeOf(m_charts->palette());
    // How many pixels of this column lie on a line of the chart.
    const auto inked = [&](double at) {
      const double left = m_charts->fontMetrics().horizontalAdvance(QStringLiteral("00,000")) + step;
      const double width = m_charts->width() - 4 - left - 2 * step;
      const int x = qRound(left + 2 + at / ChartsStory::seconds * width);
      int count = 0;
      for (int y = panel->y() + 30; y < panel->geometry().bottom() - 8; ++y) {
        const QColor color = image.pixelColor(QPoint(x, y) * image.devicePixelRatio());
        count += color.saturation() > 60 && color != theme.failed ? 1 : 0;
      }
      return count;
    };
    QVERIFY(inked(100) > 0);
    QVERIFY(inked(230) > 0);
    QCOMPARE(inked(207), 0);
  }

  // Else it looks like a line of a version.
  void theThresholdIsNamedHoweverLowItsChartIs() {
    m_charts->setScope(QStringLiteral("ratd"));
    show();
    m_charts->setChoices({{Measure::ErrorRatio}});
    const QColor color = themeOf(m_charts->palette()).failed;
    const auto isOfIt = [&color](const QColor& seen) { // or of the edge of a letter
      return std::abs(seen.hsvHue() - color.hsvHue()) < 12 && seen.hsvSaturation() > 100;
    };
    double later = 0;
    for (const int height : {120, 60, 40, 24}) {
      auto* panel = m_charts->findChild<ChartPanel*>();
      panel->setFixedHeight(panel->minimumSizeHint().height() - 32 + height);
      m_charts->follow(secondsAfter(ChartsStory::now(), later += 0.1));
      QTRY_VERIFY(m_charts->isSettled());
      const QImage image = panel->grab().toImage();
      // Rows with much of its colour in the first part of it: the line, and those of the letters.
      int rows = 0;
      for (int y = 0; y < image.height(); ++y) {
        int inked = 0;
        for (int x = 60; x < 160; ++x)
          inked += isOfIt(image.pixelColor(x, y)) ? 1 : 0;
        rows += inked >= 4 ? 1 : 0;
      }
      QVERIFY2(rows >= 5, qPrintable(QStringLiteral("%1 rows at a height of %2").arg(rows).arg(height)));
    }
  }

  void theUserChoosesScopeAndWindow() {
    show();
    QSignalSpy chosen(m_charts.get(), &Charts::scopeChosen);
    auto* scopes = m_charts->findChild<QComboBox*>();
    QCOMPARE(scopes->count(), 3);
    scopes->setFocus();
    QTest::keyClick(scopes, Qt::Key_End);
    QTRY_COMPARE(chosen.size(), 1);
    QCOMPARE(chosen.first().first().toString(), QStringLiteral("ratd"));
    QCOMPARE(m_charts->scope(), QStringLiteral("ratd"));
    auto* twoMinutes = m_charts->findChildren<QToolButton*>().first();
    QTest::mouseClick(twoMinutes, Qt::LeftButton);
    QVERIFY(twoMinutes->isChecked());
    QTRY_VERIFY(m_charts->isSettled());
    QTest::keyClick(m_charts.get(), Qt::Key_Home);
    QCOMPARE(m_charts->cursor(), std::optional<ChartTime>(m_story->history.at(ChartsStory::at(180))));
  }

  void lessThanTheChosenTimeIsSaidToBeLess() {
    const auto* shown = m_charts->findChild<PlainLabel*>(QStringLiteral("shownSpan"));
    show(120'000);
    QCOMPARE(shown->plain(), QString());
    m_charts->setWindow(600'000); // of the five minutes that there are
    QTRY_COMPARE(shown->plain(), QStringLiteral("shown: 5 min"));
    m_charts->setWindow(0);
    QTRY_COMPARE(shown->plain(), QString());
  }

  void valuesAreWrittenForPeople() {
    const QChar thin(0x202F);
    const auto text = [&](Measure measure, double value) {
      return valueText(measure, value).replace(thin, QLatin1Char(' '));
    };
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    QCOMPARE(text(Measure::RequestRate, 1204.4), QStringLiteral("1,204 /s"));
    QCOMPARE(text(Measure::RequestRate, 2.5), QStringLiteral("2.5 /s"));
    QCOMPARE(text(Measure::ErrorRatio, 0), QStringLiteral("0 %"));
    QCOMPARE(text(Measure::ErrorRatio, 0.0004), QStringLiteral("<0.01 %"));
    QCOMPARE(text(Measure::ErrorRatio, 0.333), QStringLiteral("0.33 %"));
    QCOMPARE(text(Measure::ActiveRuns, 3), QStringLiteral("3"));
    QCOMPARE(text(Measure::ResponseTime, 12.3), QStringLiteral("12 ms"));
    for (double greatest : {0.0, 0.3, 1.0, 1.2, 7.0, 298.0, 320.0, 999.0, 4e9}) {
      for (auto measure : {Measure::RequestRate, Measure::ErrorRatio, Measure::InFlight}) {
        const double top = topOf(measure, greatest);
        QVERIFY(top >= greatest);
        QVERIFY(top <= 4 || top < 2.6 * greatest);
        if (measure == Measure::InFlight)
          QCOMPARE(std::fmod(top, 2), 0.0); // its half is a count
      }
    }
    QCOMPARE(topOf(Measure::RequestRate, 298), 400.0);
    QCOMPARE(decimalsOf(3), 1);
    QCOMPARE(decimalsOf(400), 0);
  }
};

QTEST_MAIN(TestCharts)
#include "tst_charts.moc"

#include "ui/model/outside_text.h"

#include <QtTest>

using namespace ratdeck;

// Text from outside stays text.
class TestOutsideText : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void wordsStayAsTheyAre();
  void controlsAndDirectionMarksAreReplaced();
  void longTextIsCutAndSaysSo();
  void aTooltipShowsMarkupAsText();
  void aTooltipOfNothingIsNone();
};

void TestOutsideText::wordsStayAsTheyAre() {
  const auto text = QStringLiteral("rat<b>d</b> 2.4.0 · größer 🐀");
  QCOMPARE(outsideText(text), text);
}

void TestOutsideText::controlsAndDirectionMarksAreReplaced() {
  QCOMPARE(outsideText(QStringLiteral("a\u202Eb\u001B[31mc\nd") + QChar(0)), QStringLiteral("a?b?[31mc d?"));
  QCOMPARE(outsideText(QString(QChar(0xD83D))), QStringLiteral("?"));
}

void TestOutsideText::longTextIsCutAndSaysSo() {
  const auto shown = outsideText(QString(1 << 20, QLatin1Char('x')), 10);
  QCOMPARE(shown, QStringLiteral("xxxxxxxxx…"));
  QCOMPARE(outsideText(QStringLiteral("0123456789"), 10), QStringLiteral("0123456789"));
}

void TestOutsideText::aTooltipShowsMarkupAsText() {
  const auto tip = tooltipText({QStringLiteral("<img src=x>"), QString(), QStringLiteral("a & b")});
  QCOMPARE(tip, QStringLiteral("<qt>&lt;img src=x&gt;<br>a &amp; b</qt>"));
}

void TestOutsideText::aTooltipOfNothingIsNone() {
  QVERIFY(tooltipText({}).isEmpty());
  QVERIFY(tooltipText({QString()}).isEmpty());
}

QTEST_GUILESS_MAIN(TestOutsideText)
#include "tst_outside_text.moc"

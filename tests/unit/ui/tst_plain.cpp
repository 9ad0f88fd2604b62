#include "ui/model/plain.h"

#include <QtTest>

using namespace ratdeck;

// Text from outside stays text, whichever string it comes in.
class TestPlain : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void wordsStayAsTheyAre();
  void controlsAndDirectionMarksAreReplaced();
  void longTextIsCutAndSaysSo();
  void aTooltipShowsMarkupAsText();
  void aTooltipOfNothingIsNone();
};

void TestPlain::wordsStayAsTheyAre() {
  const auto text = QStringLiteral("rat<b>d</b> 2.4.0 · größer 🐀");
  QCOMPARE(plain(text), text);
}

void TestPlain::controlsAndDirectionMarksAreReplaced() {
  QCOMPARE(plain(QStringLiteral("a\u202Eb\u001B[31mc\nd") + QChar(0)), QStringLiteral("a?b?[31mc d?"));
  QCOMPARE(plain(QString(QChar(0xD83D))), QStringLiteral("?"));
}

void TestPlain::longTextIsCutAndSaysSo() {
  const auto shown = plain(QString(1 << 20, QLatin1Char('x')), 10);
  QCOMPARE(shown, QStringLiteral("xxxxxxxxx…"));
  QCOMPARE(plain(QStringLiteral("0123456789"), 10), QStringLiteral("0123456789"));
}

void TestPlain::aTooltipShowsMarkupAsText() {
  const auto tip =
      plainToolTip(QStringList{QStringLiteral("<img src=x>"), QString(), QStringLiteral("a & b")});
  QCOMPARE(tip, QStringLiteral("<qt>&lt;img src=x&gt;<br>a &amp; b</qt>"));
}

void TestPlain::aTooltipOfNothingIsNone() {
  QVERIFY(plainToolTip(QStringList()).isEmpty());
  QVERIFY(plainToolTip(QString()).isEmpty());
}

QTEST_GUILESS_MAIN(TestPlain)
#include "tst_plain.moc"

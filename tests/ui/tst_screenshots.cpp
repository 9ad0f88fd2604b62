// The program that pictures the window writes each situation, and each looks like no other.
#include <QDir>
#include <QImage>
#include <QProcess>
#include <QTest>

class ScreenshotsTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    m_folder.removeRecursively();
    QProcess program;
    program.setProcessChannelMode(QProcess::MergedChannels);
    program.start(QStringLiteral(RATDECK_SCREENSHOTS),
                  {QStringLiteral("--size"), QStringLiteral("1280x800"), m_folder.absolutePath()});
    QVERIFY(program.waitForStarted());
    QVERIFY(program.waitForFinished(150'000));
    const auto words = program.readAll();
    QVERIFY2(program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0, words.constData());
  }

  void eachSituationIsThereInTheSizeThatWasAskedFor_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"idle", "plan-with-problems", "plan-closed", "preparing", "unfinished", "rolling", "approval",
          "drain-near-deadline", "drain-at-deadline", "users-hurt", "feed-lost", "not-measured",
          "undo-under-way", "mixed-on-purpose", "undo-failed", "end-screen"})
      QTest::newRow(name) << QString::fromLatin1(name);
  }
  void eachSituationIsThereInTheSizeThatWasAskedFor() {
    QFETCH(QString, name);
    const QImage picture(m_folder.filePath(name + QStringLiteral("-light-1280x800.png")));
    QCOMPARE(picture.size(), QSize(1280, 800));
    m_pictures[name] = picture.convertToFormat(QImage::Format_RGB32);
  }

  void noTwoSituationsLookTheSame() {
    for (auto a = m_pictures.cbegin(); a != m_pictures.cend(); ++a)
      for (auto b = std::next(a); b != m_pictures.cend(); ++b) {
        const int differing = difference(a.value(), b.value());
        QVERIFY2(
            differing > leastDifference,
            qPrintable(
                QStringLiteral("%1 and %2 differ in %3 pixels only").arg(a.key(), b.key()).arg(differing)));
      }
  }

private:
  static constexpr int leastDifference = 2000; // pixels: a line of words

  static int difference(const QImage& a, const QImage& b) {
    int count = 0;
    for (int y = 0; y < a.height(); ++y) {
      const auto* left = reinterpret_cast<const QRgb*>(a.constScanLine(y));
      const auto* right = reinterpret_cast<const QRgb*>(b.constScanLine(y));
      for (int x = 0; x < a.width(); ++x)
        count += left[x] != right[x];
    }
    return count;
  }

  QDir m_folder{QStringLiteral(RATDECK_PICTURES)};
  QMap<QString, QImage> m_pictures;
};

QTEST_GUILESS_MAIN(ScreenshotsTest)
#include "tst_screenshots.moc"

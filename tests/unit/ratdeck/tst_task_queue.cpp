// Tasks take their turn, also those that come while one waits in an event loop of its own.
#include <QtTest>

#include "app/ratdeck/task_queue.h"

#include <QEventLoop>
#include <QTimer>

using namespace ratdeck;

class TestTaskQueue : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aTaskThatWaitsIsNotInterruptedByTheNext() {
    TaskQueue queue;
    QStringList done;
    queue.add([&] {
      done << QStringLiteral("first begins");
      QEventLoop waiting;
      queue.add([&] { done << QStringLiteral("second"); });
      QTimer::singleShot(20, &waiting, &QEventLoop::quit);
      waiting.exec();
      done << (queue.isBusy() ? QStringLiteral("first ends") : QStringLiteral("not busy"));
    });
    QTRY_COMPARE(done, (QStringList{QStringLiteral("first begins"), QStringLiteral("first ends"),
                                    QStringLiteral("second")}));
    QVERIFY(!queue.isBusy());
  }

  void whatATaskAddsComesAfterWhatWaits() {
    TaskQueue queue;
    QStringList done;
    queue.add([&] {
      queue.add([&] { done << QStringLiteral("third"); });
      done << QStringLiteral("first");
    });
    queue.add([&] { done << QStringLiteral("second"); });
    QTRY_COMPARE(done,
                 (QStringList{QStringLiteral("first"), QStringLiteral("second"), QStringLiteral("third")}));
  }

  void aClosedOneTakesNothing() {
    TaskQueue queue;
    int done = 0;
    queue.add([&] { ++done; });
    queue.close();
    queue.add([&] { ++done; });
    QCoreApplication::processEvents();
    QCOMPARE(done, 0);
  }
};

QTEST_GUILESS_MAIN(TestTaskQueue)
#include "tst_task_queue.moc"

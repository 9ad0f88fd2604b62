// Whom the window calls, and when: once for each thing that matters, and for nothing else.
#include "ui/widgets/attention.h"

#include <QTest>
#include <QWidget>

using namespace ratdeck;

class AttentionTest : public QObject {
  Q_OBJECT

  QWidget m_window;
  Attention m_attention{m_window};
  ConsoleView m_view;
  QStringList m_called;

  void show() { m_attention.setView(m_view); }
  QString calls() { return std::exchange(m_called, {}).join(QLatin1Char('\n')); }
  void ask(const char* title) {
    m_view.decisions.resize(1);
    m_view.decisions.front().title = QString::fromUtf8(title);
  }

private Q_SLOTS:
  void initTestCase() {
    connect(&m_attention, &Attention::called, this, [this](const QString& title, const QString& text) {
      m_called << title + QStringLiteral(": ") + text;
    });
  }

  void init() {
    m_view = {};
    m_view.mode = ConsoleMode::Live;
    m_view.rollout = QString::fromLatin1(QTest::currentTestFunction());
    show();
    m_called.clear();
  }

  void eachDecisionCallsOnce() {
    ask("Approval “gateway”");
    show();
    show();
    ask("3 runs of runner at the deadline of their drain");
    show();
    m_view.decisions.clear();
    show();
    QCOMPARE(calls(),
             QStringLiteral("A decision is awaited: Approval “gateway”\n"
                            "A decision is awaited: 3 runs of runner at the deadline of their drain"));
  }

  void usersThatAreHurtCallAndThoseWhoAreWellAgainDoNot() {
    m_view.users = {UsersState::Hurt,
                    {Mood::Failed, QStringLiteral("USERS HURT"), QStringLiteral("3 of 90")},
                    BootTime(7s)};
    show();
    show();
    m_view.users.state = UsersState::WereHurt;
    show();
    QCOMPARE(calls(), QStringLiteral("Users are hurt: 3 of 90"));
    m_view.users.state = UsersState::Hurt; // again, in the same trouble
    show();
    QCOMPARE(calls(), QString());
    m_view.users.state = UsersState::WereHurt;
    show();
    m_view.users.state = UsersState::Hurt;
    m_view.users.hurtSince = BootTime(70s);
    show();
    QCOMPARE(calls(), QStringLiteral("Users are hurt: 3 of 90"));
  }

  void aLostFeedCalls() {
    m_view.users.state = UsersState::NoData;
    show();
    QCOMPARE(calls(), QStringLiteral("No data: the window does not know how users are"));
  }

  void theEndCallsAndTellsWhatItIs_data() {
    QTest::addColumn<bool>("isOver");
    QTest::addColumn<QString>("title");
    QTest::newRow("over") << true << QStringLiteral("The rollout ended");
    QTest::newRow("not followed") << false << QStringLiteral("The rollout is not followed any more");
  }

  void theEndCallsAndTellsWhatItIs() {
    QFETCH(bool, isOver);
    QFETCH(QString, title);
    m_view.mode = ConsoleMode::Ended;
    m_view.isOver = isOver;
    m_view.headline = {Mood::Ok, QStringLiteral("ON 2"), QStringLiteral("3 of 3 services")};
    show();
    show();
    QCOMPARE(calls(), title + QStringLiteral(": ON 2 · 3 of 3 services"));
  }

  void anotherRolloutIsNoNews() {
    m_view.rollout = QStringLiteral("another");
    m_view.users.state = UsersState::Hurt;
    ask("Approval “gateway”");
    show();
    QCOMPARE(calls(), QString());
  }
};

QTEST_MAIN(AttentionTest)
#include "tst_attention.moc"

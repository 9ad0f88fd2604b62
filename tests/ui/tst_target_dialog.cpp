// The chooser of a target.
#include <QSignalSpy>
#include <QTest>

#include "ui/widgets/path_list.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/target_dialog.h"

#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>

using namespace ratdeck;

namespace {

StackChoice dockerChoice() {
  StackChoice choice;
  choice.runtime = "docker";
  choice.isRuntimeNamed = true;
  choice.context = "dock01";
  choice.files = {"/srv/rat/compose.yml"};
  choice.envFiles = {"/srv/rat/prod.env"};
  choice.profiles = {"pro"};
  choice.projectName = "rat";
  choice.setImages = {{"ratd", ":2.0.0"}};
  choice.journalFolder = "/var/journals";
  return choice;
}

template <class Widget>
Widget* named(const TargetDialog& dialog, const char* name) {
  auto* found = dialog.findChild<Widget*>(QLatin1String(name));
  if (!found)
    qFatal("there is no %s", name);
  return found;
}

void choose(const TargetDialog& dialog, const QString& text) {
  for (auto* button : dialog.findChildren<QRadioButton*>())
    if (button->text() == text)
      QTest::mouseClick(button, Qt::LeftButton, {}, {8, button->height() / 2});
}

void show(TargetDialog& dialog) {
  dialog.show();
  dialog.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(&dialog));
}

} // namespace

class TargetDialogTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void saysWhatItWasPrefilledWith() {
    QCOMPARE(TargetDialog({}).choice(), StackChoice());
    QCOMPARE(TargetDialog(dockerChoice()).choice(), dockerChoice());
  }

  void readsEveryField() {
    TargetDialog dialog({});
    show(dialog);
    choose(dialog, QStringLiteral("Docker"));
    QVERIFY(!named<QLineEdit>(dialog, "sandbox")->isVisible());
    QTest::keyClicks(named<QLineEdit>(dialog, "context"), QStringLiteral("dock01"));
    QTest::keyClicks(named<QLineEdit>(dialog, "project"), QStringLiteral("rat"));
    QTest::keyClicks(named<QLineEdit>(dialog, "profiles"), QStringLiteral("pro"));
    const auto lists = dialog.findChildren<PathList*>();
    lists[0]->add({"/srv/rat/compose.yml"});
    lists[1]->add({"/srv/rat/prod.env"});
    auto expected = dockerChoice();
    expected.setImages.clear();
    expected.journalFolder.clear();
    QCOMPARE(dialog.choice(), expected);
  }

  void otherFilesForgetImagesAndServices() {
    TargetDialog dialog(dockerChoice());
    dialog.findChildren<PathList*>()[0]->add({"/srv/other.yml"});
    QVERIFY(dialog.choice().setImages.empty());
  }

  void enterOpensAndEscapeCancels() {
    TargetDialog dialog(dockerChoice());
    show(dialog);
    std::vector<StackChoice> opened;
    connect(&dialog, &TargetDialog::openWanted, &dialog,
            [&](const StackChoice& choice) { opened.push_back(choice); });
    QTest::keyClick(named<QLineEdit>(dialog, "project"), Qt::Key_Return);
    QCOMPARE(opened.size(), size_t(1));
    QCOMPARE(opened[0], dockerChoice());
    QVERIFY(dialog.isVisible()); // until the target is open
    QSignalSpy rejected(&dialog, &QDialog::rejected);
    QTest::keyClick(&dialog, Qt::Key_Escape);
    QCOMPARE(rejected.size(), 1);
  }

  void showsTheAnswerOfATest() {
    TargetDialog dialog(dockerChoice());
    show(dialog);
    QSignalSpy asked(&dialog, &TargetDialog::testWanted);
    QTest::mouseClick(named<QPushButton>(dialog, "test"), Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    auto* answer = named<StatusLabel>(dialog, "answer");
    QCOMPARE(answer->line().mood, Mood::Running);
    dialog.showTest({}, true, QStringLiteral("another one"));
    QCOMPARE(answer->line().mood, Mood::Running);
    dialog.showTest(dockerChoice(), true, QStringLiteral("11 copies run"));
    QCOMPARE(answer->line().word, QStringLiteral("It answers"));
    QCOMPARE(named<PlainLabel>(dialog, "answerText")->plain(), QStringLiteral("11 copies run"));
    QTest::keyClicks(named<QLineEdit>(dialog, "context"), QStringLiteral("x"));
    QCOMPARE(answer->line().word, QStringLiteral("Not tested"));
  }

  void everyWidgetThatTakesKeysHasAName() {
    TargetDialog dialog(dockerChoice());
    for (auto* widget : dialog.findChildren<QWidget*>()) {
      const auto* button = qobject_cast<QAbstractButton*>(widget);
      if (widget->focusPolicy() == Qt::NoFocus || widget->focusProxy())
        continue;
      QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
               widget->metaObject()->className());
    }
  }
};

QTEST_MAIN(TargetDialogTest)
#include "tst_target_dialog.moc"

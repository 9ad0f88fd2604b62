// Which services, and which images.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "tests/unit/plan/plan_builders.h"
#include "ui/model/service_choice_model.h"

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

using Model = ServiceChoiceModel;

StackSpec smallStack() {
  return stackOf(
      {service("ratd", "rat/ratd:1.0.0"), service("portal", "rat/portal:1.0.0"), service("built", "")});
}

int rowOf(const Model& model, const char* name) {
  for (int row = 0; row < model.rowCount(); ++row)
    if (model.index(row, Model::Service).data() == QVariant(QLatin1String(name)))
      return row;
  return -1;
}

QModelIndex cell(const Model& model, const char* name, Model::Column column) {
  return model.index(rowOf(model, name), column);
}

} // namespace

class ServiceChoiceModelTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void standsUpToTheTester() {
    Model model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setStack(smallStack(), {});
    model.addServices({{"a-first", "a:1"}, {"ratd", "other"}, {"zebra", "z:1"}});
    QCOMPARE(model.rowCount(), 5);
    model.setNamesOnes(true);
    model.setSetsImages(false);
    model.setStack({}, {});
  }

  void showsTheImageOfTodayUntilAnotherIsTyped() {
    Model model;
    model.setStack(smallStack(), {});
    const auto image = cell(model, "ratd", Model::Image);
    QVERIFY(image.data().toString().isEmpty());
    QCOMPARE(image.data(Model::PlaceholderRole).toString(), QStringLiteral("rat/ratd:1.0.0"));
    QVERIFY(model.setData(image, QStringLiteral(" :2.0.0 "), Qt::EditRole));
    QCOMPARE(image.data().toString(), QStringLiteral(":2.0.0"));
    QCOMPARE(model.setImages(), (std::map<std::string, std::string>{{"ratd", ":2.0.0"}}));
  }

  void takesAllServicesUntilSomeAreNamed() {
    Model model;
    model.setStack(smallStack(), {});
    QSignalSpy changed(&model, &Model::choiceChanged);
    QVERIFY(!cell(model, "ratd", Model::Service).data(Qt::CheckStateRole).isValid());
    QVERIFY(!model.setData(cell(model, "ratd", Model::Service), Qt::Checked, Qt::CheckStateRole));
    model.setNamesOnes(true);
    QVERIFY(model.setData(cell(model, "ratd", Model::Service), Qt::Checked, Qt::CheckStateRole));
    QCOMPARE(model.services(), std::vector<std::string>{"ratd"});
    model.setNamesOnes(false);
    QVERIFY(model.services().empty());
    QCOMPARE(changed.size(), 3);
  }

  void beginsWithWhatWasChosenBefore() {
    StackChoice choice;
    choice.setImages = {{"ratd", "@sha256:1"}, {"gone", ":3"}};
    choice.services = {"ratd"};
    Model model;
    model.setStack(smallStack(), choice);
    QVERIFY(model.namesOnes());
    QCOMPARE(model.services(), choice.services);
    QCOMPARE(model.setImages(), choice.setImages);
    QVERIFY(rowOf(model, "gone") >= 0);
  }

  void keepsWhatWasTypedWhileNoImagesAreSet() {
    Model model;
    model.setStack(smallStack(), {});
    model.setData(cell(model, "portal", Model::Image), QStringLiteral(":2"), Qt::EditRole);
    model.setSetsImages(false);
    QVERIFY(model.setImages().empty());
    QVERIFY(!(model.flags(cell(model, "portal", Model::Image)) & Qt::ItemIsEditable));
    model.setSetsImages(true);
    QCOMPARE(model.setImages().size(), size_t(1));
  }
};

QTEST_APPLESS_MAIN(ServiceChoiceModelTest)
#include "tst_service_choice_model.moc"

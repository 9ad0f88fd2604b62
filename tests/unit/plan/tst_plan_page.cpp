// The page of a plan: valid XHTML in one file that fetches and runs nothing, with everything the plan says in
// it and nothing of what came from outside as markup.
#include <QTest>

#include "core/plan/plan_page.h"
#include "tests/unit/plan/plan_builders.h"

#include <QSet>
#include <QXmlStreamReader>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

constexpr const char* hostile =
    "</td><script>alert(1)</script><img src=x onerror='alert(1)'> & \"q\" \x1b[31m\xe2\x80\xae";

Plan fullPlan() {
  auto wanted = ratStack("2.0.0");
  wanted.policy.approvals = {{"go-live", ApprovalSpec::When::Before, "ratd", 0, 30min},
                             {"half-way", ApprovalSpec::When::After, "", 2, 10min}};
  auto world = worldOf(ratStack("1.0.0"));
  world.checks = {{"disk", "5.1 GB free at /data"}};
  for (auto& copy : world.instances)
    if (copy.service == "portal") {
      copy.health = Health::Unhealthy;
      copy.healthDetail = "connection refused";
    }
  auto request = requestFor(wanted, world);
  request.schedule = {{Severity::Warning, "freeze", "", "deploys are frozen until the new year", {}}};
  return *makePlan(request);
}

// Every text of the page, elements and attributes apart; fails the test where the page is not well-formed.
struct Page {
  QString text;
  QSet<QString> elements, attributes;
};

Page read(const std::string& page) {
  Page seen;
  QXmlStreamReader reader(QByteArray::fromStdString(page));
  while (!reader.atEnd()) {
    reader.readNext();
    if (reader.isStartElement()) {
      seen.elements.insert(reader.name().toString());
      for (const auto& attribute : reader.attributes())
        seen.attributes.insert(attribute.name().toString());
    }
    if (reader.isCharacters())
      seen.text += reader.text().toString() + QLatin1Char(' ');
  }
  if (reader.hasError())
    qWarning("line %lld: %s", reader.lineNumber(), qPrintable(reader.errorString()));
  return reader.hasError() ? Page() : seen;
}

} // namespace

class PlanPageTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void itIsWellFormedAndNamesEachServiceStepProblemAndApproval() {
    const auto plan = fullPlan();
    const auto page = read(toPage(plan));
    const auto has = [&](const std::string& text) {
      return page.text.contains(QString::fromStdString(text));
    };
    for (const auto& [name, service] : plan.services)
      QVERIFY2(has(name) && has(service.orderReason), name.c_str());
    for (const auto& step : plan.steps)
      QVERIFY2(has(step.title), step.title.c_str());
    for (const auto& problems : {plan.problems, plan.baseline})
      for (const auto& problem : problems)
        QVERIFY2(has(problem.message), problem.message.c_str());
    for (const auto& approval : plan.approvals)
      QVERIFY(has(approval.id));
    for (const auto& name : plan.unchanged)
      QVERIFY(has(name));
    for (const char* part : {"5.1 GB free at /data", "Broken already", "already down",
                             "If it has to be undone", "left as broken as before", "Deploys are frozen"})
      QVERIFY2(has(part), part);
    QVERIFY(has(plan.hash));
  }

  void itFetchesNothingAndRunsNothing() {
    const auto text = toPage(fullPlan());
    const auto page = read(text);
    QVERIFY(!page.elements.isEmpty());
    for (const char* element : {"script", "img", "link", "iframe", "object", "form", "a"})
      QVERIFY2(!page.elements.contains(QLatin1String(element)), element);
    for (const char* attribute : {"src", "href", "style", "onclick", "onload"})
      QVERIFY2(!page.attributes.contains(QLatin1String(attribute)), attribute);
    for (const char* part : {"url(", "@import", "http://", "https://"})
      QCOMPARE(QString::fromStdString(text).count(QLatin1String(part)),
               QLatin1String(part) == QLatin1String("http://") ? 1 : 0); // the namespace's name
  }

  void whatComesFromOutsideIsNeverMarkup() {
    auto plan = fullPlan();
    plan.project = plan.runtime = hostile;
    plan.inputs.files = {hostile};
    for (auto& problem : plan.problems)
      problem.message = problem.where.file = hostile;
    for (auto& step : plan.steps)
      step.title = hostile;
    for (auto& [name, service] : plan.services)
      service.orderReason = service.fromVersion = service.toVersion = hostile;
    for (auto& change : plan.changes)
      change.from = change.to = hostile, change.fields = {hostile};
    for (auto& approval : plan.approvals)
      approval.id = hostile;
    plan.checked = {{hostile, hostile}};
    plan.excluded = {{hostile, hostile}};
    for (auto& wave : plan.waves)
      wave.title = hostile;
    const auto text = toPage(plan);
    const auto before = read(toPage(fullPlan())), page = read(text);
    QVERIFY(!page.text.isEmpty());
    QCOMPARE(page.elements - before.elements, QSet<QString>());
    QCOMPARE(page.attributes - before.attributes, QSet<QString>());
    QVERIFY(page.text.contains(QStringLiteral("<script>alert(1)</script>"))); // as text
    QVERIFY(text.find("<script") == std::string::npos);
    QVERIFY(text.find('\x1b') == std::string::npos && text.find("\xe2\x80\xae") == std::string::npos);
  }

  void aPlanOfNothingIsAPageToo() {
    const auto page = read(toPage(planFor(ratStack("1.0.0"), worldOf(ratStack("1.0.0")))));
    QVERIFY(page.text.contains(QStringLiteral("Nothing is to be done")));
  }
};

QTEST_APPLESS_MAIN(PlanPageTest)
#include "tst_plan_page.moc"

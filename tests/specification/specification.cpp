#include "tests/specification/specification.h"

namespace ratdeck {

using namespace sentences;

// Holds as specified, and not where it is switched off.
#define VERIFY_SENTENCE(sentence, ...)                                                                       \
  do {                                                                                                       \
    QCOMPARE(text(sentence(asSpecified() __VA_OPT__(, ) __VA_ARGS__)), QString());                           \
    const auto control = sentence(switchedOff() __VA_OPT__(, ) __VA_ARGS__);                                 \
    QVERIFY2(!control.empty(), "it holds although it is switched off");                                      \
    qInfo("switched off: %s", control.c_str());                                                              \
  } while (false)

namespace {

const QString version1 = QStringLiteral("1.0.0"), version2 = QStringLiteral("2.0.0"),
              version3 = QStringLiteral("3.0.0"), version4 = QStringLiteral("4.0.0"),
              version5 = QStringLiteral("5.0.0");

} // namespace

Json Specification::planned(const QStringList& words, const QStringList& overlays) {
  return stage()
      .run(QStringList{QStringLiteral("plan"), QStringLiteral("--output"), QStringLiteral("json")} + words,
           version2, overlays)
      .json;
}

bool Specification::starts(const Json& plan, const char* service) {
  for (const Json& step : memberAt(plan, "steps"))
    if (textAt(step, "service") == service && textAt(step, "kind") == "start")
      return true;
  return false;
}

QStringList Specification::deployOf(const QString& service) const {
  return {QStringLiteral("deploy"), QStringLiteral("--service"), service};
}

void Specification::initTestCase() {
  if (const auto why = whyNot(); !why.isEmpty())
    QSKIP(qPrintable(why));
  m_stage = makeStage();
  QCOMPARE(m_stage->up(), QString());
  for (const QString& version : {version2, version3})
    QCOMPARE(m_stage->make({}, version), QString());
  for (const QString& version : {version4, version5})
    QCOMPARE(m_stage->make(QStringLiteral("portal"), version), QString());
  m_asSpecified = m_stage->play({QStringLiteral("deploy")}, version2, {}, true);
  QVERIFY2(m_asSpecified.result.exitCode == 0, m_asSpecified.result.toString().c_str());
}

// After the plans that must not change anything: from here on the stack runs with all of it switched off.
void Specification::overview_users_experience_no_interruption() {
  m_switchedOff =
      m_stage->play({QStringLiteral("deploy")}, version3, {QStringLiteral("switched_off.yml")}, true);
  QVERIFY2(m_switchedOff.result.exitCode == 0, m_switchedOff.result.toString().c_str());
  VERIFY_SENTENCE(nobodyIsHurt);
}

void Specification::key_constraints_postgres_and_minio_are_upgraded_separately() {
  for (const std::string& service : infrastructure())
    QVERIFY2(!asSpecified().story.startedServices().contains(service), service.c_str());
  const auto named =
      planned({QStringLiteral("--service"), QStringLiteral("nessie")}, {QStringLiteral("new_schema.yml")});
  QVERIFY(!starts(named, "portal"));
  QVERIFY(starts(planned({}, {QStringLiteral("new_schema.yml")}), "portal")); // the control
}

void Specification::section_1_infrastructure_changes_only_for_a_reason() {
  QVERIFY(!starts(planned({}, {QStringLiteral("new_schema.yml")}), "nessie"));
  QVERIFY(starts(planned({QStringLiteral("--service"), QStringLiteral("nessie")}, // the control: it is named
                         {QStringLiteral("new_schema.yml")}),
                 "nessie"));
}

void Specification::section_1_ratq_comes_before_the_runner() {
  VERIFY_SENTENCE(comesAfter, {"ratq"}, {"runner"});
}
void Specification::section_1_the_runner_comes_before_the_plugins() {
  VERIFY_SENTENCE(comesAfter, {"runner"}, plugins());
}
void Specification::section_1_the_plugins_come_before_ratd() {
  VERIFY_SENTENCE(comesAfter, plugins(), {"ratd"});
}
void Specification::section_1_ratd_comes_before_the_portal() {
  VERIFY_SENTENCE(comesAfter, {"ratd"}, {"portal"});
}

void Specification::section_2_every_service_has_a_healthcheck() {
  const auto lacking = [](const Json& plan) {
    for (const Json& problem : memberAt(plan, "problems"))
      if (textAt(problem, "code") == "no-healthcheck")
        return textAt(problem, "service");
    return std::string();
  };
  QCOMPARE(lacking(asSpecified().story.plan()), std::string());
  QCOMPARE(lacking(planned({}, {QStringLiteral("no_healthcheck.yml")})), std::string("cloud-aws"));
}

void Specification::section_2_the_new_instance_passes_its_healthcheck_before_the_old_one_stops() {
  VERIFY_SENTENCE(passesItsHealthcheckBeforeTheOldOneStops, application());
}
void Specification::section_2_the_new_ratd_starts_beside_the_old_one() {
  VERIFY_SENTENCE(startsBesideTheOldOne, {"ratd"});
}
void Specification::section_2_ratd_waits_for_its_healthcheck() {
  VERIFY_SENTENCE(getsTheTrafficAfterItsHealthcheck, {"ratd"});
}
void Specification::section_2_the_router_points_to_the_new_ratd_before_the_old_one_stops() {
  VERIFY_SENTENCE(stopsAfterTheSwitch, {"ratd"});
}
void Specification::section_2_the_old_ratd_is_stopped_with_sigterm_and_30_s_of_grace() {
  VERIFY_SENTENCE(stopsGently, "ratd", 30);
}

void Specification::section_3_the_runner_has_its_own_grace_and_starts_first() {
  const Json wanted = {{"stop_grace", "2m0s"},
                       {"order", "start-first"},
                       {"failure_action", "rollback"},
                       {"stop_signal", "SIGTERM"}};
  VERIFY_SENTENCE(isPlanned, "runner", wanted);
}

void Specification::section_4_the_portal_is_swapped_after_its_healthcheck() {
  VERIFY_SENTENCE(getsTheTrafficAfterItsHealthcheck, {"portal"});
  VERIFY_SENTENCE(stopsAfterTheSwitch, {"portal"});
}

void Specification::section_4_the_portal_starts_first_one_at_a_time() {
  const Json wanted = {{"order", "start-first"}, {"parallelism", 1}};
  VERIFY_SENTENCE(isPlanned, "portal", wanted);
}

// The portal alone comes back to its settings, and then back again.
void Specification::compose_services_are_updated_individually() {
  const Scene alone = stage().play(deployOf(QStringLiteral("portal")), version4);
  QVERIFY2(alone.result.exitCode == 0, alone.result.toString().c_str());
  QCOMPARE(text(isTheOnlyOneThatChanges(alone, "portal")), QString());
  QVERIFY(!isTheOnlyOneThatChanges(asSpecified(), "portal").empty()); // the control
}

void Specification::compose_the_old_copy_is_removed() {
  QCOMPARE(text(leavesNoOldCopy(asSpecified(), "portal")), QString());
  QCOMPARE(stage().rig().versionsOf("portal").size(), std::size_t(1));
  const Scene tried = stage().play(deployOf(QStringLiteral("portal")) << QStringLiteral("--try"), version5);
  QVERIFY2(tried.result.exitCode == 0, tried.result.toString().c_str());
  QVERIFY(!leavesNoOldCopy(tried, "portal").empty()); // the control: a new copy that is not to stay
}

void Specification::kubernetes_nothing_is_removed_before_its_replacement_is_ready() {
  VERIFY_SENTENCE(startsBesideTheOldOne, application());
  VERIFY_SENTENCE(stopsAfterTheSwitch, application());
}

void Specification::rollback_brings_the_previous_version_back_at_once() {
  const auto changed = stage().rig().versionsOf("portal");
  const Scene back = stage().play({QStringLiteral("rollback")}, version1);
  QVERIFY2(back.result.exitCode == 0, back.result.toString().c_str());
  QCOMPARE(stage().rig().versionsOf("portal"), std::vector<std::string>{"3.0.0"});
  QVERIFY(changed != stage().rig().versionsOf("portal")); // the control: before it, another one ran
}

void Specification::monitoring_ratd_answers_health_with_200() {
  VERIFY_SENTENCE(answersHealth, "ratd");
}

void Specification::monitoring_active_runs_are_shown() {
  QVERIFY(QTest::qWaitFor([this] { return stage().activeRuns() == 0; }, 15000)); // the control: none
  QVERIFY(stage().startRuns(1, 5000));
}

void Specification::monitoring_runner_and_ratq_are_checked_through_ratd() {
  VERIFY_SENTENCE(isCheckedThroughTheRouter, {"runner", "ratq"});
}

} // namespace ratdeck

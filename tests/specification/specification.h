// Each sentence of the specification that says what must happen, as a test named after its section; and with
// it, the same question put to a rollout in which that behaviour is switched off, where it must fail.
//
// Two rollouts of the whole application answer most of them: one as RAT Pro's own files want it, and one
// with all of it switched off (switched_off.yml). What needs a bad version is in scenes.h.
#pragma once

#include "tests/specification/stage.h"

#include <QtTest>

#include <memory>

namespace ratdeck {

class Specification : public QObject {
  Q_OBJECT

protected:
  // "" or why there can be no stage here.
  virtual QString whyNot() const { return {}; }
  virtual std::unique_ptr<Stage> makeStage() const = 0;
  Stage& stage() { return *m_stage; }
  const Scene& asSpecified() const { return m_asSpecified; }
  const Scene& switchedOff() const { return m_switchedOff; }
  static QString text(const std::string& problem) { return QString::fromStdString(problem); }
  // What a plan says, and whether it starts a service.
  Json planned(const QStringList& words, const QStringList& overlays);
  static bool starts(const Json& plan, const char* service);
  QStringList deployOf(const QString& service) const;

private:
  std::unique_ptr<Stage> m_stage;
  Scene m_asSpecified, m_switchedOff;

private Q_SLOTS:
  void initTestCase();
  void cleanupTestCase() { m_stage.reset(); }

  void overview_users_experience_no_interruption();
  void key_constraints_postgres_and_minio_are_upgraded_separately();

  void section_1_infrastructure_changes_only_for_a_reason();
  void section_1_ratq_comes_before_the_runner();
  void section_1_the_runner_comes_before_the_plugins();
  void section_1_the_plugins_come_before_ratd();
  void section_1_ratd_comes_before_the_portal();

  void section_2_every_service_has_a_healthcheck();
  void section_2_the_new_instance_passes_its_healthcheck_before_the_old_one_stops();
  void section_2_the_new_ratd_starts_beside_the_old_one();
  void section_2_ratd_waits_for_its_healthcheck();
  void section_2_the_router_points_to_the_new_ratd_before_the_old_one_stops();
  void section_2_the_old_ratd_is_stopped_with_sigterm_and_30_s_of_grace();

  void section_3_the_runner_has_its_own_grace_and_starts_first();

  void section_4_the_portal_is_swapped_after_its_healthcheck();
  void section_4_the_portal_starts_first_one_at_a_time();

  void compose_services_are_updated_individually();
  void compose_the_old_copy_is_removed();

  void kubernetes_nothing_is_removed_before_its_replacement_is_ready();

  void rollback_brings_the_previous_version_back_at_once();

  void monitoring_ratd_answers_health_with_200();
  void monitoring_active_runs_are_shown();
  void monitoring_runner_and_ratq_are_checked_through_ratd();
};

} // namespace ratdeck

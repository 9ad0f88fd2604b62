#include "core/plan/plan_page.h"

#include "core/base/plain_text.h"
#include "core/base/wording.h"
#include "core/plan/plan.h"
#include "core/plan/plan_names.h"
#include "core/plan/plan_page_style.h"

#include <algorithm>

namespace ratdeck {

namespace {

using plan_names::nameOf;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : plainText(text))
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  return out;
}

std::string element(const std::string& name, const std::string& content, const std::string& kind = {}) {
  return "<" + name + (kind.empty() ? "" : " class=\"" + kind + "\"") + ">" + content + "</" + name + ">";
}

std::string atMost(Duration time) {
  return "≤ " + toHumanString(time);
}

std::string versionsOf(const ServicePlan& service) {
  const auto& from = service.fromVersion;
  return from.empty() || from == service.toVersion ? service.toVersion : from + " → " + service.toVersion;
}

class PlanPage {
public:
  explicit PlanPage(const Plan& plan) : m_plan(plan) {}

  std::string write() {
    const auto title = escaped("Change plan: " + m_plan.project);
    m_page = "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\"/>\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
             "<meta http-equiv=\"Content-Security-Policy\" "
             "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n" +
             element("title", title) + "\n<style>" + planPageStyle + "</style>\n</head>\n<body>\n<main>\n";
    header();
    problems("Problems", m_plan.problems);
    problems("Broken already, before the first change", m_plan.baseline);
    changes();
    order();
    checked();
    approvals();
    undo();
    others();
    footer();
    return m_page + "</main>\n</body>\n</html>\n";
  }

private:
  void line(const std::string& text) { m_page += text + "\n"; }
  void heading(const std::string& text, const std::string& more = {}) {
    line(element("h2", escaped(text) + (more.empty() ? "" : element("small", escaped(more)))));
  }
  void row(const std::vector<std::string>& cells, const char* cell = "td") {
    std::string text;
    for (const auto& one : cells)
      text += element(cell, one);
    line(element("tr", text));
  }
  void openTable(const std::vector<std::string>& titles) {
    line("<div class=\"card\"><table>");
    if (!titles.empty()) {
      line("<thead>");
      row(titles, "th");
      line("</thead>");
    }
    line("<tbody>");
  }
  void closeTable() { line("</tbody></table></div>"); }

  // Services of a wave go side by side, waves one after the other.
  Duration longest() const {
    Duration all = 0s;
    for (const auto& wave : m_plan.waves)
      all += longest(wave);
    return all;
  }
  Duration longest(const WavePlan& wave) const {
    std::map<std::string, Duration> times; // "" = the wave's own steps
    for (const auto& step : m_plan.steps)
      if (step.wave == wave.index)
        times[step.service] += step.worstCase;
    Duration most = 0s;
    for (const auto& [service, time] : times)
      if (!service.empty())
        most = std::max(most, time);
    return most + times[""];
  }

  std::vector<std::string> awayServices() const {
    std::vector<std::string> away;
    for (const auto& [name, service] : m_plan.services)
      if (service.secondsWithout > 0s)
        away.push_back(name + " up to " + toHumanString(service.secondsWithout));
    return away;
  }

  void verdict() {
    const auto say = [this](const char* mood, const std::string& what, const std::string& more) {
      line(element("div", escaped(what) + element("span", escaped(more)), std::string("verdict ") + mood));
    };
    const auto errors = std::count_if(m_plan.problems.begin(), m_plan.problems.end(),
                                      [](const Problem& one) { return one.severity == Severity::Error; });
    if (errors > 0)
      say("bad", "Not to be deployed",
          counted(static_cast<std::size_t>(errors), "error stands", "errors stand") + " below.");
    for (const auto& closure : closuresOf(m_plan))
      say("warn", closure.code == "freeze" ? "Deploys are frozen" : "Outside the deploy windows",
          closure.message);
    if (m_plan.isEmpty())
      return say("good", "Nothing is to be done", "What runs is what is wanted.");
    if (m_plan.isTry)
      return say("good", "Users notice nothing",
                 "Nothing is routed to the new copies, and they are removed again.");
    const auto away = awayServices();
    away.empty() ? say("good",
                       m_plan.alreadyDown.empty() ? "Every service keeps answering"
                                                  : "Every service that answers now keeps answering",
                       "None of them is without a copy at any moment.")
                 : say("warn", "Away while replaced", listed(away));
  }

  void header() {
    line(element("p", m_plan.isTry ? "Plan of a try" : "Change plan", "eyebrow"));
    line(element("h1", escaped(m_plan.project) + " → " +
                           escaped(m_plan.runtime.empty() ? "no runtime" : m_plan.runtime)));
    const auto all = m_plan.services.size() + m_plan.unchanged.size() + m_plan.excluded.size();
    line(element("p",
                 std::to_string(m_plan.services.size()) + " of " + counted(all, "service", "services") +
                     " in " + counted(m_plan.waves.size(), "wave", "waves") + ", plan " +
                     element("code", escaped(m_plan.hash.substr(0, 12))),
                 "soft"));
    verdict();
    line("<dl class=\"facts\">");
    const auto fact = [this](const char* what, const std::string& value) {
      line(element("div", element("dt", what) + element("dd", escaped(value))));
    };
    fact("Services", std::to_string(m_plan.services.size()));
    fact("Waves", std::to_string(m_plan.waves.size()));
    fact("At most, all waits used up", toHumanString(longest()));
    fact("Approvals", m_plan.approvals.empty() ? "none" : std::to_string(m_plan.approvals.size()));
    fact("Problems", m_plan.problems.empty() ? "none" : std::to_string(m_plan.problems.size()));
    fact("Broken already", m_plan.baseline.empty() ? "nothing" : std::to_string(m_plan.baseline.size()));
    line("</dl>");
  }

  void problems(const char* title, const std::vector<Problem>& problems) {
    if (problems.empty())
      return;
    heading(title, std::to_string(problems.size()));
    openTable({});
    for (const auto& problem : problems) {
      const auto mood = problem.severity == Severity::Error     ? "tag bad"
                        : problem.severity == Severity::Warning ? "tag warn"
                                                                : "tag";
      const auto place = problem.where.toString();
      row({element("span", problem.severity == Severity::Info ? "note" : nameOf(problem.severity), mood),
           element("code", escaped(problem.code)) + element("p", escaped(problem.message)) +
               (place.empty() ? "" : element("p", element("code", escaped(place)), "soft"))});
    }
    closeTable();
  }

  void changes() {
    if (m_plan.changes.empty())
      return;
    heading("What changes", counted(m_plan.changes.size(), "service", "services"));
    openTable({"Service", "From", "To", "What differs"});
    for (const auto& change : m_plan.changes)
      row({escaped(change.service),
           change.from.empty() ? element("span", "new", "soft") : escaped(change.from), escaped(change.to),
           change.fields.empty() ? element("span", "–", "soft")
                                 : element("code", escaped(listed(change.fields)))});
    closeTable();
  }

  void steps(int wave, const std::string& service, bool isAfter) {
    std::string text;
    bool hasBegun = false;
    for (const auto& step : m_plan.steps) {
      if (step.wave != wave)
        continue;
      hasBegun = hasBegun || !step.service.empty();
      if (step.service == service && (!service.empty() || hasBegun == isAfter))
        text +=
            element("li", element("span", nameOf(step.kind), "kind") + element("span", escaped(step.title)) +
                              element("span", step.worstCase > 0s ? atMost(step.worstCase) : "", "time"));
    }
    if (!text.empty())
      line(element("ul", text, "steps"));
  }

  void service(const ServicePlan& service) {
    line("<div class=\"service\">");
    const bool replaces = !service.oldCopies.empty();
    auto head = element("h3", escaped(service.service)) + element("span", escaped(versionsOf(service)));
    head += element("span", service.isOneShot ? "job" : replaces ? nameOf(service.order) : "start", "tag");
    if (service.secondsWithout > 0s)
      head += element("span", "away " + atMost(service.secondsWithout), "tag warn");
    if (isAlreadyDown(m_plan, service.service))
      head += element("span", "already down", "tag bad");
    line(element("header", head));
    if (replaces)
      line(element("p", "because " + escaped(service.orderReason), "soft"));
    steps(service.wave, service.service, false);
    line("</div>");
  }

  void order() {
    if (m_plan.waves.empty())
      return;
    heading("In this order", "waves one after the other, services of a wave side by side");
    for (const auto& wave : m_plan.waves) {
      const bool isNamed = wave.title != "wave " + std::to_string(wave.index);
      line(element("div",
                   element("b", std::to_string(wave.index)) +
                       escaped(isNamed ? wave.title : "Wave " + std::to_string(wave.index)) +
                       element("span", atMost(longest(wave))),
                   "wave"));
      line("<div class=\"card\">");
      steps(wave.index, {}, false);
      for (const auto& name : wave.services)
        service(m_plan.services.at(name));
      steps(wave.index, {}, true);
      line("</div>");
    }
  }

  void checked() {
    if (m_plan.checked.empty())
      return;
    heading("Looked at before", "and again before the first change");
    openTable({});
    for (const auto& check : m_plan.checked)
      row({escaped(check.what), escaped(check.seen)});
    closeTable();
  }

  void approvals() {
    if (m_plan.approvals.empty())
      return;
    heading("Approvals");
    openTable({"Approval", "Where", "Expires after"});
    for (const auto& approval : m_plan.approvals)
      row({escaped(approval.id),
           std::string(nameOf(approval.when)) + " " +
               escaped(approval.service.empty() ? "wave " + std::to_string(approval.wave) : approval.service),
           toHumanString(approval.expires)});
    closeTable();
  }

  std::string undoOf(const ServicePlan& service) const {
    if (service.isOneShot)
      return "a job: what it did stays done";
    if (service.oldCopies.empty())
      return "its new copies are removed; nothing ran before";
    const auto before = "version " + service.fromVersion;
    if (isAlreadyDown(m_plan, service.service))
      return before + " is left as broken as before: it served nobody";
    if (service.order == UpdateOrder::StopFirst)
      return "the new copy stops and " + before + " is started again in its place, up to " +
             toHumanString(service.stopGrace + service.gate.worstCase) + " without " + service.service;
    if (service.keepWarm > 0s)
      return before + " takes the traffic back: at once while it is kept (" +
             toHumanString(service.keepWarm) +
             " after its drain), later as soon as it runs again; then the new copy goes";
    return "before the switch only the new copy goes; after it " + before +
           " takes the traffic back, started again if it is gone, and then the new copy goes";
  }

  void undo() {
    if (m_plan.isEmpty() || m_plan.isTry)
      return;
    const bool isRelease = m_plan.onFailureScope == FailureScope::Release;
    heading("If it has to be undone",
            isRelease ? "everything this rollout changed, last wave first" : "the failed service alone");
    openTable({"Service", "An undo brings back"});
    for (auto wave = m_plan.waves.rbegin(); wave != m_plan.waves.rend(); ++wave)
      for (const auto& name : wave->services)
        row({escaped(name), escaped(undoOf(m_plan.services.at(name)))});
    closeTable();
  }

  void others() {
    if (m_plan.unchanged.empty() && m_plan.excluded.empty())
      return;
    heading("What stays as it is");
    openTable({});
    for (const auto& item : m_plan.excluded)
      row({escaped(item.service), escaped(item.reason)});
    for (const auto& name : m_plan.unchanged) {
      const auto version = m_plan.unchangedVersions.find(name);
      row({escaped(name), "unchanged" + (version == m_plan.unchangedVersions.end() || version->second.empty()
                                             ? std::string()
                                             : ", " + escaped(version->second))});
    }
    closeTable();
  }

  void footer() {
    line("<footer>");
    line(element("p", "Plan " + element("span", escaped(m_plan.hash), "hash")));
    if (!m_plan.inputs.files.empty())
      line(element("p", "Made from " + element("code", escaped(listed(m_plan.inputs.files)))));
    line(element("p",
                 "A deploy carries out this plan only while its hash is the same: what moves meanwhile makes "
                 "another one."));
    line("</footer>");
  }

  const Plan& m_plan;
  std::string m_page;
};

} // namespace

std::string toPage(const Plan& plan) {
  return PlanPage(plan).write();
}

} // namespace ratdeck

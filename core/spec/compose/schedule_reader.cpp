#include "core/spec/compose/schedule_reader.h"

#include <tuple>

namespace ratdeck::compose {

namespace {

// A list of days and of ranges of days.
std::array<bool, 7> readDays(PolicyReader& in, const Node& node) {
  std::array<bool, 7> all{};
  in.each(node, "windows.days", [&](const Node& item) {
    const auto text = in.text(item, "windows.days");
    const auto days = parseDays(text);
    if (!days && !text.empty())
      in.fail(item, "windows.days", "\"" + text.substr(0, 60) + "\" is no day of the week",
              "write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri");
    for (std::size_t i = 0; days && i < all.size(); ++i)
      all[i] = all[i] || (*days)[i];
  });
  if (node.isList() && node.items.empty())
    in.fail(node, "windows.days", "no day is named", "leave `days` out for every day");
  return all;
}

int readClock(PolicyReader& in, const Node& node, const std::string& name) {
  const auto text = node.isText() ? node.text : std::string();
  const auto minutes = parseMinuteOfDay(text);
  if (!minutes)
    in.fail(node, name, "it is no time of day", "write it in quotes, like \"09:00\"");
  return minutes.value_or(0);
}

} // namespace

DeployWindow readWindow(PolicyReader& in, const Node& node) {
  DeployWindow window;
  window.where = in.placeOf(node);
  in.map(node, "windows",
         {{"days",
           [&](const Node& n) {
             window.days = readDays(in, n);
           }},
          {"from",
           [&](const Node& n) {
             window.from = readClock(in, n, "windows.from");
           }},
          {"to",
           [&](const Node& n) {
             window.to = readClock(in, n, "windows.to");
           }},
          {"timezone", [&](const Node& n) {
             window.timezone = in.text(n, "windows.timezone");
           }}});
  if (window.from == window.to || window.from == 24 * 60 || window.to == 0)
    in.fail(node, "windows", "it is never open",
            "let `to` be another time than `from`; midnight is \"24:00\"");
  return window;
}

namespace {

CivilMoment readMoment(PolicyReader& in, const Node& node, const std::string& name) {
  const auto moment = parseMoment(node.isText() ? node.text : std::string());
  if (!moment)
    in.fail(node, name, "it is no date and no time on one",
            "write it like 2026-12-20, or 2026-12-20T18:00:00+01:00");
  return moment.value_or(CivilMoment{});
}

// Of two moments in the same zone; where both have an offset of their own, the schedule sees what is empty.
bool isBefore(const CivilMoment& a, const CivilMoment& b) {
  const auto of = [](const CivilMoment& moment, int none) {
    return std::tuple(moment.year, moment.month, moment.day, moment.second.value_or(none));
  };
  return of(a, 0) < of(b, 86400);
}

} // namespace

DeployFreeze readFreeze(PolicyReader& in, const Node& node) {
  DeployFreeze freeze;
  freeze.where = in.placeOf(node);
  in.map(node, "freezes",
         {{"from",
           [&](const Node& n) {
             freeze.from = readMoment(in, n, "freezes.from");
           }},
          {"to",
           [&](const Node& n) {
             freeze.to = readMoment(in, n, "freezes.to");
           }},
          {"timezone",
           [&](const Node& n) {
             freeze.timezone = in.text(n, "freezes.timezone");
           }},
          {"reason", [&](const Node& n) {
             freeze.reason = in.text(n, "freezes.reason");
           }}});
  in.needs(node, "from", "freezes");
  in.needs(node, "to", "freezes");
  if (node.isMap() && freeze.from.offset == freeze.to.offset && !isBefore(freeze.from, freeze.to))
    in.fail(node, "freezes", "it ends before it begins", "let `to` be later than `from`");
  return freeze;
}

} // namespace ratdeck::compose

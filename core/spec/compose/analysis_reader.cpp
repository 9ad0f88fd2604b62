#include "core/spec/compose/analysis_reader.h"

namespace ratdeck::compose {

namespace {

constexpr double mostFactor = 1000;
constexpr int mostRequests = 1'000'000;

// What every gate has beside its own limit.
std::vector<Field> commonFields(PolicyReader& in, const std::string& name, AnalysisSpec& gate) {
  return {{"max_over_old",
           [&in, name, &gate](const Node& n) {
             gate.mostOverOld = in.number(n, name + ".max_over_old", 1, mostFactor);
           }},
          {"min_requests",
           [&in, name, &gate](const Node& n) {
             gate.minRequests = in.integer(n, name + ".min_requests", 1, mostRequests);
           }},
          {"window",
           [&in, name, &gate](const Node& n) {
             gate.window = in.duration(n, name + ".window");
             if (*gate.window <= 0s)
               in.fail(n, name + ".window", "a window cannot be empty", "write it like 30s");
           }},
          {"inconclusive",
           [&in, name, &gate](const Node& n) {
             gate.onInconclusive = in.word<Inconclusive>(
                 n, name + ".inconclusive",
                 {{"ask", Inconclusive::Ask}, {"pass", Inconclusive::Pass}, {"undo", Inconclusive::Undo}});
           }},
          {"observe", [&in, name, &gate](const Node& n) {
             gate.isObserveOnly = in.boolean(n, name + ".observe");
           }}};
}

} // namespace

AnalysisSpec readErrorGate(PolicyReader& in, const Node& node) {
  auto gate = errorAnalysis();
  auto fields = commonFields(in, "error_gate", gate);
  fields.push_back({"max_ratio", [&](const Node& n) {
                      gate.most = in.number(n, "error_gate.max_ratio", 0, 1);
                    }});
  in.map(node, "error_gate", fields);
  return gate;
}

AnalysisSpec readLatencyGate(PolicyReader& in, const Node& node) {
  AnalysisSpec gate;
  gate.name = "latency";
  gate.measurement.quantity = MeasuredQuantity::Latency;
  auto fields = commonFields(in, "latency_gate", gate);
  fields.push_back({"max", [&](const Node& n) {
                      gate.most = seconds(in.duration(n, "latency_gate.max"));
                    }});
  in.map(node, "latency_gate", fields);
  in.needs(node, "max", "latency_gate");
  return gate;
}

} // namespace ratdeck::compose

#include "core/spec/compose/analysis_reader.h"

#include "core/spec/compose/measurement_reader.h"

namespace ratdeck::compose {

namespace {

constexpr double mostFactor = 1000;
constexpr int mostRequests = 1'000'000;

// What every gate has beside its own limit.
std::vector<Field> commonFields(PolicyReader& in, const std::string& name, AnalysisSpec& gate) {
  return {{"name",
           [&in, name, &gate](const Node& n) {
             gate.name = in.text(n, name + ".name");
           }},
          {"max_over_old",
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

// The gate's own limit, and the source it is measured at.
AnalysisSpec readGate(PolicyReader& in, const Node& node, const std::string& name, AnalysisSpec gate,
                      Field limit) {
  MeasurementKeys source;
  auto fields = commonFields(in, name, gate);
  fields.push_back(std::move(limit));
  for (auto& field : measurementFields(source))
    fields.push_back(std::move(field));
  in.map(node, name, fields);
  gate.measurement = measurementOf(in, node, name, source, gate.measurement.quantity);
  return gate;
}

AnalysisSpec readErrorGate(PolicyReader& in, const Node& node) {
  double most = errorAnalysis().most;
  auto gate =
      readGate(in, node, "error_gate", errorAnalysis(), {"max_ratio", [&](const Node& n) {
                                                           most = in.number(n, "error_gate.max_ratio", 0, 1);
                                                         }});
  gate.most = most;
  return gate;
}

AnalysisSpec readLatencyGate(PolicyReader& in, const Node& node) {
  AnalysisSpec latency;
  latency.name = "latency";
  latency.measurement.quantity = MeasuredQuantity::Latency;
  double most = 0;
  auto gate = readGate(in, node, "latency_gate", latency, {"max", [&](const Node& n) {
                                                             most =
                                                                 seconds(in.duration(n, "latency_gate.max"));
                                                           }});
  gate.most = most;
  in.needs(node, "max", "latency_gate");
  return gate;
}

std::vector<AnalysisSpec> readGates(PolicyReader& in, const Node& node, const std::string& name,
                                    AnalysisSpec (*read)(PolicyReader&, const Node&)) {
  if (!node.isList())
    return {read(in, node)};
  std::vector<AnalysisSpec> gates;
  in.each(node, name, [&](const Node& item) {
    gates.push_back(read(in, item));
    for (size_t i = 0; i + 1 < gates.size(); ++i)
      if (gates[i].name == gates.back().name)
        in.fail(item, name, "two gates are named \"" + gates.back().name + "\"", "give each its own name");
  });
  return gates;
}

} // namespace

std::vector<AnalysisSpec> readErrorGates(PolicyReader& in, const Node& node) {
  return readGates(in, node, "error_gate", readErrorGate);
}

std::vector<AnalysisSpec> readLatencyGates(PolicyReader& in, const Node& node) {
  return readGates(in, node, "latency_gate", readLatencyGate);
}

} // namespace ratdeck::compose

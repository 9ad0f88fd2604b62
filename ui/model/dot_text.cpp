#include "ui/model/dot_text.h"

#include <QByteArrayList>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace ratdeck {

namespace {

constexpr qreal perInch = 72; // dot's lengths are inches

QByteArray inches(qreal length) {
  return QByteArray::number(length / perInch, 'f', 4);
}

// The words of a line, read one after the other; once one is missing or wrong, it has failed for good.
class Words {
public:
  explicit Words(const QByteArray& line) : m_words(line.simplified().split(' ')) {}

  QByteArray word() {
    m_hasFailed = m_hasFailed || m_next >= m_words.size();
    return m_hasFailed ? QByteArray() : m_words[m_next++];
  }
  qreal length() {
    bool isNumber = false;
    const double value = word().toDouble(&isNumber);
    m_hasFailed = m_hasFailed || !isNumber || !std::isfinite(value);
    return value * perInch;
  }
  QPointF point() {
    const qreal x = length();
    return {x, length()};
  }
  // From 0 to below `end`.
  int index(size_t end) {
    bool isNumber = false;
    const int value = word().toInt(&isNumber);
    m_hasFailed = m_hasFailed || !isNumber || value < 0 || static_cast<size_t>(value) >= end;
    return m_hasFailed ? 0 : value;
  }
  bool isNext(const char* word) const { return m_next < m_words.size() && m_words[m_next] == word; }
  bool hasFailed() const { return m_hasFailed; }

private:
  QByteArrayList m_words;
  qsizetype m_next = 0;
  bool m_hasFailed = false;
};

bool isFirstBefore(const GraphEdge& a, const GraphEdge& b) {
  return std::pair(a.dependency, a.dependent) < std::pair(b.dependency, b.dependent);
}

bool isSame(const GraphEdge& a, const GraphEdge& b) {
  return a.dependency == b.dependency && a.dependent == b.dependent;
}

bool areEdgesOf(const GraphNodes& nodes, std::vector<GraphEdge> edges) {
  auto wanted = dependencyEdges(nodes);
  std::sort(wanted.begin(), wanted.end(), isFirstBefore);
  std::sort(edges.begin(), edges.end(), isFirstBefore);
  return std::equal(wanted.begin(), wanted.end(), edges.begin(), edges.end(), isSame);
}

GraphEdge readEdge(Words& words, size_t nodes) {
  GraphEdge edge;
  edge.dependency = words.index(nodes);
  edge.dependent = words.index(nodes);
  constexpr size_t mostPoints = 10000;
  const int points = words.index(mostPoints);
  for (int i = 0; i < points && !words.hasFailed(); ++i)
    edge.curve.push_back(words.point());
  return edge;
}

// Edges that nobody sees, from each wave to the next, so that waves stand in their order. A graph of many
// nodes would pay for them in time.
QByteArray waveEdges(const GraphNodes& nodes, const std::vector<GraphEdge>& edges) {
  constexpr size_t mostNodes = 40;
  std::map<int, std::vector<int>> waves;
  for (size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].wave > 0)
      waves[nodes[i].wave].push_back(static_cast<int>(i));
  QByteArray source;
  if (waves.empty() || nodes.size() > mostNodes)
    return source;
  std::set<std::pair<int, int>> seen;
  for (const auto& edge : edges)
    seen.emplace(edge.dependency, edge.dependent);
  for (auto wave = waves.begin(), next = std::next(wave); next != waves.end(); wave = next++)
    for (const int from : wave->second)
      for (const int to : next->second)
        if (!seen.contains({from, to}))
          source +=
              QByteArray::number(from) + " -> " + QByteArray::number(to) + " [style=invis, weight=0];\n";
  return source;
}

} // namespace

QByteArray dotSource(const GraphNodes& nodes) {
  QByteArray source = "digraph stack {\nrankdir=LR; ranksep=" + inches(graphColumnGap) +
                      "; nodesep=" + inches(graphRowGap) +
                      ";\nnode [shape=box, fixedsize=true, label=\"\"];\n"
                      "edge [arrowhead=none, tailport=e, headport=w];\n";
  for (size_t i = 0; i < nodes.size(); ++i)
    source += QByteArray::number(static_cast<qulonglong>(i)) + " [width=" + inches(nodes[i].size.width()) +
              ", height=" + inches(nodes[i].size.height()) + "];\n";
  const auto edges = dependencyEdges(nodes);
  for (const auto& edge : edges)
    source += QByteArray::number(edge.dependency) + " -> " + QByteArray::number(edge.dependent) + ";\n";
  return source + waveEdges(nodes, edges) + "}\n";
}

std::optional<GraphLayout> layoutFromDot(const QByteArray& answer, const GraphNodes& nodes) {
  GraphLayout layout;
  layout.nodes.resize(nodes.size());
  std::vector<bool> isPlaced(nodes.size());
  bool isWhole = false;
  for (const auto& line : answer.split('\n')) {
    Words words(line);
    const auto kind = words.word();
    if (kind == "graph") {
      words.word(); // the scale
      const qreal width = words.length();
      layout.size = QSizeF(width, words.length());
    } else if (kind == "node") {
      const int node = words.index(nodes.size());
      const QPointF center = words.point();
      if (words.hasFailed())
        return std::nullopt;
      layout.nodes[node] = QRectF(QPointF(), nodes[node].size);
      layout.nodes[node].moveCenter(center);
      isPlaced[node] = true;
    } else if (kind == "edge") {
      auto edge = readEdge(words, nodes.size());
      if (words.isNext("invis"))
        continue;
      if (edge.curve.size() % 3 != 1)
        return std::nullopt;
      layout.edges.push_back(std::move(edge));
    } else if (kind == "stop") {
      isWhole = true;
    }
    if (words.hasFailed())
      return std::nullopt;
  }
  const bool areAllPlaced = std::find(isPlaced.begin(), isPlaced.end(), false) == isPlaced.end();
  return isWhole && areAllPlaced && areEdgesOf(nodes, layout.edges) ? std::optional(std::move(layout))
                                                                    : std::nullopt;
}

} // namespace ratdeck

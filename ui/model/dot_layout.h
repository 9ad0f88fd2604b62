// The layout of a dependency graph by Graphviz' dot, which runs as a process of its own and for a limited
// time; where it is missing, fails or is late, the nodes stand in columns instead. Asynchronous; on the
// thread of its owner.
#pragma once

#include "ui/model/graph_layout.h"

#include <QObject>

#include <chrono>

class QProcess;

namespace ratdeck {

struct DotProgram {
  QString path = QStringLiteral("dot"); // a name is looked up in the PATH
  std::chrono::milliseconds limit{2000};
};

class DotLayout : public QObject {
  Q_OBJECT
public:
  enum class By { Dot, Columns };
  Q_ENUM(By)

  explicit DotLayout(DotProgram program = {}, QObject* parent = nullptr);
  ~DotLayout() override;

  // Answered by one laidOut, never before the return. Cancels a request that is not answered yet. Nothing
  // happens if the nodes are those of the last request (before the first: no nodes).
  void request(GraphNodes nodes);

  // Of the last request.
  const GraphNodes& nodes() const { return m_nodes; }
  bool isBusy() const { return m_process != nullptr; }

Q_SIGNALS:
  void laidOut(const ratdeck::GraphLayout& layout, ratdeck::DotLayout::By by);

private:
  void start();
  void finish(const QByteArray& answer);
  // What is under way ends unheard.
  void drop();

  DotProgram m_program;
  GraphNodes m_nodes;
  QProcess* m_process = nullptr; // of the request that is not answered yet
  int m_request = 0;             // counts them
};

} // namespace ratdeck

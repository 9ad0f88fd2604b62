// Where a step stands in the tree, and the patterns ("services.*.ports") that pick places.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck::compose {

// A list of steps, each exact or "*". Items of lists are steps named "[]".
class Pattern {
public:
  // Steps are separated by dots: for use with literals only.
  Pattern(const char* text);
  const std::vector<std::string>& steps() const { return m_steps; }

private:
  std::vector<std::string> m_steps;
};

class TreePath {
public:
  TreePath() = default;
  TreePath(std::initializer_list<std::string> steps) : m_steps(steps) {}
  void push(std::string_view step) { m_steps.emplace_back(step); }
  void pop() { m_steps.pop_back(); }
  size_t size() const { return m_steps.size(); }
  const std::string& operator[](size_t i) const { return m_steps[i]; }
  const std::string& last() const { return m_steps.back(); }
  bool matches(const Pattern& pattern) const;
  // "services.web.ports[]", for people.
  std::string toString() const;

private:
  std::vector<std::string> m_steps;
};

// Pushes a step for as long as it lives.
class Step {
public:
  Step(TreePath& path, std::string_view step) : m_path(path) { m_path.push(step); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  ~Step() { m_path.pop(); }

private:
  TreePath& m_path;
};

} // namespace ratdeck::compose

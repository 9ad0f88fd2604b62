// Private to the model reader: what a project's files are read in.
#pragma once

#include "core/spec/compose/model_reader.h"

namespace ratdeck::compose {

// One project: the outer one, or one that is included.
struct ModelReader::Scope {
  int id = 0;
  std::string folder; // absolute
  Variables environment;
  std::vector<SourceFile> including; // the files that led here, outermost first

  Lookup lookup() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      auto it = environment.find(name);
      return it == environment.end() ? std::nullopt : std::optional(it->second);
    };
  }
};

// A file that `extends` names, read once for a scope. Its services are extended in place as they are asked
// for.
struct ModelReader::BaseFile {
  SourceFile file;
  Node services;
  ResetPaths resets;
};

// A step of a chain of extends, for messages and to find cycles.
struct ModelReader::Link {
  std::string path;
  std::string service;
  std::string name;
};

} // namespace ratdeck::compose

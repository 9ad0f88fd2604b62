// Compose files -> one merged model in canonical form: reads files, replaces variables, applies `extends`,
// `include`,
// `!reset` and the merge rules, and checks the schema. It knows nothing of profiles, env_file contents or
// types.
//
// The life of a file: read, parse, interpolate, include, wipe what it resets, extend, merge over the files
// before it, check, make canonical. An included project goes through the same with its own folder and env
// file, then becomes a part of the file that includes it. Files are read only through core/base/file (regular
// files up to 1 MiB).
#pragma once

#include "core/spec/compose/dotenv.h"
#include "core/spec/compose/report.h"
#include "core/spec/compose/reset_paths.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ratdeck::compose {

// A file that is read: where it is and what messages call it.
struct SourceFile {
  std::string path; // absolute
  std::string name;
};

class ModelReader {
public:
  // `folder`: where the user stands (paths below it are shown relative to it); `home`: what ~ means, may be
  // empty.
  ModelReader(std::string folder, std::string home, Report& report);
  ~ModelReader();
  ModelReader(const ModelReader&) = delete;
  ModelReader& operator=(const ModelReader&) = delete;

  SourceFile sourceFile(const std::string& folder, const std::string& path) const;
  // The last `name:` that the files give, variables not replaced; "" for none. Reads the files.
  Node projectName(const std::vector<SourceFile>& files);
  // The whole model of the files; relative paths are taken against `folder`. Errors go to the report.
  Node read(const std::vector<SourceFile>& files, const std::string& folder, const Variables& environment);
  // Adds what env files say and `environment` does not yet; later files win over earlier ones.
  void readEnvFiles(const std::vector<SourceFile>& files, Variables& environment, Place from = {});

private:
  struct Scope;
  struct BaseFile;
  struct Link;

  // `from`: where the file is named, line 0 for the caller's own words.
  std::string readText(const SourceFile& file, Place from);
  std::vector<Node> documents(const SourceFile& file, Place from);
  Node readProject(const std::vector<SourceFile>& files, const Scope& scope, Place from);
  Node addFile(Node model, const SourceFile& file, const Scope& scope, Place from);
  Node addDocument(Node model, Node document, const SourceFile& file, const Scope& scope);
  void checkMerged(Node& model);
  Node canonical(Node model);

  void extendAll(Node& document, const SourceFile& file, const Scope& scope, const ResetPaths& resets);
  void extendService(Node& services, const std::string& name, const SourceFile& file,
                     const std::string& folder, const Scope& scope, const ResetPaths& resets,
                     std::vector<Link>& chain);
  BaseFile* baseFile(const SourceFile& file, const Scope& scope, Place place);

  void includeAll(Node& document, const SourceFile& file, const Scope& scope, const ResetPaths& resets);
  void include(const Node& entry, Node& document, const SourceFile& file, const Scope& scope,
               const ResetPaths& resets);
  bool checkIncludeCycle(const SourceFile& included, const SourceFile& file, const Scope& scope, Place place);
  void includeEnvironment(const Node& entry, const Scope& outer, Scope& inner);
  void import(Node imported, Node& document, const ResetPaths& resets);

  std::string m_folder;
  std::string m_home;
  Report& m_report;
  std::map<std::string, std::vector<Node>> m_parsed; // of projectName, until read() takes them
  std::map<std::string, std::unique_ptr<BaseFile>> m_bases;
  int m_scopes = 0;
};

} // namespace ratdeck::compose

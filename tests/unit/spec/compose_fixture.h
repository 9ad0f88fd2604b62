// A folder of Compose files for one test, and what loading them gives.
#pragma once

#include "core/spec/compose/loader.h"

#include "tests/support/text.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ratdeck::compose {

class ComposeFolder {
public:
  ComposeFolder() { request.workingDirectory = path(); }

  std::string path(const std::string& name = {}) const {
    auto folder = m_folder.path().toStdString() + "/project";
    return name.empty() ? folder : folder + "/" + name;
  }

  // Writes a file, with the folders above it.
  ComposeFolder& write(const std::string& name, const std::string& text) {
    auto file = path(name);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return *this;
  }

  Result<Loaded> load(const std::vector<std::string>& files = {"compose.yaml"}) {
    std::filesystem::create_directories(path());
    request.files = files;
    return compose::load(request);
  }

  // The JSON at a pointer ("/services/web/ports") as one line, or "ERROR: …".
  std::string json(const std::string& pointer = {},
                   const std::vector<std::string>& files = {"compose.yaml"}) {
    auto loaded = load(files);
    if (!loaded)
      return "ERROR: " + loaded.error().toString();
    auto config = toConfigJson(loaded->stack);
    nlohmann::json::json_pointer at(pointer);
    return config.contains(at) ? dumpJson(config.at(at)) : "absent";
  }

  // The error without what comes after its first ";", or "no error".
  std::string error(const std::vector<std::string>& files = {"compose.yaml"}) {
    auto loaded = load(files);
    if (loaded)
      return "no error";
    auto error = loaded.error();
    error.next.clear();
    return error.toString();
  }

  LoadRequest request;

private:
  QTemporaryDir m_folder;
};

// What the service `web` of one small file becomes; `body` is indented below it.
inline std::string serviceJson(const std::string& body, const std::string& pointer) {
  ComposeFolder folder;
  std::string indented = "services:\n  web:\n    image: i\n";
  for (size_t begin = 0; begin < body.size();) {
    auto end = std::min(body.find('\n', begin), body.size());
    indented += "    " + body.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return folder.write("compose.yaml", indented).json("/services/web" + pointer);
}

} // namespace ratdeck::compose

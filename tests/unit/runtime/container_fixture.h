// A Compose file of one service `web`, and the container that it asks for.
#pragma once

#include "core/runtime/docker/container_request.h"
#include "tests/unit/spec/compose_fixture.h"

namespace ratdeck::test {

inline constexpr const char* surroundings = R"(
networks:
  front: {name: edge}
  back: {}
  outside: {external: true}
volumes:
  data: {}
  shared: {name: everybodys}
secrets:
  key: {file: ./key.pem}
  token: {environment: TOKEN}
  foreign: {external: true}
configs:
  site: {file: ./site.conf}
  inline: {content: "a=1"}
)";

inline CopyIdentity secondCopy() {
  return {InstanceId("shop-web-2"), 2, 7, RolloutId("20260101-000000-abcd"), "5bec", "a1"};
}

// `body` stands below `web`, indented here.
inline Result<StackSpec> loadedWith(const std::string& body) {
  compose::ComposeFolder folder;
  std::string text = "name: shop\nservices:\n  db: {image: db}\n  web:\n    image: web:2\n";
  for (std::size_t begin = 0; begin < body.size();) {
    const auto end = std::min(body.find('\n', begin), body.size());
    text += "    " + body.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  folder.request.environment["TOKEN"] = "s3cret";
  auto loaded = folder.write("compose.yaml", text + surroundings).load();
  return loaded ? Result<StackSpec>(loaded->stack) : failure(loaded.error());
}

inline StackSpec stackWith(const std::string& body) {
  auto stack = loadedWith(body);
  if (!stack)
    qFatal("%s", stack.error().toString().c_str());
  return *stack;
}

inline Result<ContainerRequest> requestFor(const std::string& body, const ContainerOptions& options = {}) {
  const auto stack = loadedWith(body);
  if (!stack)
    return failure(stack.error());
  return containerRequest(*stack->find("web"), *stack, secondCopy(), options);
}

// The JSON at a pointer of the body as one line; "absent", or "ERROR: …".
inline std::string bodyAt(const Result<ContainerRequest>& request, const std::string& pointer) {
  if (!request)
    return "ERROR: " + request.error().toString();
  const nlohmann::json::json_pointer at(pointer);
  return request->body.contains(at) ? dumpJson(request->body.at(at)) : "absent";
}

} // namespace ratdeck::test

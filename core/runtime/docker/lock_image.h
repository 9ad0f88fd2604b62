// An image that a stack's lock can be made from: any, since it is never started. One of the stack's own, so
// that nothing else is brought to the engine.
#pragma once

#include "core/remote/docker/docker_client.h"
#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/docker/image_catalog.h"
#include "core/runtime/docker/image_keeper.h"
#include "core/spec/stack_spec.h"

#include <string>
#include <vector>

namespace ratdeck {

class LockImage {
public:
  // All outlive this object.
  LockImage(DockerClient& client, DockerCopies& copies, ImageCatalog& catalog, ImageKeeper& keeper,
            const StackSpec& stack)
      : m_client(client), m_copies(copies), m_catalog(catalog), m_keeper(keeper), m_stack(stack),
        m_calls(client.connection) {}

  // The id of one that a copy is of, else of the first that a service wants and the engine has; where there
  // is none, the first is pulled. Errors: those of ImageKeeper::prepare; Input (no service has an image).
  void find(Callback<std::string> done);

private:
  void findWanted(std::vector<std::string> references, std::size_t at, Callback<std::string> done);
  void pull(const std::string& reference, Callback<std::string> done);

  DockerClient& m_client;
  DockerCopies& m_copies;
  ImageCatalog& m_catalog;
  ImageKeeper& m_keeper;
  const StackSpec& m_stack;
  DockerCallSet m_calls;
};

} // namespace ratdeck

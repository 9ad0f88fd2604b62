// A container that somebody else made -> the service that it is a copy of, so that it can be compared, and
// made again exactly as it was. Pure.
//
// What makes it again is the body that its inspection tells, taken as it stands: what it has from its image
// is in it too, which changes nothing, since it is made of the same image, by its id. What people read and
// compare is the Compose form, in which only what differs from the image is said.
#pragma once

#include "core/remote/docker/docker_container.h"
#include "core/runtime/docker/container_fields.h"
#include "core/spec/stack_spec.h"

#include <string>
#include <vector>

namespace ratdeck {

struct ContainerRequest;

// What a create must be asked for to get the container: its own id and name are nowhere in it, and anonymous
// volumes stay without a name. `image`: the config of its image (DockerImage::config).
ContainerForm copiedForm(const DockerContainer& container, const Json& image);

// The form that the inspection of the requested container will have, but for its image.
ContainerForm requestedForm(const ContainerRequest& request);

// Its normalised form holds the whole under adoptedContainerKey, networks and volumes by their real names.
// Only `name`, `image`, `imageId` and `environment` of the others are filled in: they come with a load of it.
ServiceSpec copiedService(const std::string& name, const DockerContainer& container, const Json& image);

// Top-level networks and volumes that a copied service names, as external ones: {"networks": {…}, …}.
Json resourcesOfCopy(const ServiceSpec& service);

// Whether the service is such a copy.
bool isCopied(const ServiceSpec& service);

// What a container of the service would be made of, no engine asked: other services' containers go by the
// services' names. Without an image, but for a copied service. Errors: those of containerRequest.
Result<ContainerForm> formFor(const ServiceSpec& service, const StackSpec& stack);

// The names of what the wanted service has otherwise than the copied one; "configuration" where it cannot be
// told. The image's name is not among them. `stack` is the wanted service's.
std::vector<std::string> driftOf(const ServiceSpec& copied, const ServiceSpec& wanted,
                                 const StackSpec& stack);

} // namespace ratdeck

// The labels that copies of services carry: Compose's, so that `docker compose ps`, `logs` and `exec` know
// them, and our own, by which a copy is known to be of a revision and of a rollout.
#pragma once

namespace ratdeck::copy_labels {

inline constexpr const char* project = "com.docker.compose.project";
inline constexpr const char* service = "com.docker.compose.service";
inline constexpr const char* number = "com.docker.compose.container-number"; // 1, 2, …
inline constexpr const char* oneOff = "com.docker.compose.oneoff";           // "True" of `compose run`
// Compose 2 looks only at containers that have this one; its value is its own business.
inline constexpr const char* configHash = "com.docker.compose.config-hash";
inline constexpr const char* workingFolder = "com.docker.compose.project.working_dir";
inline constexpr const char* configFiles = "com.docker.compose.project.config_files"; // joined by commas
inline constexpr const char* network = "com.docker.compose.network"; // of a network: its key in the file
inline constexpr const char* volume = "com.docker.compose.volume";   // of a volume: its key in the file

inline constexpr const char* revision = "ratdeck.revision"; // a number
inline constexpr const char* store = "ratdeck.store";       // whose number it is: RevisionStore::id()
inline constexpr const char* rollout = "ratdeck.rollout";   // the one that made it
// The copy's id where its container has another name (`container_name`).
inline constexpr const char* copy = "ratdeck.copy";
inline constexpr const char* specHash = "ratdeck.spec-hash";
// JSON of the fields that can be changed on a running container, as it was made (container_fields.h).
inline constexpr const char* changeable = "ratdeck.changeable";
// Of the container that is the stack's lock: the lock on its holder's own machine, and who that is.
inline constexpr const char* lock = "ratdeck.lock";
inline constexpr const char* owner = "ratdeck.owner";
inline constexpr const char* host = "ratdeck.host";
inline constexpr const char* bootId = "ratdeck.boot-id";
inline constexpr const char* process = "ratdeck.process"; // its number on that host
inline constexpr const char* relay = "ratdeck.relay"; // of the relay, what it was made of (relay_container.h)

} // namespace ratdeck::copy_labels

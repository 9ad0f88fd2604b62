#include "core/runtime/docker/container_plain.h"

#include "core/runtime/docker/container_draft.h"

namespace ratdeck {

namespace {

using Kind = PlainKey::Kind;

constexpr PlainKey ofConfig[] = {
    {"domainname", Kind::Text, "Domainname"},
    {"hostname", Kind::Text, "Hostname"},
    {"stdin_open", Kind::Flag, "OpenStdin"},
    {"stop_signal", Kind::Text, "StopSignal"},
    {"tty", Kind::Flag, "Tty"},
    {"user", Kind::Text, "User"},
    {"working_dir", Kind::Text, "WorkingDir"},
};

constexpr PlainKey ofHost[] = {
    {"cap_add", Kind::Texts, "CapAdd"},
    {"cap_drop", Kind::Texts, "CapDrop"},
    {"cgroup", Kind::Text, "CgroupnsMode"},
    {"cgroup_parent", Kind::Text, "CgroupParent"},
    {"cpu_count", Kind::Number, "CpuCount"},
    {"cpu_period", Kind::Number, "CpuPeriod"}, // microseconds, as the three below
    {"cpu_quota", Kind::Number, "CpuQuota"},
    {"cpu_rt_period", Kind::Number, "CpuRealtimePeriod"},
    {"cpu_rt_runtime", Kind::Number, "CpuRealtimeRuntime"},
    {"cpu_shares", Kind::Number, "CpuShares"},
    {"cpuset", Kind::Text, "CpusetCpus"},
    {"device_cgroup_rules", Kind::Texts, "DeviceCgroupRules"},
    {"dns", Kind::Texts, "Dns"},
    {"dns_opt", Kind::Texts, "DnsOptions"},
    {"dns_search", Kind::Texts, "DnsSearch"},
    {"group_add", Kind::Texts, "GroupAdd"},
    {"init", Kind::Flag, "Init"},
    {"isolation", Kind::Text, "Isolation"},
    {"mem_limit", Kind::Number, "Memory"},
    {"mem_reservation", Kind::Number, "MemoryReservation"},
    {"mem_swappiness", Kind::Number, "MemorySwappiness"},
    {"memswap_limit", Kind::Number, "MemorySwap"},
    {"oom_kill_disable", Kind::Flag, "OomKillDisable"},
    {"oom_score_adj", Kind::Number, "OomScoreAdj"},
    {"pids_limit", Kind::Number, "PidsLimit"},
    {"privileged", Kind::Flag, "Privileged"},
    {"read_only", Kind::Flag, "ReadonlyRootfs"},
    {"runtime", Kind::Text, "Runtime"},
    {"shm_size", Kind::Number, "ShmSize"},
    {"storage_opt", Kind::Labels, "StorageOpt"},
    {"sysctls", Kind::Labels, "Sysctls"},
    {"userns_mode", Kind::Text, "UsernsMode"},
    {"uts", Kind::Text, "UTSMode"},
};

void translate(const PlainKey& plain, KeyReader& keys, Json& object) {
  switch (plain.kind) {
  case Kind::Text:
    return put(object, plain.member, keys.text(plain.key));
  case Kind::Flag:
    return put(object, plain.member, keys.flag(plain.key));
  case Kind::Number:
    return put(object, plain.member, keys.number(plain.key));
  case Kind::Texts:
    return put(object, plain.member, keys.texts(plain.key));
  case Kind::Labels:
    return put(object, plain.member, keys.labels(plain.key));
  }
}

} // namespace

std::span<const PlainKey> plainConfigKeys() {
  return ofConfig;
}

std::span<const PlainKey> plainHostKeys() {
  return ofHost;
}

void translatePlainKeys(KeyReader& keys, ContainerDraft& draft) {
  for (const auto& plain : ofConfig)
    translate(plain, keys, draft.config);
  for (const auto& plain : ofHost)
    translate(plain, keys, draft.host);
}

} // namespace ratdeck

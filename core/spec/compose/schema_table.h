// The table that checkSchema follows, in a small language of its own.
//
// A shape is `NAME: key=TYPE key=TYPE …`. TYPE is alternatives joined by `|`: s string, n number, i integer,
// b boolean, 0 null, any, [T/T] list, {T/T} list without repeated items, or the name of a shape. Before the
// keys may stand
//   !a,b   these keys are required          x   keys that begin with x- are allowed
//   *=TYPE any other key                    @=TYPE any other key that is a valid name (a-z A-Z 0-9 . _ -)
// A name of !a,b may be a choice (a|b: one of them at least), an integer may have bounds (i(-1,5)).
// `NAME: <a,b,c` is a string that must be one of the words, `NAME: ~` one that textForms describes.
#pragma once

namespace ratdeck::compose {

inline constexpr const char* schemaTable[] = {
    "model: x version=s name=s include=[s/include] services=services networks=networks volumes=volumes "
    "secrets=secrets "
    "configs=configs models=models",
    "services: @=service",
    "networks: *=network|0",
    "volumes: @=volume|0",
    "secrets: @=secret",
    "configs: @=config",
    "models: @=model_resource",
    "model_resource: x !model name=s model=s context_size=i|s runtime_flags=[s]",
    "service: x annotations=dict attach=b|s build=s|build blkio_config=blkio cap_add={s} cap_drop={s} "
    "cgroup=cgroup "
    "cgroup_parent=s command=command configs=[s/mounted_file] container_name=container_name "
    "cpu_count=s|i(0,) "
    "cpu_percent=s|n "
    "cpu_shares=n|s cpu_quota=n|s cpu_period=n|s cpu_rt_period=n|s cpu_rt_runtime=n|s cpus=n|s cpuset=s "
    "credential_spec=credential_spec depends_on={s}|dependencies deploy=deploy|0 develop=develop|0 "
    "device_cgroup_rules={s} devices=[s/device] dns=s|{s} dns_opt={s} dns_search=s|{s} domainname=s "
    "entrypoint=command env_file=s|[s/env_file] environment=dict expose={s/n} extends=s|extends "
    "external_links={s} "
    "extra_hosts=extra_hosts gpus=gpus_word|[gpu] group_add={s/n} healthcheck=healthcheck "
    "hostname=s image=s "
    "init=b|s ipc=s isolation=s label_file=s|[s] labels=dict links={s} logging=logging mac_address=s "
    "mem_limit=n|s "
    "mem_reservation=s|i mem_swappiness=i|s memswap_limit=n|s models={s}|service_models network_mode=s "
    "networks={s}|service_networks oom_kill_disable=b|s oom_score_adj=s|i(-1000,1000) pid=s|0 pids_limit=n|s "
    "platform=s "
    "ports={n/s/port} pre_start=[hook_container] post_start=[hook] pre_stop=[hook] privileged=b|s "
    "profiles={s} provider=provider "
    "pull_policy=pull_policy "
    "pull_refresh_after=s read_only=b|s restart=s runtime=s scale=i|s secrets=[s/mounted_file] "
    "security_opt={s} "
    "shm_size=n|s stdin_open=b|s stop_grace_period=s stop_signal=s storage_opt=open sysctls=dict tmpfs=s|{s} "
    "tty=b|s "
    "ulimits=ulimits use_api_socket=b user=s userns_mode=s uts=s volumes={s/mount} volumes_from={s} "
    "working_dir=s",
    "build: x context=s dockerfile=s dockerfile_inline=s entitlements=[s] args=dict ssh=dict labels=dict "
    "cache_from=[s] "
    "cache_to=[s] no_cache=b|s no_cache_filter=s|{s} additional_contexts=dict network=s pull=b|s target=s "
    "shm_size=i|s "
    "extra_hosts=extra_hosts isolation=s privileged=b|s secrets=[s/mounted_file] tags=[s] ulimits=ulimits "
    "platforms=[s] "
    "provenance=s|b sbom=s|b",
    "blkio: device_read_bps=[blkio_limit] device_read_iops=[blkio_limit] device_write_bps=[blkio_limit] "
    "device_write_iops=[blkio_limit] weight=i|s weight_device=[blkio_weight]",
    "blkio_limit: path=s rate=i|s",
    "blkio_weight: path=s weight=i|s",
    "cgroup: <host,private",
    "credential_spec: x config=s file=s registry=s",
    "dependencies: @=dependency",
    "dependency: x !condition restart=b|s required=b condition=condition",
    "condition: <service_started,service_healthy,service_completed_successfully",
    "device: x !source source=s target=s permissions=s",
    "device_request: x !capabilities|driver capabilities={s} count=s|i device_ids={s} driver=s options=dict",
    "gpus_word: <all",
    "gpu: capabilities={s} count=s|i device_ids={s} driver=s options=dict *=any",
    "container_name: ~",
    "pull_policy: ~",
    "env_file: !path path=s format=s required=b|s",
    "extends: !service service=s file=s",
    "healthcheck: x disable=b|s interval=s retries=n|s test=s|[s] timeout=s start_period=s start_interval=s",
    "hook: x !command command=command user=s privileged=b|s working_dir=s environment=dict",
    "hook_container: command=command environment=dict *=any",
    "logging: x driver=s options=option_map",
    "option_map: *=s|n|0",
    "strict_option_map: *=s|n",
    "string_map: *=s",
    "mounted_file: x source=s target=s uid=s gid=s mode=n|s",
    "mount: x !type type=mount_type source=s target=s read_only=b|s consistency=s bind=mount_bind "
    "volume=mount_volume "
    "tmpfs=mount_tmpfs image=mount_image",
    "mount_type: <bind,volume,tmpfs,cluster,npipe,image",
    "mount_bind: x propagation=s create_host_path=b|s recursive=recursive selinux=selinux",
    "recursive: <enabled,disabled,writable,readonly",
    "selinux: <z,Z",
    "mount_volume: x labels=dict nocopy=b|s subpath=s",
    "mount_tmpfs: x size=i(0,)|s mode=n|s",
    "mount_image: x subpath=s",
    "port: x name=s mode=s host_ip=s target=i|s published=s|i protocol=s app_protocol=s",
    "provider: x !type type=s options=provider_options configs=any",
    "provider_options: *=s|n|b|[s/n/b]",
    "service_models: @=service_model|0",
    "service_model: x endpoint_var=s model_var=s",
    "service_networks: @=service_network|0",
    "service_network: x aliases={s} interface_name=s ipv4_address=s ipv6_address=s link_local_ips={s} "
    "mac_address=s "
    "driver_opts=strict_option_map priority=n gw_priority=n",
    "ulimits: *=i|s|ulimit",
    "ulimit: x !soft,hard soft=i|s hard=i|s",
    "develop: x watch=[watch]",
    "watch: x !path,action ignore=s|{s} include=s|{s} path=s action=watch_action target=s exec=hook "
    "initial_sync=b",
    "watch_action: <rebuild,sync,restart,sync+restart,sync+exec",
    "deploy: x mode=s endpoint_mode=s replicas=i|s labels=dict rollback_config=update update_config=update "
    "resources=resources restart_policy=restart_policy placement=placement",
    "update: x parallelism=i|s delay=s failure_action=s monitor=s max_failure_ratio=n|s order=order",
    "order: <start-first,stop-first",
    "resources: x limits=limits reservations=reservations",
    "limits: x cpus=n|s memory=s pids=i|s",
    "reservations: x cpus=n|s memory=s generic_resources=[generic_resource] devices=[device_request]",
    "generic_resource: x discrete_resource_spec=discrete",
    "discrete: x kind=s value=n|s",
    "restart_policy: x condition=s delay=s max_attempts=i|s window=s",
    "placement: x constraints=[s] preferences=[preference] max_replicas_per_node=i|s",
    "preference: x spread=s",
    "include: path=s|{s} env_file=s|{s} project_directory=s",
    "network: x name=s driver=s driver_opts=strict_option_map ipam=ipam external=b|s|external internal=b|s "
    "enable_ipv4=b|s enable_ipv6=b|s attachable=b|s labels=dict",
    "ipam: x driver=s config=[ipam_pool] options=string_map",
    "ipam_pool: x subnet=s ip_range=s gateway=s aux_addresses=string_map",
    "external: x name=s",
    "volume: x name=s driver=s driver_opts=strict_option_map external=b|s|external labels=dict",
    "secret: x name=s environment=s file=s external=b|s|external_open labels=dict driver=s "
    "driver_opts=strict_option_map "
    "template_driver=s",
    "config: x name=s content=s environment=s file=s external=b|s|external_open labels=dict "
    "template_driver=s",
    "external_open: name=s *=any",
    "open: *=any",
    "dict_map: *=s|n|b|0",
    "hosts_map: *=s|[s]",
};

// Names for whole alternatives.
inline constexpr const char* schemaAliases[][2] = {
    {"dict", "dict_map|{s}"},
    {"extra_hosts", "hosts_map|{s}"},
    {"command", "0|s|[s]"},
};

} // namespace ratdeck::compose

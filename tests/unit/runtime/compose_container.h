// A container as Compose 1.29 made it on Docker 20.10, in the words of its inspection.
#pragma once

namespace ratdeck::test {

// The file that it was made of.
inline constexpr const char* composeFile = R"(name: shop
services:
  web:
    image: web:2
    command: ["out", "hello", "wait"]
    environment: { PASSWORD: "s$$cret", MODE: fast, EMPTY: "" }
    ports: ["127.0.0.1:18080:9000"]
    expose: ["9001"]
    volumes: ["/srv/shop/web.conf:/etc/web.conf:ro", "cache:/cache", "/scratch"]
    networks: { front: { aliases: [www] }, back: {} }
    restart: unless-stopped
    stop_signal: SIGTERM
    stop_grace_period: 20s
    labels: { team: "a" }
    mem_limit: 64m
    cap_add: [NET_ADMIN]
    healthcheck: { test: ["CMD", "/program", "exit", "0"], interval: 2s, timeout: 1s, retries: 3, start_period: 1s }
    extra_hosts: ["other:10.1.2.3"]
    ulimits: { nofile: { soft: 1000, hard: 2000 } }
    logging: { driver: json-file, options: { max-size: "1m" } }
    tmpfs: ["/tmpfs"]
    sysctls: { net.core.somaxconn: "1024" }
    user: "0:0"
    working_dir: /
    init: true
networks: { front: {}, back: {} }
volumes: { cache: {} }
)";

// The config of web:2.
inline constexpr const char* imageConfig = R"({
  "Env": ["FROM_IMAGE=yes"], "Cmd": ["wait"], "Entrypoint": ["/program"], "Labels": {"of.image": "1"},
  "ExposedPorts": {"9000/tcp": {}}, "Volumes": {"/data": {}}, "User": "", "WorkingDir": "", "Hostname": "",
  "Healthcheck": {"Test": ["CMD", "/program", "exit", "0"], "Interval": 5000000000}})";

inline constexpr const char* inspection = R"(
{
 "Id": "0e76366248742f25dc71e44ad1617c4594549bf7d7b49056ee5f27a878a1f75c",
 "Created": "2026-11-26T03:04:41.365368123Z",
 "Name": "/shop_web_1",
 "Image": "sha256:8e88c3469a7338fdada406313cf0372876be77b93107ed2a8544a156646eb3d9",
 "State": {
  "Status": "running",
  "Running": true,
  "Paused": false,
  "Restarting": false,
  "OOMKilled": false,
  "Dead": false,
  "Pid": 9921,
  "ExitCode": 0,
  "Error": "",
  "StartedAt": "2026-11-26T03:04:41.841071109Z",
  "FinishedAt": "0001-01-01T00:00:00Z"
 },
 "HostConfig": {
  "Binds": [
   "shop_cache:/cache:rw",
   "/srv/shop/web.conf:/etc/web.conf:ro"
  ],
  "ContainerIDFile": "",
  "LogConfig": {
   "Type": "json-file",
   "Config": {
    "max-size": "1m"
   }
  },
  "NetworkMode": "shop_back",
  "PortBindings": {
   "9000/tcp": [
    {
     "HostIp": "127.0.0.1",
     "HostPort": "18080"
    }
   ]
  },
  "RestartPolicy": {
   "Name": "unless-stopped",
   "MaximumRetryCount": 0
  },
  "AutoRemove": false,
  "VolumeDriver": "",
  "VolumesFrom": [],
  "CapAdd": [
   "NET_ADMIN"
  ],
  "CapDrop": null,
  "CgroupnsMode": "host",
  "Dns": null,
  "DnsOptions": null,
  "DnsSearch": null,
  "ExtraHosts": [
   "other:10.1.2.3"
  ],
  "GroupAdd": null,
  "IpcMode": "private",
  "Cgroup": "",
  "Links": null,
  "OomScoreAdj": 0,
  "PidMode": "",
  "Privileged": false,
  "PublishAllPorts": false,
  "ReadonlyRootfs": false,
  "SecurityOpt": null,
  "Tmpfs": {
   "/tmpfs": ""
  },
  "UTSMode": "",
  "UsernsMode": "",
  "ShmSize": 67108864,
  "Sysctls": {
   "net.core.somaxconn": "1024"
  },
  "Runtime": "runc",
  "ConsoleSize": [
   0,
   0
  ],
  "Isolation": "",
  "CpuShares": 0,
  "Memory": 67108864,
  "NanoCpus": 0,
  "CgroupParent": "",
  "BlkioWeight": 0,
  "BlkioWeightDevice": null,
  "BlkioDeviceReadBps": null,
  "BlkioDeviceWriteBps": null,
  "BlkioDeviceReadIOps": null,
  "BlkioDeviceWriteIOps": null,
  "CpuPeriod": 0,
  "CpuQuota": 0,
  "CpuRealtimePeriod": 0,
  "CpuRealtimeRuntime": 0,
  "CpusetCpus": "",
  "CpusetMems": "",
  "Devices": null,
  "DeviceCgroupRules": null,
  "DeviceRequests": null,
  "KernelMemory": 0,
  "KernelMemoryTCP": 0,
  "MemoryReservation": 0,
  "MemorySwap": 134217728,
  "MemorySwappiness": null,
  "OomKillDisable": false,
  "PidsLimit": null,
  "Ulimits": [
   {
    "Name": "nofile",
    "Hard": 2000,
    "Soft": 1000
   }
  ],
  "CpuCount": 0,
  "CpuPercent": 0,
  "IOMaximumIOps": 0,
  "IOMaximumBandwidth": 0,
  "MaskedPaths": [
   "/proc/asound",
   "/proc/acpi",
   "/proc/kcore",
   "/proc/keys",
   "/proc/latency_stats",
   "/proc/timer_list",
   "/proc/timer_stats",
   "/proc/sched_debug",
   "/proc/scsi",
   "/sys/firmware"
  ],
  "ReadonlyPaths": [
   "/proc/bus",
   "/proc/fs",
   "/proc/irq",
   "/proc/sys",
   "/proc/sysrq-trigger"
  ],
  "Init": true
 },
 "Mounts": [
  {
   "Type": "bind",
   "Source": "/srv/shop/web.conf",
   "Destination": "/etc/web.conf",
   "Mode": "ro",
   "RW": false,
   "Propagation": "rprivate"
  },
  {
   "Type": "volume",
   "Name": "5528b4077d4fa889ee0b61f0eb33f09538a5180aff3bf76061b50e09d943a144",
   "Source": "/var/lib/docker/volumes/5528b4077d4fa889ee0b61f0eb33f09538a5180aff3bf76061b50e09d943a144/_data",
   "Destination": "/data",
   "Driver": "local",
   "Mode": "",
   "RW": true,
   "Propagation": ""
  },
  {
   "Type": "volume",
   "Name": "5b201e9fc1689dffd941ed2851dce3245239e096d7505460e0aa2aae5bbe7292",
   "Source": "/var/lib/docker/volumes/5b201e9fc1689dffd941ed2851dce3245239e096d7505460e0aa2aae5bbe7292/_data",
   "Destination": "/scratch",
   "Driver": "local",
   "Mode": "",
   "RW": true,
   "Propagation": ""
  },
  {
   "Type": "volume",
   "Name": "shop_cache",
   "Source": "/var/lib/docker/volumes/shop_cache/_data",
   "Destination": "/cache",
   "Driver": "local",
   "Mode": "rw",
   "RW": true,
   "Propagation": ""
  }
 ],
 "Config": {
  "Hostname": "0e7636624874",
  "Domainname": "",
  "User": "0:0",
  "AttachStdin": false,
  "AttachStdout": false,
  "AttachStderr": false,
  "ExposedPorts": {
   "9000/tcp": {},
   "9001/tcp": {}
  },
  "Tty": false,
  "OpenStdin": false,
  "StdinOnce": false,
  "Env": [
   "PASSWORD=s$cret",
   "MODE=fast",
   "EMPTY=",
   "FROM_IMAGE=yes"
  ],
  "Cmd": [
   "out",
   "hello",
   "wait"
  ],
  "Healthcheck": {
   "Test": [
    "CMD",
    "/program",
    "exit",
    "0"
   ],
   "Interval": 2000000000,
   "Timeout": 1000000000,
   "StartPeriod": 1000000000,
   "Retries": 3
  },
  "Image": "web:2",
  "Volumes": {
   "/cache": {},
   "/data": {},
   "/etc/web.conf": {},
   "/scratch": {}
  },
  "WorkingDir": "/",
  "Entrypoint": [
   "/program"
  ],
  "OnBuild": null,
  "Labels": {
   "com.docker.compose.config-hash": "8d0d00ee878d515112f9137d44be851a0038a19d91338b10d64e4a6163732994",
   "com.docker.compose.container-number": "1",
   "com.docker.compose.oneoff": "False",
   "com.docker.compose.project": "shop",
   "com.docker.compose.project.config_files": "docker-compose.yml",
   "com.docker.compose.project.working_dir": "/srv/shop",
   "com.docker.compose.service": "web",
   "com.docker.compose.version": "1.29.2",
   "of.image": "1",
   "team": "a"
  },
  "StopSignal": "SIGTERM",
  "StopTimeout": 20
 },
 "NetworkSettings": {
  "Networks": {
   "shop_back": {
    "IPAMConfig": null,
    "Links": null,
    "Aliases": [
     "web",
     "0e7636624874"
    ],
    "NetworkID": "3ae83e2dc2c868b08f3f99a1e9ca1ae8f35fe9c0a96618f11b653dacb0b47f22",
    "EndpointID": "a68fc9aca5475af105081843a32b89a053f6373aab187bdd71907db35cd216df",
    "Gateway": "10.214.2.1",
    "IPAddress": "10.214.2.3",
    "IPPrefixLen": 24,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
    "MacAddress": "02:42:0a:d6:02:03",
    "DriverOpts": null
   },
   "shop_front": {
    "IPAMConfig": null,
    "Links": null,
    "Aliases": [
     "web",
     "www",
     "0e7636624874"
    ],
    "NetworkID": "a26ca37e2f6965c0d902c206c59d00f81c471e0afe5bf165bc6ee36b8370e603",
    "EndpointID": "22b4fe94583512ae9e01287f439221b095ffbefc4fa844db9b1929617a8484a8",
    "Gateway": "10.214.1.1",
    "IPAddress": "10.214.1.2",
    "IPPrefixLen": 24,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
    "MacAddress": "02:42:0a:d6:01:02",
    "DriverOpts": null
   }
  }
 }
}
)";

} // namespace ratdeck::test

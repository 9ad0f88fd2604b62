// What each key of a Compose service asks of a Docker Engine.
#include <QTest>

#include "tests/unit/runtime/container_fixture.h"

using namespace ratdeck;
using namespace ratdeck::test;

class TestContainerRequest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aKeyBecomesWhatTheEngineCallsIt_data();
  void aKeyBecomesWhatTheEngineCallsIt();
  void aKeyOfALimitBecomesWhatTheEngineCallsIt_data();
  void aKeyOfALimitBecomesWhatTheEngineCallsIt() { aKeyBecomesWhatTheEngineCallsIt(); }
  void aMountBecomesWhatTheEngineCallsIt_data();
  void aMountBecomesWhatTheEngineCallsIt() { aKeyBecomesWhatTheEngineCallsIt(); }
  void aNetworkBecomesWhatTheEngineCallsIt_data();
  void aNetworkBecomesWhatTheEngineCallsIt() { aKeyBecomesWhatTheEngineCallsIt(); }
  void whatCannotBeDoneIsNamed_data();
  void whatCannotBeDoneIsNamed();

  void noKeyIsDroppedInSilence() {
    const auto stack = stackWith("secrets: [key]");
    const auto& web = stack.services.at("web");
    QVERIFY(containerRequest(web, stack, secondCopy())); // the control
    for (const char* pointer :
         {"/later", "/healthcheck/later", "/deploy/later", "/deploy/resources/limits/later", "/logging/later",
          "/networks/default/later", "/blkio_config/later", "/deploy/restart_policy/later",
          "/deploy/resources/reservations/later"}) {
      auto changed = web;
      changed.normalised[nlohmann::json::json_pointer(pointer)] = 1;
      const auto request = containerRequest(changed, stack, secondCopy());
      QVERIFY2(!request && request.error().message.find("later is not known") != std::string::npos, pointer);
    }
    for (const auto& [list, item] :
         {std::pair("volumes", R"({"type":"bind","source":"/a","target":"/b"})"),
          std::pair("volumes", R"({"type":"volume","source":"","target":"/b"})"),
          std::pair("volumes", R"({"type":"tmpfs","target":"/b"})"), std::pair("ports", R"({"target":80})"),
          std::pair("devices", R"({"source":"/dev/null"})"), std::pair("secrets", R"({"source":"key"})"),
          std::pair("gpus", R"({"count":1})")}) {
      auto changed = web;
      changed.normalised[list] = Json::array({Json::parse(item)});
      QVERIFY2(containerRequest(changed, stack, secondCopy()), item); // the control
      changed.normalised[list][0]["later"] = 1;
      const auto request = containerRequest(changed, stack, secondCopy());
      QVERIFY2(!request && request.error().message.find("later is not known") != std::string::npos, item);
    }
  }

  void whatOneEngineDoesNotHeedIsSaid() {
    const auto request = requestFor("deploy: {mode: global, endpoint_mode: dnsrr, labels: {a: b}, placement: "
                                    "{constraints: [x]}, restart_policy: {condition: on-failure, delay: 5s}, "
                                    "resources: {reservations: {cpus: 0.5}}}\n"
                                    "healthcheck: {test: a, start_interval: 1s}\nannotations: {a: b}");
    QVERIFY2(request, request ? "" : request.error().toString().c_str());
    std::string keys;
    for (const auto& line : request->unheeded)
      keys += line.substr(0, line.find(' ')) + " ";
    QCOMPARE(keys, std::string("healthcheck.start_interval deploy.mode deploy.endpoint_mode deploy.labels "
                               "deploy.placement deploy.restart_policy.delay annotations "
                               "deploy.resources.reservations.cpus "));
    QCOMPARE(requestFor("tty: true")->unheeded.size(), 0u);
  }

  void aNewerEngineTakesMore() {
    ContainerOptions options;
    options.apiMinor = 47;
    const auto request = requestFor(
        "healthcheck: {test: a, start_interval: 1s}\nannotations: {a: b}\nmac_address: "
        "02:00:00:00:00:01\nvolumes: [{type: volume, source: data, target: /d, volume: {subpath: s}}]",
        options);
    QCOMPARE(bodyAt(request, "/Healthcheck/StartInterval"), std::string("1000000000"));
    QCOMPARE(bodyAt(request, "/HostConfig/Annotations"), std::string(R"({"a":"b"})"));
    QCOMPARE(bodyAt(request, "/MacAddress"), std::string("absent"));
    QCOMPARE(bodyAt(request, "/NetworkingConfig/EndpointsConfig/shop_default/MacAddress"),
             std::string(R"("02:00:00:00:00:01")"));
    QCOMPARE(bodyAt(request, "/HostConfig/Mounts/0/VolumeOptions/Subpath"), std::string(R"("s")"));
    QVERIFY(request->unheeded.empty());
  }

  void aCopyCarriesComposesLabelsAndOurs() {
    const auto request = requestFor("labels: {own: x, com.docker.compose.project: stolen}");
    QCOMPARE(
        bodyAt(request, "/Labels"),
        std::string(
            R"({"com.docker.compose.config-hash":"5bec","com.docker.compose.container-number":"2",)"
            R"("com.docker.compose.oneoff":"False","com.docker.compose.project":"shop",)"
            R"("com.docker.compose.service":"web","own":"x","ratdeck.revision":"7",)"
            R"("ratdeck.rollout":"20260101-000000-abcd","ratdeck.spec-hash":"5bec","ratdeck.store":"a1"})"));
    auto stack = stackWith("tty: true");
    stack.files = {"/srv/shop/compose.yaml", "/srv/shop/more.yaml"};
    const auto placed = containerRequest(*stack.find("web"), stack, secondCopy());
    QCOMPARE(textAt(placed->body["Labels"], "com.docker.compose.project.config_files"),
             std::string("/srv/shop/compose.yaml,/srv/shop/more.yaml"));
    QCOMPARE(textAt(placed->body["Labels"], "com.docker.compose.project.working_dir"),
             std::string("/srv/shop"));
  }

  void aCopyIsNamedByItsIdUnlessTheFileNamesIt() {
    QCOMPARE(requestFor("tty: true")->name, std::string("shop-web-2"));
    const auto named = requestFor("container_name: portal");
    QCOMPARE(named->name, std::string("portal"));
    QCOMPARE(bodyAt(named, "/NetworkingConfig/EndpointsConfig/shop_default/Aliases"),
             std::string(R"(["portal","web"])"));
  }

  void behindARouterACopyHasOnlyItsOwnName() {
    ContainerOptions options;
    options.hasServiceAlias = false;
    options.publishesPorts = false;
    const auto request =
        requestFor("ports: ['80:8080']\nnetworks: {front: {aliases: [shop]}, back: {aliases: [b]}}", options);
    QVERIFY(request);
    QCOMPARE(bodyAt(request, "/HostConfig/PortBindings"), std::string("absent"));
    QCOMPARE(bodyAt(request, "/ExposedPorts"), std::string(R"({"8080/tcp":{}})"));
    QCOMPARE(dumpJson(request->body["NetworkingConfig"]["EndpointsConfig"]["shop_back"]["Aliases"]),
             std::string(R"(["shop-web-2"])"));
    QCOMPARE(request->networks.size(), 1u);
    QCOMPARE(dumpJson(request->networks[0].endpoint["Aliases"]), std::string(R"(["shop-web-2"])"));
  }

  void theOtherNetworksAreConnectedLater() {
    const auto request =
        requestFor("networks: {back: {}, front: {priority: 5, ipv4_address: 10.9.0.2}, outside: }");
    QVERIFY(request);
    QCOMPARE(bodyAt(request, "/HostConfig/NetworkMode"), std::string(R"("edge")"));
    QCOMPARE(bodyAt(request, "/NetworkingConfig/EndpointsConfig/edge/IPAMConfig"),
             std::string(R"({"IPv4Address":"10.9.0.2"})"));
    QCOMPARE(request->networks.size(), 2u);
    QCOMPARE(request->networks[0].network, std::string("shop_back"));
    QCOMPARE(request->networks[1].network, std::string("outside"));
  }

  void namespacesOfServicesAreThoseOfTheirContainers() {
    ContainerOptions options;
    options.containers = {{"db", "shop-db-1"}};
    const auto request = requestFor("network_mode: service:db\nipc: service:db\npid: service:db\n"
                                    "volumes_from: [db, 'db:ro', 'container:other:rw']",
                                    options);
    QCOMPARE(bodyAt(request, "/HostConfig/NetworkMode"), std::string(R"("container:shop-db-1")"));
    QCOMPARE(bodyAt(request, "/HostConfig/IpcMode"), std::string(R"("container:shop-db-1")"));
    QCOMPARE(bodyAt(request, "/HostConfig/PidMode"), std::string(R"("container:shop-db-1")"));
    QCOMPARE(bodyAt(request, "/HostConfig/VolumesFrom"),
             std::string(R"(["shop-db-1","shop-db-1:ro","other:rw"])"));
    QCOMPARE(requestFor("pid: service:db").error().kind, ErrorKind::NotFound);
  }

  void filesWithContentAreWrittenIntoTheContainer() {
    const auto request =
        requestFor("secrets: [token, {source: token, target: t, mode: 0400, uid: '5', gid: '6'}]\n"
                   "configs: [inline, {source: inline, target: /etc/a.conf}]");
    QVERIFY2(request, request ? "" : request.error().toString().c_str());
    std::string files;
    for (const auto& [path, file] : request->files)
      files += path + " " + file.name + " " + file.content.reveal() + " " + std::to_string(file.mode) + " " +
               std::to_string(file.user) + ":" + std::to_string(file.group) + "\n";
    QCOMPARE(files, std::string("/run/secrets/token token s3cret 292 0:0\n"
                                "/run/secrets/t t s3cret 256 5:6\n"
                                "/inline inline a=1 292 0:0\n"
                                "/etc/a.conf a.conf a=1 292 0:0\n"));
    QVERIFY(dumpJson(request->body).find("s3cret") == std::string::npos);
  }

  void aVariableThatIsNotSetIsNamed() {
    auto stack = stackWith("secrets: [token]");
    stack.variables.clear();
    const auto request = containerRequest(*stack.find("web"), stack, secondCopy());
    QCOMPARE(request.error().kind, ErrorKind::NotFound);
    QVERIFY(request.error().toString().find("variable TOKEN") != std::string::npos);
  }

  void aSeccompProfileIsReadForTheEngine() {
    ContainerOptions options;
    options.readProfile = [](const std::string& path) -> Result<std::string> {
      if (path == "./p.json")
        return R"({ "defaultAction": "allow" })";
      return failure(ErrorKind::NotFound, path + " does not exist");
    };
    const auto request = requestFor("security_opt: ['seccomp=./p.json']", options);
    QCOMPARE(request->body["HostConfig"]["SecurityOpt"][0].get<std::string>(),
             std::string(R"(seccomp={"defaultAction":"allow"})"));
    QCOMPARE(requestFor("security_opt: ['seccomp:other']", options).error().kind, ErrorKind::NotFound);
    QCOMPARE(requestFor("security_opt: ['seccomp:other']").error().kind, ErrorKind::Input);
  }

  // A revision file that a person has edited.
  void valuesOfAnotherKindAreErrorsAndNeverExceptions() {
    auto stack = stackWith(R"(command: [a]
environment: {A: b}
labels: {a: b}
healthcheck: {test: [CMD, a], interval: 1s, retries: 2}
deploy: {restart_policy: {condition: any}, resources: {limits: {cpus: 1}, reservations: {devices: [{driver: d, capabilities: [gpu]}]}}}
logging: {driver: d, options: {a: b}}
security_opt: [a=b]
blkio_config: {weight: 10, device_read_bps: [{path: /p, rate: 1m}]}
devices: ['/dev/null']
gpus: all
ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
volumes: ['data:/d', '/a:/b', '/c', {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}]
tmpfs: [/run]
secrets: [key, {source: token, target: t, uid: '1', mode: 0400}]
configs: [inline]
networks: {front: {aliases: [a], ipv4_address: 10.0.0.2, driver_opts: {a: b}}, back: }
ports: ['80:80']
expose: [90]
links: [db]
extra_hosts: ['a:1.2.3.4']
sysctls: {a: b})");
    auto& web = stack.services.at("web");
    web.normalised[adoptedContainerKey] = nullptr;
    const auto whole = web.normalised;
    QVERIFY2(containerRequest(web, stack, secondCopy()), "the control");
    int refused = 0, tried = 0;
    const auto leaves = whole.flatten();
    for (const auto& [pointer, leaf] : leaves.items())
      for (auto at = nlohmann::json::json_pointer(pointer); !at.empty(); at.pop_back())
        for (const char* other : {"null", "7", "-1.5", "\"x\"", "true", "[]", "{}", "[7]",
                                  R"({"body":{"Labels":[],"HostConfig":7}})"}) {
          web.normalised = whole;
          web.normalised[at] = Json::parse(other);
          refused += containerRequest(web, stack, secondCopy()).has_value() ? 0 : 1;
          ++tried;
        }
    QVERIFY2(refused > tried / 3 && refused < tried, qPrintable(QString::number(refused)));
  }

  void anErrorHasThePlaceOfItsKey() {
    const auto request = requestFor("tty: true\npre_stop: [{command: x}]");
    QVERIFY(!request);
    QVERIFY2(request.error().where.line == 7, request.error().toString().c_str());
  }

  void anAdoptedContainerIsMadeAsItStands() {
    auto stack = stackWith("tty: true\nhostname: ignored");
    auto& web = stack.services.at("web");
    web.normalised[adoptedContainerKey] = Json::parse(
        R"({"body":{"Image":"sha256:ab","Cmd":["x"],"Labels":{"own":"y"},"Odd":1,
            "HostConfig":{"NetworkMode":"n2","PortBindings":{"80/tcp":[{"HostPort":"80"}]}}},
            "networks":{"n1":{"Aliases":["web","w"]},"n2":{"Aliases":["web"],"DriverOpts":{"a":"b"}}}})");
    const auto plain = containerRequest(web, stack, secondCopy());
    QVERIFY(plain);
    QCOMPARE(plain->name, std::string("shop-web-2"));
    QCOMPARE(bodyAt(plain, "/HostConfig"),
             dumpJson(web.normalised[adoptedContainerKey]["body"]["HostConfig"]));
    QCOMPARE(bodyAt(plain, "/NetworkingConfig"),
             std::string(R"({"EndpointsConfig":{"n2":{"Aliases":["web"],"DriverOpts":{"a":"b"}}}})"));
    QCOMPARE(dumpJson(plain->networks.at(0).endpoint), std::string(R"({"Aliases":["web","w"]})"));
    QCOMPARE(bodyAt(plain, "/Odd") + bodyAt(plain, "/Image") + bodyAt(plain, "/Labels/own") +
                 bodyAt(plain, "/Labels/ratdeck.revision") + bodyAt(plain, "/Hostname"),
             std::string(R"(1"sha256:ab""y""7"absent)"));
    ContainerOptions options;
    options.hasServiceAlias = options.publishesPorts = false;
    const auto routed = containerRequest(web, stack, secondCopy(), options);
    QCOMPARE(bodyAt(routed, "/HostConfig"), std::string(R"({"NetworkMode":"n2"})"));
    QCOMPARE(bodyAt(routed, "/NetworkingConfig/EndpointsConfig/n2"),
             std::string(R"({"Aliases":["shop-web-2"],"DriverOpts":{"a":"b"}})"));
    QCOMPARE(dumpJson(routed->networks.at(0).endpoint), std::string(R"({"Aliases":["shop-web-2"]})"));
  }

  void anAdoptedContainerOfTheEnginesOwnNetworksHasNoAliases() {
    auto stack = stackWith("tty: true");
    auto& web = stack.services.at("web");
    web.normalised[adoptedContainerKey] = Json::parse(
        R"({"body":{"HostConfig":{"NetworkMode":"default"}},"networks":{"bridge":{},"n1":{"Aliases":["w"]}}})");
    ContainerOptions options;
    options.hasServiceAlias = false;
    const auto request = containerRequest(web, stack, secondCopy(), options);
    QCOMPARE(bodyAt(request, "/NetworkingConfig"), std::string("absent")); // or the bridge would be left out
    QCOMPARE(request->networks.size(), 1u);
    QCOMPARE(dumpJson(request->networks[0].endpoint), std::string(R"({"Aliases":["shop-web-2"]})"));
    web.normalised[adoptedContainerKey].erase("body");
    QCOMPARE(containerRequest(web, stack, secondCopy()).error().kind, ErrorKind::Input);
  }

private:
  static void columns() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("expected");
  }
  static void row(const char* name, const char* body, const char* pointer, const char* expected) {
    QTest::newRow(name) << QString::fromUtf8(body) << QString::fromUtf8(pointer)
                        << QString::fromUtf8(expected);
  }
};

void TestContainerRequest::aKeyBecomesWhatTheEngineCallsIt_data() {
  columns();
  row("image", "tty: true", "/Image", R"("web:2")");
  row("command", "command: a 'b c'", "/Cmd", R"(["a","b c"])");
  row("no command", "tty: true", "/Cmd", "absent");
  row("empty command", "command: []", "/Cmd", "[]");
  row("entrypoint", "entrypoint: [a, b]", "/Entrypoint", R"(["a","b"])");
  row("environment", "environment: {B: 2, A: 'x=y', C: }", "/Env", R"(["A=x=y","B=2","C"])");
  row("user", "user: '10:20'", "/User", R"("10:20")");
  row("working folder", "working_dir: /srv", "/WorkingDir", R"("/srv")");
  row("host name", "hostname: h", "/Hostname", R"("h")");
  row("domain name", "domainname: d", "/Domainname", R"("d")");
  row("terminal", "tty: true", "/Tty", "true");
  row("stdin", "stdin_open: true", "/OpenStdin", "true");
  row("signal", "stop_signal: SIGINT", "/StopSignal", R"("SIGINT")");
  row("grace", "stop_grace_period: 1m5s", "/StopTimeout", "65");
  row("half a second of grace", "stop_grace_period: 500ms", "/StopTimeout", "1");
  row("no grace", "stop_grace_period: 0s", "/StopTimeout", "0");
  row("health", "healthcheck: {test: [CMD, a], interval: 1m, timeout: 2s, start_period: 3s, retries: 4}",
      "/Healthcheck",
      R"({"Interval":60000000000,"Retries":4,"StartPeriod":3000000000,"Test":["CMD","a"],"Timeout":2000000000})");
  row("health in a shell", "healthcheck: {test: a b}", "/Healthcheck", R"({"Test":["CMD-SHELL","a b"]})");
  row("no health", "healthcheck: {disable: true}", "/Healthcheck", R"({"Test":["NONE"]})");
  row("health NONE", "healthcheck: {test: [NONE]}", "/Healthcheck", R"({"Test":["NONE"]})");
  row("the image's health", "healthcheck: {interval: 1s}", "/Healthcheck", R"({"Interval":1000000000})");
  row("restart", "restart: unless-stopped", "/HostConfig/RestartPolicy", R"({"Name":"unless-stopped"})");
  row("restart no", "restart: 'no'", "/HostConfig/RestartPolicy", R"({"Name":"no"})");
  row("restart on failure", "restart: on-failure:3", "/HostConfig/RestartPolicy",
      R"({"MaximumRetryCount":3,"Name":"on-failure"})");
  row("restart of deploy", "restart: always\ndeploy: {restart_policy: {condition: none}}",
      "/HostConfig/RestartPolicy", R"({"Name":"no"})");
  row("restart any", "deploy: {restart_policy: {delay: 5s}}", "/HostConfig/RestartPolicy",
      R"({"Name":"always"})");
  row("restart attempts", "deploy: {restart_policy: {condition: on-failure, max_attempts: 2}}",
      "/HostConfig/RestartPolicy", R"({"MaximumRetryCount":2,"Name":"on-failure"})");
  row("logging", "logging: {driver: local, options: {max-size: 1m, max-file: 3}}", "/HostConfig/LogConfig",
      R"({"Config":{"max-file":"3","max-size":"1m"},"Type":"local"})");
  row("capabilities", "cap_add: [NET_ADMIN]\ncap_drop: [ALL]", "/HostConfig/CapAdd", R"(["NET_ADMIN"])");
  row("dropped capabilities", "cap_drop: [ALL]", "/HostConfig/CapDrop", R"(["ALL"])");
  row("privileged", "privileged: true", "/HostConfig/Privileged", "true");
  row("read only", "read_only: true", "/HostConfig/ReadonlyRootfs", "true");
  row("init", "init: false", "/HostConfig/Init", "false");
  row("no init", "tty: true", "/HostConfig/Init", "absent");
  row("ipc", "ipc: shareable", "/HostConfig/IpcMode", R"("shareable")");
  row("pid", "pid: host", "/HostConfig/PidMode", R"("host")");
  row("uts", "uts: host", "/HostConfig/UTSMode", R"("host")");
  row("user namespace", "userns_mode: host", "/HostConfig/UsernsMode", R"("host")");
  row("cgroup", "cgroup: private", "/HostConfig/CgroupnsMode", R"("private")");
  row("cgroup parent", "cgroup_parent: p", "/HostConfig/CgroupParent", R"("p")");
  row("runtime", "runtime: runc", "/HostConfig/Runtime", R"("runc")");
  row("isolation", "isolation: default", "/HostConfig/Isolation", R"("default")");
  row("security", "security_opt: ['label:user:U', no-new-privileges, 'apparmor=p', 'seccomp:unconfined']",
      "/HostConfig/SecurityOpt", R"(["label=user:U","no-new-privileges","apparmor=p","seccomp=unconfined"])");
  row("masked paths", "security_opt: ['systempaths=unconfined']", "/HostConfig/MaskedPaths", "[]");
  row("credentials", "credential_spec: {file: c.json}", "/HostConfig/SecurityOpt",
      R"(["credentialspec=file://c.json"])");
  row("sysctls", "sysctls: {net.core.somaxconn: 1024}", "/HostConfig/Sysctls",
      R"({"net.core.somaxconn":"1024"})");
  row("storage", "storage_opt: {size: 1G}", "/HostConfig/StorageOpt", R"({"size":"1G"})");
  row("groups", "group_add: [audio, 20]", "/HostConfig/GroupAdd", R"(["audio","20"])");
}

void TestContainerRequest::aKeyOfALimitBecomesWhatTheEngineCallsIt_data() {
  columns();
  row("cpus", "cpus: 0.1", "/HostConfig/NanoCpus", "100000000");
  row("quoted cpus", "cpus: '1.5'", "/HostConfig/NanoCpus", "1500000000");
  row("cpu shares", "cpu_shares: '73'", "/HostConfig/CpuShares", "73");
  row("cpu set", "cpuset: 0,1", "/HostConfig/CpusetCpus", R"("0,1")");
  row("cpu quota", "cpu_quota: 50000", "/HostConfig/CpuQuota", "50000");
  row("cpu period", "cpu_period: '20000'", "/HostConfig/CpuPeriod", "20000");
  row("realtime", "cpu_rt_runtime: 400000", "/HostConfig/CpuRealtimeRuntime", "400000");
  row("cpu count", "cpu_count: 2", "/HostConfig/CpuCount", "2");
  row("cpu percent", "cpu_percent: 50", "/HostConfig/CpuPercent", "5000");
  row("memory", "mem_limit: 64m", "/HostConfig/Memory", "67108864");
  row("no swap limit", "mem_limit: 64m\nmemswap_limit: -1", "/HostConfig/MemorySwap", "-1");
  row("memory reservation", "mem_reservation: 1g", "/HostConfig/MemoryReservation", "1073741824");
  row("swappiness", "mem_swappiness: 60", "/HostConfig/MemorySwappiness", "60");
  row("shm", "shm_size: 2g", "/HostConfig/ShmSize", "2147483648");
  row("pids", "pids_limit: 10", "/HostConfig/PidsLimit", "10");
  row("oom", "oom_kill_disable: true", "/HostConfig/OomKillDisable", "true");
  row("oom score", "oom_score_adj: -500", "/HostConfig/OomScoreAdj", "-500");
  row("limits of deploy", "deploy: {resources: {limits: {cpus: '0.5', memory: 50M, pids: 5}}}",
      "/HostConfig/NanoCpus", "500000000");
  row("memory of deploy", "deploy: {resources: {limits: {memory: 50M}}}", "/HostConfig/Memory", "52428800");
  row("pids of deploy", "deploy: {resources: {limits: {pids: 5}}}", "/HostConfig/PidsLimit", "5");
  row("reserved memory", "deploy: {resources: {reservations: {memory: 1k}}}", "/HostConfig/MemoryReservation",
      "1024");
  row("reserved devices",
      "deploy: {resources: {reservations: {devices: [{capabilities: [gpu, utility], driver: nvidia}]}}}",
      "/HostConfig/DeviceRequests", R"([{"Capabilities":[["gpu","utility"]],"Count":-1,"Driver":"nvidia"}])");
  row("gpus", "gpus: all", "/HostConfig/DeviceRequests", R"([{"Capabilities":[["gpu"]],"Count":-1}])");
  row("a gpu", "gpus: [{driver: d, device_ids: ['0'], options: {a: 1}}]", "/HostConfig/DeviceRequests",
      R"([{"Capabilities":[["gpu"]],"DeviceIDs":["0"],"Driver":"d","Options":{"a":"1"}}])");
  row("device", "devices: ['/dev/null:/dev/x:r', /dev/zero]", "/HostConfig/Devices",
      R"([{"CgroupPermissions":"r","PathInContainer":"/dev/x","PathOnHost":"/dev/null"},)"
      R"({"CgroupPermissions":"rwm","PathInContainer":"/dev/zero","PathOnHost":"/dev/zero"}])");
  row("device of a vendor", "devices: [{source: vendor.com/gpu=0, target: vendor.com/gpu=0}]",
      "/HostConfig/DeviceRequests", R"([{"DeviceIDs":["vendor.com/gpu=0"],"Driver":"cdi"}])");
  row("device rules", "device_cgroup_rules: ['c 1:3 mr']", "/HostConfig/DeviceCgroupRules",
      R"(["c 1:3 mr"])");
  row("ulimits", "ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}", "/HostConfig/Ulimits",
      R"([{"Hard":2,"Name":"nofile","Soft":1},{"Hard":5,"Name":"nproc","Soft":5}])");
  row("block weight", "blkio_config: {weight: 300}", "/HostConfig/BlkioWeight", "300");
  row("block weight of a device", "blkio_config: {weight_device: [{path: /dev/sda, weight: 400}]}",
      "/HostConfig/BlkioWeightDevice", R"([{"Path":"/dev/sda","Weight":400}])");
  row("block rate", "blkio_config: {device_write_bps: [{path: /dev/sda, rate: 12mb}]}",
      "/HostConfig/BlkioDeviceWriteBps", R"([{"Path":"/dev/sda","Rate":12582912}])");
  row("block operations", "blkio_config: {device_read_iops: [{path: /dev/sda, rate: 120}]}",
      "/HostConfig/BlkioDeviceReadIOps", R"([{"Path":"/dev/sda","Rate":120}])");
}

void TestContainerRequest::aMountBecomesWhatTheEngineCallsIt_data() {
  columns();
  row("bind", "volumes: ['/srv:/data']", "/HostConfig/Binds", R"(["/srv:/data:rw"])");
  row("read-only bind", "volumes: ['/srv:/data:ro,z,rslave']", "/HostConfig/Binds",
      R"(["/srv:/data:ro,z,rslave"])");
  row("bind that must exist",
      "volumes: [{type: bind, source: /srv, target: /d, read_only: true, bind: {create_host_path: false, "
      "propagation: rslave}}]",
      "/HostConfig/Mounts",
      R"([{"BindOptions":{"Propagation":"rslave"},"ReadOnly":true,"Source":"/srv","Target":"/d","Type":"bind"}])");
  row("bind without the mounts below",
      "volumes: [{type: bind, source: /srv, target: /d, bind: {recursive: disabled}}]", "/HostConfig/Mounts",
      R"([{"BindOptions":{"NonRecursive":true},"Source":"/srv","Target":"/d","Type":"bind"}])");
  row("volume", "volumes: ['data:/d', 'shared:/s:ro', 'data:/n:nocopy']", "/HostConfig/Binds",
      R"(["shop_data:/d:rw","everybodys:/s:ro","shop_data:/n:rw,nocopy"])");
  row("anonymous volume", "volumes: [/d]", "/HostConfig/Mounts", R"([{"Target":"/d","Type":"volume"}])");
  row("labelled volume", "volumes: [{type: volume, target: /d, volume: {labels: {a: b}, nocopy: true}}]",
      "/HostConfig/Mounts",
      R"([{"Target":"/d","Type":"volume","VolumeOptions":{"Labels":{"a":"b"},"NoCopy":true}}])");
  row("tmpfs mount", "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}]",
      "/HostConfig/Mounts",
      R"([{"Target":"/t","TmpfsOptions":{"Mode":448,"SizeBytes":1048576},"Type":"tmpfs"}])");
  row("tmpfs", "tmpfs: ['/run:size=1m', /tmp]", "/HostConfig/Tmpfs", R"({"/run":"size=1m","/tmp":""})");
  row("consistency", "volumes: [{type: bind, source: /a, target: /b, consistency: cached}]",
      "/HostConfig/Binds", R"(["/a:/b:rw,cached"])");
  row("mounted secret", "volumes: ['/own:/run/secrets/key']\nsecrets: [key]", "/HostConfig/Mounts", "absent");
}

void TestContainerRequest::aNetworkBecomesWhatTheEngineCallsIt_data() {
  columns();
  row("default", "tty: true", "/HostConfig/NetworkMode", R"("shop_default")");
  row("default endpoint", "tty: true", "/NetworkingConfig",
      R"({"EndpointsConfig":{"shop_default":{"Aliases":["shop-web-2","web"]}}})");
  row("host", "network_mode: host", "/HostConfig/NetworkMode", R"("host")");
  row("host has no endpoints", "network_mode: host", "/NetworkingConfig", "absent");
  row("none", "network_mode: none", "/HostConfig/NetworkMode", R"("none")");
  row("of a container", "network_mode: container:x", "/HostConfig/NetworkMode", R"("container:x")");
  row("all of an endpoint",
      "networks: {front: {aliases: [a], ipv4_address: 10.1.0.2, ipv6_address: 'fd::2', link_local_ips: "
      "[169.254.1.1], driver_opts: {o: 1}, interface_name: eth9}}",
      "/NetworkingConfig/EndpointsConfig/edge",
      R"({"Aliases":["shop-web-2","web","a"],"DriverOpts":{"com.docker.network.endpoint.ifname":"eth9","o":"1"},)"
      R"("IPAMConfig":{"IPv4Address":"10.1.0.2","IPv6Address":"fd::2","LinkLocalIPs":["169.254.1.1"]}})");
  row("address of the machine", "mac_address: 02:42:ac:11:65:43", "/MacAddress", R"("02:42:ac:11:65:43")");
  row("address in the network", "networks: {back: {mac_address: 02:42:ac:11:65:44}}", "/MacAddress",
      R"("02:42:ac:11:65:44")");
  row("links", "links: [db, 'db:database']\nexternal_links: ['old:legacy']",
      "/NetworkingConfig/EndpointsConfig/shop_default/Links", R"(["db:database","old:legacy"])");
  row("links of the bridge", "network_mode: bridge\nexternal_links: [old, 'a:b']", "/HostConfig/Links",
      R"(["old:old","a:b"])");
  row("ports", "ports: ['127.0.0.1:80:8080', '9000/udp', '8000-8010:81']", "/HostConfig/PortBindings",
      R"({"8080/tcp":[{"HostIp":"127.0.0.1","HostPort":"80"}],"81/tcp":[{"HostIp":"","HostPort":"8000-8010"}],)"
      R"("9000/udp":[{"HostIp":"","HostPort":""}]})");
  row("exposed", "ports: ['80']\nexpose: [81, '82/udp', '90-92']", "/ExposedPorts",
      R"({"80/tcp":{},"81/tcp":{},"82/udp":{},"90/tcp":{},"91/tcp":{},"92/tcp":{}})");
  row("hosts", "extra_hosts: ['a:1.2.3.4', 'b=::1']", "/HostConfig/ExtraHosts", R"(["a:1.2.3.4","b:::1"])");
  row("names", "dns: 1.1.1.1\ndns_search: [a, b]\ndns_opt: [ndots:1]", "/HostConfig/Dns", R"(["1.1.1.1"])");
  row("search", "dns_search: [a, b]", "/HostConfig/DnsSearch", R"(["a","b"])");
  row("options of names", "dns_opt: [ndots:1]", "/HostConfig/DnsOptions", R"(["ndots:1"])");
}

void TestContainerRequest::aKeyBecomesWhatTheEngineCallsIt() {
  QFETCH(QString, body);
  QFETCH(QString, pointer);
  QFETCH(QString, expected);
  QCOMPARE(bodyAt(requestFor(body.toStdString()), pointer.toStdString()), expected.toStdString());
}

void TestContainerRequest::whatCannotBeDoneIsNamed_data() {
  QTest::addColumn<QString>("body");
  QTest::addColumn<QString>("message");
  const auto bad = [](const char* body, const char* message) {
    QTest::newRow(body) << QString::fromUtf8(body) << QString::fromUtf8(message);
  };
  bad("post_start: [{command: a}]", "post_start is not run by the Docker runtime");
  bad("provider: {type: awesome}", "provider is not run by the Docker runtime");
  bad("use_api_socket: true", "use_api_socket is not done by the Docker runtime");
  bad("restart: sometimes", "restart is \"sometimes\", which is no restart policy");
  bad("restart: on-failure:many", "restart is \"on-failure:many\", which has no number of restarts");
  bad("restart: always:3", "restart limits the restarts, which Docker does only after failures");
  bad("deploy: {restart_policy: {condition: any, max_attempts: 3}}",
      "deploy.restart_policy.max_attempts limits the restarts, which Docker does only after failures");
  bad("volumes: [{type: image, source: i, target: /i}]",
      "volumes[0].type is \"image\", which the Docker runtime does not mount");
  bad("volumes: [{type: volume, source: data, target: /d, volume: {subpath: s}}]",
      "volumes[0].volume.subpath needs a Docker Engine 26 or newer");
  bad("volumes: [{type: bind, source: /a, target: /d, bind: {create_host_path: false, selinux: z}}]",
      "volumes[0].bind.selinux cannot be set beside create_host_path: false or recursive");
  bad("secrets: [foreign]", "secrets[0].source \"foreign\" has `external`, which only a swarm knows");
  bad("read_only: true\nsecrets: [token]",
      "secrets[0].source has its content in the Compose file, which nothing "
      "can write into a read_only service of a remote engine");
  bad("credential_spec: {config: c}", "credential_spec.config is a config of a swarm");
  bad("security_opt: [apparmor]", "security_opt has the option \"apparmor\" without a value");
  bad("network_mode: container:x\nports: ['80']",
      "ports cannot be set where network_mode takes another container's network");
  bad("network_mode: bridge\nlinks: ['db:d']",
      "links need a network of the stack, and network_mode is bridge");
  bad("network_mode: host\nexternal_links: [old]", "external_links need a network, and network_mode is host");
  bad("network_mode: service:db", "network_mode needs a running copy of the service db, and there is none");
  bad("expose: ['99999']", "expose has \"99999\", which is no port");
  bad("networks: {front: {mac_address: 02:00:00:00:00:01, priority: 1}, back: {mac_address: "
      "02:00:00:00:00:02}}",
      "networks gives mac_address on more than the first network, which needs a Docker Engine 25");
  bad("mac_address: 02:00:00:00:00:01\nnetworks: {front: {mac_address: 02:00:00:00:00:02}}",
      "mac_address differs from that of the first network");
}

void TestContainerRequest::whatCannotBeDoneIsNamed() {
  QFETCH(QString, body);
  QFETCH(QString, message);
  const auto request = requestFor(body.toStdString());
  QVERIFY(!request);
  QCOMPARE(request.error().message, "service \"web\": " + message.toStdString());
  QVERIFY2(!request.error().next.empty(), "it says nothing of what to do");
}

QTEST_GUILESS_MAIN(TestContainerRequest)
#include "tst_container_request.moc"

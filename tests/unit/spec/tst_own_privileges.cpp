// What a service may do beyond an ordinary container, and what an update adds to it.
#include "core/spec/own_privileges.h"
#include "tests/support/text.h"

using namespace ratdeck;

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += (text.empty() ? "" : "; ") + line;
  return text;
}

} // namespace

class OwnPrivilegesTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void eachPrivilegeIsNamed_data() {
    QTest::addColumn<QString>("service");
    QTest::addColumn<QString>("privileges");
    const auto row = [](const char* service, const char* privileges) {
      QTest::newRow(service) << QString::fromLatin1(service) << QString::fromLatin1(privileges);
    };
    row(R"({})", "");
    row(R"({"privileged":true})", "is privileged");
    row(R"({"privileged":false,"cap_drop":["ALL"],"security_opt":["no-new-privileges"],"network_mode":"none"})",
        "");
    row(R"({"cap_add":["net_admin","CAP_NET_ADMIN","SYS_TIME"]})",
        "has the capability NET_ADMIN; has the capability SYS_TIME");
    row(R"({"network_mode":"host"})", "shares the network of the host");
    row(R"({"pid":"host","ipc":"host","uts":"host"})",
        "shares the host name of the host; shares the processes of the host; shares the shared memory of the "
        "host");
    row(R"({"userns_mode":"host","cgroup":"host"})",
        "shares the cgroups of the host; shares the users of the host");
    row(R"({"pid":"container:other","network_mode":"service:db"})",
        "shares the processes of the container other");
    row(R"({"security_opt":["seccomp:unconfined","apparmor=unconfined","label:disable","seccomp=./p.json"]})",
        "is not confined: apparmor=unconfined; is not confined: label=disable; is not confined: "
        "seccomp=unconfined");
    row(R"({"devices":[{"source":"/dev/kvm"}],"device_cgroup_rules":["c 1:3 mr"]})",
        R"(has the device /dev/kvm; has the devices "c 1:3 mr")");
    row(R"({"volumes":[{"type":"bind","source":"/var/run/docker.sock","read_only":true}]})",
        "controls the container engine through /var/run/docker.sock");
    row(R"({"volumes":[{"type":"bind","source":"/"}]})", "reads / of the host; writes to / of the host");
    row(R"({"volumes":[{"type":"bind","source":"/etc/","read_only":true}]})", "reads /etc of the host");
    row(R"({"volumes":[{"type":"bind","source":"/etc/localtime"},{"type":"volume","source":"/"}]})", "");
    row(R"({"x-ratdeck-container":{"body":{"HostConfig":{"Privileged":true,"CapAdd":["CAP_SYS_TIME"],
        "PidMode":"host","Binds":["/:/host:ro,rslave","/srv:/srv"],"Mounts":[{"Type":"bind","Source":"/etc"}],
        "Devices":[{"PathOnHost":"/dev/kvm"}]}}},"privileged":false})",
        "has the capability SYS_TIME; has the device /dev/kvm; is privileged; reads / of the host; "
        "reads /etc of the host; shares the processes of the host; writes to /etc of the host");
  }

  void eachPrivilegeIsNamed() {
    QFETCH(QString, service);
    QFETCH(QString, privileges);
    ServiceSpec spec;
    spec.normalised = Json::parse(service.toStdString());
    QCOMPARE(joined(privilegesOf(spec)), privileges.toStdString());
  }

  void onlyWhatIsMoreIsGained() {
    const auto of = [](const char* text) {
      return Json::parse(text);
    };
    const auto reading =
        of(R"({"volumes":[{"type":"bind","source":"/etc","read_only":true}],"cap_add":["A"]})");
    const auto writing = of(R"({"volumes":[{"type":"bind","source":"/etc"}],"cap_add":["A","B"]})");
    QCOMPARE(joined(gainedPrivileges(reading, writing)),
             std::string("has the capability B; writes to /etc of the host"));
    QCOMPARE(joined(gainedPrivileges(writing, reading)), std::string());
    QCOMPARE(joined(gainedPrivileges(writing, writing)), std::string());
    const auto adopted = of(R"({"x-ratdeck-container":{"body":{"HostConfig":{"CapAdd":["A"]}}}})");
    QCOMPARE(joined(gainedPrivileges(adopted, of(R"({"cap_add":["A"]})"))), std::string());
  }
};

QTEST_GUILESS_MAIN(OwnPrivilegesTest)
#include "tst_own_privileges.moc"

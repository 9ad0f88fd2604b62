#!/usr/bin/env python3
"""Reads what each file includes and calls, and checks it against the directions between the folders:

    base < spec < plan < rollout < journal < engine < app;  base < remote < runtime < engine;  spec < runtime
    rollout, journal < ui/model < ui/widgets < ui/pages < app;  the UI knows of the engine engine_handle.h alone

and who may use Qt, sockets, the environment and the machine's clocks.
"""
import re
import sys

from sources import CPP, arguments, code_only, files, report, text_of

CORE = {
    "base": set(),
    "spec": {"base"},
    "plan": {"base", "spec"},
    "rollout": {"base", "spec", "plan"},
    "journal": {"base", "spec", "plan", "rollout"},
    "remote": {"base"},
    "runtime": {"base", "spec", "remote"},
    "engine": {"base", "spec", "plan", "rollout", "journal", "remote", "runtime"},
}
UI_CORE = {"base", "spec", "plan", "rollout", "journal"}
UI_ORDER = ["model", "widgets", "pages"]
ENGINE_HANDLE = "core/engine/engine_handle.h"
WITHOUT_QT = ("core/base/", "core/spec/", "core/plan/", "core/rollout/", "core/journal/", "app/relay/",
              "app/sandbox/")
WITHOUT_GUI = ("core/", "app/ratdeckctl/", "app/relay/", "app/sandbox/", "app/stack/", "ui/model/")
MAY_OPEN_SOCKETS = ("core/remote/", "core/engine/control", "app/relay/", "app/sandbox/")
MAY_READ_CLOCK = ("core/base/clock.",)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
QT = re.compile(r"^(Qt[A-Z]\w*/.*|Q[A-Z]\w*|q[a-z]+\.h|qt[a-z]+/.*)$")
# QtGui, QtWidgets and what stands on them, by module or by class; ui/model may use QtGui's plain values.
GUI_MODULE = re.compile(r"^Qt(Gui|Widgets|Charts|OpenGL\w*|Svg\w*|PrintSupport)(/|$)")
GUI_CLASS = re.compile(
    r"^Q(Gui\w+|Application|Widget\w*|\w+Widget|MainWindow|Dialog\w*|\w+Dialog|\w*Button\w*|\w*Label|\w*Layout\w*|"
    r"\w*View|Painter\w*|Pixmap\w*|Image\w*|Icon\w*|Color|Font\w*|Brush|Pen|Palette|\w*Style\w*|Window|Screen|"
    r"Cursor|Clipboard|\w*Action\w*|Menu\w*|ToolBar|StatusBar|Graphics\w+|Chart\w*|\w*(Line|Text|Plain\w*)Edit|"
    r"\w*Slider|\w*Spin\w*|ComboBox|Splitter|StandardItemModel|TextDocument|Validator|Shortcut|MessageBox)$")
SOCKET = re.compile(
    r"^(sys/(socket|un)\.h|netinet/.*|netdb\.h|linux/(netlink|vm_sockets)\.h|(QtNetwork/)?Q(Local(Socket|Server)|"
    r"Tcp(Socket|Server)|Udp\w*|Ssl\w*|Network\w*|AbstractSocket|Http\w*|DnsLookup)|curl/.*|grpc\w*/.*|.*\.grpc\.pb\.h|"
    r"boost/(asio|beast)(/.*|\.hpp))$")
# arpa/inet.h is allowed for reading addresses, and brings socket() with it.
SOCKET_CALL = re.compile(r"(?<![\w.>])socket(pair)?\s*\(\s*[AP]F_")
ENVIRONMENT = re.compile(
    r"\b((secure_)?getenv|qgetenv|qEnvironmentVariable\w*|systemEnvironment|setenv|putenv|qputenv)\s*\(|(?<![.\w>])environ\b")
CLOCK = re.compile(
    r"\b(clock_gettime|gettimeofday|timespec_get)\s*\(|(?<![\w.>:])(std::)?time\s*\(\s*(0|NULL|nullptr|&)|"
    r"\b\w*[cC]lock\w*::now\s*\(\s*\)(?!\s*const)|\bQ(Date|Time|DateTime)::current\w+|"
    r"\bQElapsedTimer\b|\bQDeadlineTimer\b")


def core_layer(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "core" else None


def core_direction(path, target):
    layer, used = core_layer(path), core_layer(target)
    if layer not in CORE:
        return f"core/{layer} is no known layer"
    if used is None:
        return f"core/{layer} may not know {target.split('/')[0]}"
    if used != layer and used not in CORE[layer]:
        return f"core/{layer} may not know core/{used}"
    if layer == "spec" and target.startswith("core/spec/compose/") and not path.startswith("core/spec/compose/"):
        return "core/spec may not know its reader core/spec/compose"
    return None


def ui_direction(path, target):
    room = path.split("/")[1]
    if target.startswith("ui/"):
        used = target.split("/")[1]
        if room in UI_ORDER and used in UI_ORDER and UI_ORDER.index(used) > UI_ORDER.index(room):
            return f"ui/{room} may not know ui/{used}"
        return None
    if target == ENGINE_HANDLE:
        return "ui/model may not know the engine" if room == "model" else None
    if core_layer(target) == "engine":
        return f"the UI knows of the engine {ENGINE_HANDLE} alone"
    if core_layer(target) not in UI_CORE:
        return f"the UI may not know {'/'.join(target.split('/')[:2])}"
    return None


def app_direction(path, target):
    program = path.split("/")[1]
    if target.startswith("app/") and target.split("/")[1] not in (program, SHARED_BY.get(program)):
        return f"app/{program} may not know app/{target.split('/')[1]}"
    if program in ("relay", "sandbox") and core_layer(target) not in (None, "base"):
        return f"app/{program} may know core/base alone, not core/{core_layer(target)}"
    if program != "ratdeck" and target.startswith("ui/"):
        return f"app/{program} may not know ui"
    return "app may not know tests" if target.startswith("tests/") else None


# What both faces of the product share lies in app/stack.
SHARED_BY = {"ratdeck": "stack", "ratdeckctl": "stack"}
DIRECTIONS = {"core": core_direction, "ui": ui_direction, "app": app_direction}


def include_finding(path, quote, target):
    """What is wrong with this include, or None."""
    if quote == '"' and target.split("/")[0] in ("core", "ui", "app", "tests"):
        return DIRECTIONS[path.split("/")[0]](path, target)
    if QT.match(target):
        if path.startswith(WITHOUT_QT):
            return f"{'/'.join(path.split('/')[:2])} may not use Qt: {target}"
        if path.startswith(WITHOUT_GUI) and (GUI_MODULE.match(target) or GUI_CLASS.match(target)):
            if not (path.startswith("ui/model/") and target in ("QColor", "QIcon", "QtGui/QColor", "QtGui/QIcon")):
                return f"no QtGui or QtWidgets here: {target}"
    if SOCKET.match(target) and not path.startswith(MAY_OPEN_SOCKETS):
        # main() of a program initialises curl once and holds the lock of the single instance.
        in_main = path.startswith("app/") and (target.startswith("curl/") or path.startswith("app/ratdeck/"))
        return None if in_main else f"only core/remote and core/engine/control open sockets: {target}"
    return None


def findings_in(path, text):
    code = code_only(text)

    def at(position, message):
        return f"{path}:{code.count(chr(10), 0, position) + 1}: {message}"

    for match in INCLUDE.finditer(code):
        message = include_finding(path, match.group(1), match.group(2))
        if message:
            yield at(match.start(2), message)
    if not path.startswith(MAY_OPEN_SOCKETS):
        for match in SOCKET_CALL.finditer(code):
            yield at(match.start(), "only core/remote and core/engine/control open sockets: socket()")
    if not path.startswith("app/"):
        for match in ENVIRONMENT.finditer(code):
            yield at(match.start(), f"only app reads the environment: {match.group(0).strip(' (')}")
    if not path.startswith(MAY_READ_CLOCK):
        for match in CLOCK.finditer(code):
            yield at(match.start(), f"only core/base/clock reads time: {match.group(0).strip(' (')}")


def main():
    root = arguments().root
    paths = files(root, "core", "ui", "app", suffixes=CPP)
    findings = []
    for path in paths:
        findings += findings_in(path.as_posix(), text_of(root / path) or "")
    return report(findings, f"{len(paths)} files of core, ui and app")


if __name__ == "__main__":
    sys.exit(main())

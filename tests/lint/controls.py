#!/usr/bin/env python3
"""Controls: each checker beside this file must report each violation of its kind, at its place, and nothing in
a tree that is in order. A checker that passes everything fails here."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent

CLEAN = {
    "CMakeLists.txt": "", "CMakePresets.json": "{}", "README.md": "", "LICENSE": "", "resources/a.yml": "a: 1\n",
    "packaging/run.sh": "#!/bin/sh\nexit 0\n", "tests/unit/tst_x.cpp": "// sleep_for(1) is only named here\n",
    "core/base/clock.cpp": "#include <ctime>\nvoid f() { clock_gettime(0, nullptr); }\n",
    "core/base/result.h": "#pragma once\n",
    "core/engine/control/server.cpp": '#include <sys/socket.h>\n#include "core/rollout/event.h"\n',
    "core/journal/writer.cpp": '#include "core/rollout/event.h"\n// getenv(x), #include <QString>\n',
    "core/plan/plan.cpp": 'const char* a = "std::getenv(1) steady_clock::now()"; struct K { int now() const; };\n',
    "core/remote/http.cpp": "#include <QSocketNotifier>\n#include <curl/curl.h>\n",
    "core/rollout/event.h": '#pragma once\n#include "core/plan/plan.h"\n',
    "core/runtime/process.cpp": '#include "core/remote/http.h"\n#include "core/spec/stack_spec.h"\n',
    "core/spec/compose/loader.cpp": '#include "core/spec/stack_spec.h"\n',
    "app/ratdeckctl/main.cpp": "#include <QCoreApplication>\n#include <curl/curl.h>\nchar* h = getenv(\"HOME\");\n",
    "app/sandbox/load.cpp": '#include "core/base/json.h"\n#include <boost/asio.hpp>\n',
    "ui/model/log.cpp": '#include "core/rollout/rollout.h"\n#include <QAbstractTableModel>\n',
    "ui/pages/main.cpp": '#include "ui/widgets/graph.h"\n#include "core/engine/engine_handle.h"\n',
}

# path, one line of code, what the checker must say
LAYER_VIOLATIONS = [
    ("core/base/a.cpp", '#include "core/spec/stack_spec.h"', "core/base may not know core/spec"),
    ("core/base/b.h", '#include "app/ratdeckctl/main.h"', "core/base may not know app"),
    ("core/spec/a.h", '#include "core/plan/plan.h"', "core/spec may not know core/plan"),
    ("core/spec/b.h", '#include "core/spec/compose/loader.h"', "may not know its reader"),
    ("core/plan/a.h", '#include "core/rollout/event.h"', "core/plan may not know core/rollout"),
    ("core/rollout/a.h", '#include "core/runtime/runtime.h"', "core/rollout may not know core/runtime"),
    ("core/rollout/b.h", '#include "core/journal/writer.h"', "core/rollout may not know core/journal"),
    ("core/journal/a.h", '#include "core/engine/engine.h"', "core/journal may not know core/engine"),
    ("core/remote/a.h", '#include "core/spec/world.h"', "core/remote may not know core/spec"),
    ("core/runtime/a.h", '#include "core/rollout/effect.h"', "core/runtime may not know core/rollout"),
    ("core/engine/a.h", '  #  include "ui/model/log.h"', "core/engine may not know ui"),
    ("core/utils/a.h", '#include "core/base/result.h"', "no known layer"),
    ("app/sandbox/a.cpp", '#include "core/plan/plan.h"', "core/base alone"),
    ("app/relay/a.cpp", '#include "core/remote/outbox.h"', "core/base alone"),
    ("app/ratdeckctl/a.cpp", '#include "app/sandbox/main.h"', "may not know app/sandbox"),
    ("app/ratdeckctl/b.cpp", '#include "ui/model/log.h"', "may not know ui"),
    ("ui/model/a.h", '#include "ui/pages/main.h"', "ui/model may not know ui/pages"),
    ("ui/model/b.h", '#include "core/engine/engine_handle.h"', "ui/model may not know the engine"),
    ("ui/pages/a.h", '#include "core/engine/engine.h"', "engine_handle.h alone"),
    ("ui/pages/b.h", '#include "core/remote/http.h"', "the UI may not know core/remote"),
    ("core/base/qt.h", "#include <QString>", "core/base may not use Qt"),
    ("core/spec/qt.h", "#include <QtCore/QString>", "core/spec may not use Qt"),
    ("core/plan/qt.h", "#include <QObject>", "core/plan may not use Qt"),
    ("core/rollout/qt.h", "#include <QTimer>", "core/rollout may not use Qt"),
    ("core/journal/qt.h", "#include <QFile>", "core/journal may not use Qt"),
    ("app/sandbox/qt.h", "#include <QProcess>", "app/sandbox may not use Qt"),
    ("app/relay/qt.h", "#include <QString>", "app/relay may not use Qt"),
    ("core/engine/gui.h", "#include <QtWidgets/QWidget>", "no QtGui or QtWidgets"),
    ("core/runtime/gui.h", "#include <QPainter>", "no QtGui or QtWidgets"),
    ("app/ratdeckctl/gui.cpp", "#include <QApplication>", "no QtGui or QtWidgets"),
    ("ui/model/gui.cpp", "#include <QTableView>", "no QtGui or QtWidgets"),
    ("core/runtime/s1.cpp", "#include <sys/socket.h>", "open sockets"),
    ("core/runtime/s2.cpp", "#include <QLocalSocket>", "open sockets"),
    ("core/engine/s3.cpp", "#include <QtNetwork/QTcpSocket>", "open sockets"),
    ("core/journal/s4.cpp", "#include <curl/curl.h>", "open sockets"),
    ("core/engine/s5.cpp", "#include <grpcpp/grpcpp.h>", "open sockets"),
    ("core/runtime/s6.cpp", "#include <boost/asio.hpp>", "open sockets"),
    ("core/spec/s7.cpp", "int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);", "open sockets"),
    ("core/base/e1.cpp", 'auto a = std::getenv("HOME");', "reads the environment"),
    ("core/engine/e2.cpp", 'auto a = qEnvironmentVariable("HOME");', "reads the environment"),
    ("core/engine/e3.cpp", "auto a = QProcessEnvironment::systemEnvironment();", "reads the environment"),
    ("core/base/c1.cpp", "auto t = std::chrono::steady_clock::now();", "reads time"),
    ("core/journal/c2.cpp", "clock_gettime(CLOCK_BOOTTIME, &ts);", "reads time"),
    ("core/engine/c3.cpp", "auto t = QDateTime::currentDateTimeUtc();", "reads time"),
    ("ui/widgets/c4.cpp", "auto t = std::time(nullptr);", "reads time"),
    ("core/remote/c5.cpp", "QElapsedTimer timer;", "reads time"),
]


class Checkers(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in CLEAN.items():
            self.write(path, text)
        (self.root / "packaging/run.sh").chmod(0o755)

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def check(self, name, *more):
        run = subprocess.run([sys.executable, str(HERE / f"check_{name}.py"), "--root", str(self.root), *more],
                             capture_output=True, text=True, check=False)
        if run.returncode == 77:
            self.skipTest(run.stdout.strip())
        return run.returncode, run.stdout + run.stderr

    def assert_clean(self, name, *more):
        code, text = self.check(name, *more)
        self.assertEqual(code, 0, text)

    def assert_reports(self, name, place, words, *more):
        code, text = self.check(name, *more)
        self.assertEqual(code, 1, text)
        hits = [line for line in text.splitlines() if line.startswith(place) and words in line]
        self.assertEqual(len(hits), 1, f"{place} … {words}\n{text}")
        return text

    def test_layers_accept_a_tree_in_order(self):
        self.assert_clean("layers")

    def test_layers_report_one_violation_of_each_kind(self):
        for path, line, words in LAYER_VIOLATIONS:
            with self.subTest(path=path):
                self.write(path, f"// first line\n{line}\n")
                text = self.assert_reports("layers", f"{path}:2: ", words)
                self.assertIn("1 findings", text)
                (self.root / path).unlink()

    def test_layers_report_all_violations_of_one_tree(self):
        for path, line, _ in LAYER_VIOLATIONS:
            self.write(path, line + "\n")
        self.assertIn(f"{len(LAYER_VIOLATIONS)} findings", self.check("layers")[1])

    def test_tree_reports_strangers_and_gaps_at_the_top(self):
        self.assert_clean("tree")
        self.write("docs/a.md", "")
        self.assert_reports("tree", "docs:1: ", "does not belong")
        shutil.rmtree(self.root / "docs")
        shutil.rmtree(self.root / "ui")
        self.assert_reports("tree", "ui:1: ", "is missing")

    def test_tree_reports_long_files_and_foreign_words(self):
        self.write("core/base/long.cpp", "\n" * 701)
        self.assert_reports("tree", "core/base/long.cpp:701: ", "701 lines")
        (self.root / "core/base/long.cpp").unlink()
        for word in ("/wor" + "k/main", "/far" + "m/x", "the .libr" + "ary", "// TO" + "DO: later"):
            with self.subTest(word=word):
                self.write("core/base/word.cpp", f"//\n// {word}\n")
                self.assert_reports("tree", "core/base/word.cpp:2: ", "has no place here")

    def test_sleeps_are_reported(self):
        self.assert_clean("sleeps")
        for call in ("std::this_thread::sleep_for(1s)", "QTest::qWait(100)", "usleep(5)", "QThread::msleep(5)",
                     "QTest::qSleep(1)", "sleep(1)", "::sleep(1)"):
            with self.subTest(call=call):
                self.write("tests/unit/tst_y.cpp", f"void f() {{\n  {call};\n}}\n")
                self.assert_reports("sleeps", "tests/unit/tst_y.cpp:2: ", "a test sleeps")

    def test_format_is_reported(self):
        for path in [path for path in CLEAN if path.endswith((".cpp", ".h"))]:
            (self.root / path).unlink()
        self.write(".clang-format", "BasedOnStyle: LLVM\n")
        self.write("core/base/a.cpp", "int a = 1;\n")
        self.assert_clean("format")
        self.write("core/base/a.cpp", "int a = 1;\nint   b=2;\n")
        self.assert_reports("format", "core/base/a.cpp:2: ", "run clang-format-14 -i")

    def test_shell_scripts_are_checked_with_their_mode(self):
        self.assert_clean("shell")
        self.write("packaging/bad.sh", "#!/bin/sh\ncd $1\n")
        self.assert_reports("shell", "packaging/bad.sh:1: ", "is not executable")
        (self.root / "packaging/bad.sh").chmod(0o755)
        self.assert_reports("shell", "packaging/bad.sh:2:4: ", "SC2086")

    def test_headers_must_compile_alone_and_are_looked_at_again_when_they_change(self):
        build = self.root / "build"
        build.mkdir()
        unit = {"directory": str(build), "file": str(self.root / "core/base/clock.cpp"),
                "command": f"/usr/bin/c++ -I{self.root} -std=c++20 -o x.o -c {self.root}/core/base/clock.cpp"}
        (build / "compile_commands.json").write_text(json.dumps([unit]))
        self.write("core/rollout/event.h", '#pragma once\n#include "core/base/result.h"\n')
        self.assert_clean("headers", "--build", str(build))
        self.assertIn("(0 compiled now)", self.check("headers", "--build", str(build))[1])
        self.write("core/base/result.h", "#pragma once\nusing Text = std::string;\n")
        code, text = self.check("headers", "--build", str(build))
        self.assertEqual(code, 1)
        for path in ("core/base/result.h", "core/rollout/event.h"):
            self.assertIn(f"{path}:1: does not compile alone", text)
        self.write("core/base/result.h", "#include <string>\nusing Text = std::string;\n")
        self.assert_reports("headers", "core/base/result.h:1: ", "#pragma once is missing", "--build", str(build))

    def test_a_header_is_left_to_the_build_only_if_its_source_includes_it_first(self):
        build = self.root / "build"
        build.mkdir()
        unit = {"directory": str(build), "file": str(self.root / "core/base/text.cpp"),
                "command": f"/usr/bin/c++ -I{self.root} -std=c++20 -o x.o -c {self.root}/core/base/text.cpp"}
        (build / "compile_commands.json").write_text(json.dumps([unit]))
        self.write("core/rollout/event.h", "#pragma once\n")
        self.write("core/base/text.h", "#pragma once\nstd::string text();\n")
        self.write("core/base/text.cpp", '// text\n#include "core/base/text.h"\n')
        self.assert_clean("headers", "--build", str(build))
        self.write("core/base/text.cpp", '#include <string>\n#include "core/base/text.h"\n')
        self.assert_reports("headers", "core/base/text.h:1: ", "does not compile alone", "--build", str(build))

    def test_a_schema_that_disagrees_with_the_reader_is_reported(self):
        try:
            import jsonschema, yaml  # noqa: F401
        except ImportError:
            self.skipTest("python3-jsonschema and python3-yaml are not installed")
        schema = {"type": "object", "properties": {"x": {"type": "string"}}}
        cases = {"accepted": {"a text": {"x": "1"}}, "refused": {"a number": {"x": 1}}}
        self.write("resources/x-ratdeck.schema.json", json.dumps(schema))
        self.write("resources/x-ratdeck.md", "# Keys\n\n```yaml\nx: 2026-12-20\n```\n")
        self.write("resources/docker-compose.yml", "x: a\n")
        self.write("tests/unit/spec/x_ratdeck_cases.json", json.dumps(cases))
        self.assert_clean("schema")
        self.write("resources/x-ratdeck.md", "# Keys\n\n```yaml\nx: [1]\n```\n")
        self.assert_reports("schema", "resources/x-ratdeck.md:3: ", "refuses this example")
        self.write("resources/x-ratdeck.md", "# Keys\n")
        self.write("resources/docker-compose.yml", "x: 1\n")
        self.assert_reports("schema", "resources/docker-compose.yml:1: ", "refuses this file")
        self.write("resources/docker-compose.yml", "x: a\n")
        self.write("tests/unit/spec/x_ratdeck_cases.json",
                   json.dumps({"accepted": {"a number": {"x": 1}}, "refused": {}}))
        self.assert_reports("schema", "resources/x-ratdeck.schema.json:1: ", "which the reader takes")
        self.write("tests/unit/spec/x_ratdeck_cases.json",
                   json.dumps({"accepted": {}, "refused": {"a text": {"x": "1"}}}))
        self.assert_reports("schema", "resources/x-ratdeck.schema.json:1: ", "which the reader refuses")

    def test_a_headless_program_that_links_qt_is_reported(self):
        binaries = self.root / "build/bin"
        binaries.mkdir(parents=True)
        (self.root / "x.cpp").write_text("int main() {}\n")
        qt = next(Path("/usr/lib").glob("*/libQt6Core.so.6"), None)
        if not qt:
            self.skipTest("Qt's library is not in /usr/lib")
        for name, libraries in (("ratdeck-sandbox", []), ("ratdeckctl", [str(qt)])):
            subprocess.run(["c++", str(self.root / "x.cpp"), "-o", str(binaries / name), "-Wl,--no-as-needed",
                            *libraries], check=True)
        (self.root / "x.cpp").unlink()
        self.assert_clean("links", "--build", str(self.root / "build"))
        shutil.copy(binaries / "ratdeckctl", binaries / "ratdeck-sandbox")
        self.assert_reports("links", "bin/ratdeck-sandbox: ", "links libQt6Core", "--build", str(self.root / "build"))


if __name__ == "__main__":
    unittest.main(verbosity=1)

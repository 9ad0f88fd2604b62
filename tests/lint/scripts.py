#!/usr/bin/env python3
"""packaging/run.sh, test.sh and .ci/run, played through in a folder with spaces, from elsewhere, with stdin closed,
with stand-ins for dpkg-query, cmake, ctest and the programs that write down how they were called."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STANDINS = {
    "dpkg-query": "printf installed",
    "id": 'echo "${USER_ID:-0}"',
    "cmake": """echo "cmake $*" >>"$CALLS"
case "$*" in
--preset*) mkdir -p "build/$2" ;;
*--target*) for i in $(seq 50); do echo "line $i"; done; exit "${BUILD_RESULT:-0}" ;;
esac""",
    "ctest": """echo "ctest $* size=$RATDECK_TEST_SIZE" >>"$CALLS"
mkdir -p "$2/Testing/Temporary"
: >"$2/Testing/Temporary/LastTest.log"
case "$2" in *release) cat "$CTEST_OUTPUT"; cp "$CTEST_LOG" "$2/Testing/Temporary/LastTest.log"; exit "$CTEST_RESULT" ;; esac
echo '100% tests passed, 0 tests failed out of 3'""",
}
PROGRAM = '#!/bin/sh\necho "$(basename "$0")$(printf " <%s>" "$@")"\nexit 3\n'


class Scripts(unittest.TestCase):
    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="a folder "))
        self.addCleanup(shutil.rmtree, self.top)
        self.root = self.top / "rat deck"
        shutil.copytree(ROOT / "packaging", self.root / "packaging")
        shutil.copytree(ROOT / ".ci", self.root / ".ci")
        self.calls = self.top / "calls"
        self.calls.touch()
        for name, body in STANDINS.items():
            self.program(self.top / "standins" / name, f"#!/bin/sh\n{body}\n")
        self.ctest_gives("100% tests passed, 0 tests failed out of 7", "", 0)

    def program(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def ctest_gives(self, output, log, result):
        (self.top / "output").write_text(output + "\n")
        (self.top / "log").write_text(log + "\n")
        self.result = str(result)

    def run_script(self, name, *arguments, **environment):
        variables = {"PATH": f"{self.top}/standins:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.top), "CI": "true",
                     "CALLS": str(self.calls), "CTEST_OUTPUT": str(self.top / "output"),
                     "CTEST_LOG": str(self.top / "log"), "CTEST_RESULT": self.result, **environment}
        run = subprocess.run(["bash", "-c", 'exec "$0" "$@" <&-', str(self.root / name), *arguments], cwd="/",
                             env=variables, capture_output=True, text=True, timeout=60, check=False)
        return run.returncode, run.stdout, run.stderr

    def test_test_sh_runs_all_but_bench_and_fuzz_and_ends_with_the_sum(self):
        code, out, err = self.run_script("packaging/test.sh")
        self.assertEqual((code, err), (0, ""), out)
        self.assertEqual(out.splitlines()[-1], "100% tests passed, 0 tests failed out of 7")
        self.assertIn("bench and fuzz", out)
        calls = self.calls.read_text()
        self.assertIn("-LE bench|fuzz size=ci", calls)
        self.assertNotIn("asan", calls)

    def test_the_tests_with_a_docker_engine_run_as_root_alone(self):
        code, out, _ = self.run_script("packaging/test.sh", USER_ID="1000")
        self.assertEqual(code, 0, out)
        self.assertIn("label docker", out)
        self.assertIn("-LE bench|fuzz|docker size=ci", self.calls.read_text())

    def test_ci_runs_everything_with_the_sanitizers_and_adds_up(self):
        code, out, _ = self.run_script(".ci/run")
        self.assertEqual(code, 0, out)
        self.assertEqual(out.splitlines()[-1], "100% tests passed, 0 tests failed out of 10")
        calls = self.calls.read_text()
        self.assertIn("--test-dir build/asan", calls)
        self.assertNotIn("-LE", calls)

    def test_full_hands_the_size_to_the_tests(self):
        self.run_script("packaging/test.sh", "--full", "--", "-L", "bench")
        self.assertIn("-L bench size=full", self.calls.read_text())

    def test_a_failed_test_fails_the_run(self):
        self.ctest_gives("71% tests passed, 2 tests failed out of 7", "", 8)
        code, out, _ = self.run_script("packaging/test.sh")
        self.assertEqual(code, 1)
        self.assertEqual(out.splitlines()[-1], "71% tests passed, 2 tests failed out of 7")

    def test_a_ctest_that_died_fails_the_run(self):
        self.ctest_gives("Segmentation fault", "", 139)
        code, out, _ = self.run_script("packaging/test.sh")
        self.assertEqual(code, 1)
        self.assertIn("1 tests failed", out.splitlines()[-1])

    def test_a_skip_is_named_and_only_all_makes_it_an_error(self):
        skipped = "1/7 Test #1: docker_up ....***Skipped   0.1 sec\n100% tests passed, 0 tests failed out of 7"
        for output, log, name in ((skipped, "", "docker_up"),
                                  ("100% tests passed, 0 tests failed out of 7", "SKIP   : T::f() no root", "T::f()")):
            with self.subTest(name=name):
                self.ctest_gives(output, log, 0)
                code, out, _ = self.run_script("packaging/test.sh")
                self.assertEqual(code, 0, out)
                self.assertIn(f"  {name}", out)
                code, out, _ = self.run_script("packaging/test.sh", "--all")
                self.assertEqual(code, 1, out)
                self.assertIn("1 skipped, which --all does not allow", out)

    def test_a_failed_stage_shows_the_end_of_its_log_and_what_to_do(self):
        code, out, err = self.run_script("packaging/test.sh", BUILD_RESULT="2")
        self.assertEqual(code, 1)
        self.assertIn("build (release)          failed after", out)
        self.assertIn("line 21\n", err)
        self.assertNotIn("line 20\n", err)
        self.assertIn("build-release.log\n", err)
        self.assertIn("ratdeck: next: ", err)

    def test_unknown_arguments_are_refused(self):
        self.assertEqual(self.run_script("packaging/test.sh", "--al")[0], 2)

    def test_run_sh_without_a_display_runs_the_demo_and_passes_on_arguments_and_exit_code(self):
        self.program(self.root / "build/release/bin/ratdeckctl", PROGRAM)
        self.program(self.root / "build/release/bin/ratdeck", PROGRAM)
        for arguments, environment in (((), {}), (("--headless",), {"DISPLAY": ":7"})):
            code, out, err = self.run_script("packaging/run.sh", *arguments, "--rate", "a b", **environment)
            self.assertEqual((code, err), (3, ""))
            self.assertEqual(out.splitlines()[-1], "ratdeckctl <demo> <--rate> <a b>")
        self.assertIn("--target programs", self.calls.read_text())

    def test_run_sh_with_a_display_opens_the_window_if_it_is_built(self):
        self.program(self.root / "build/release/bin/ratdeckctl", PROGRAM)
        self.assertIn("ratdeckctl <demo>", self.run_script("packaging/run.sh", DISPLAY=":7")[1])
        self.program(self.root / "build/release/bin/ratdeck", PROGRAM)
        self.assertIn("ratdeck <--sandbox>", self.run_script("packaging/run.sh", DISPLAY=":7")[1])


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main(verbosity=1)

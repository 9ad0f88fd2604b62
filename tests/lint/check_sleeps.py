#!/usr/bin/env python3
"""Tests wait for a fact, with a bound, or advance a clock; they never sleep."""
import re
import sys

from sources import CPP, arguments, code_only, files, report, text_of

SLEEP = re.compile(r"\b(sleep_for|sleep_until|qWait|qSleep|usleep|nanosleep|clock_nanosleep|msleep)\s*\(|"
                   r"(?<![\w.>])(::)?sleep\s*\(|\bQThread::sleep\s*\(")


def main():
    root = arguments().root.resolve()
    paths = files(root, "tests", suffixes=CPP)
    findings = []
    for path in paths:
        code = code_only(text_of(root / path) or "")
        for match in SLEEP.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            findings.append(f"{path.as_posix()}:{line}: a test sleeps: {match.group(0)})")
    return report(findings, f"{len(paths)} files of tests")


if __name__ == "__main__":
    sys.exit(main())

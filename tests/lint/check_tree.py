#!/usr/bin/env python3
"""What stands at the top, how long files may be, and words that have no place in a product."""
import re
import sys

from sources import arguments, files, report, text_of, top_level

TOP = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "app", "ui", "resources", "core", "tests",
       "packaging"}
MOST_LINES = 700
LONG_BY_NATURE = ("tests/results/", "tests/data/", "resources/x-ratdeck.schema.json")
# Spelled apart, so that this file is not its own finding.
WORDS = [re.compile(pattern) for pattern in (
    r"/wor" + r"k/", r"/far" + r"m/", r"\.lib" + r"rary\b", r"/tmp/" + r"h/", r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b")]


def tree_findings(root):
    names = set(top_level(root))
    extra = sorted(name for name in names - TOP if not name.startswith("."))
    missing = sorted(TOP - names)
    return ([f"{name}:1: does not belong at the top level" for name in extra] +
            [f"{name}:1: is missing at the top level" for name in missing])


def file_findings(path, text):
    lines = text.splitlines()
    if len(lines) > MOST_LINES and not path.startswith(LONG_BY_NATURE):
        yield f"{path}:{MOST_LINES + 1}: {len(lines)} lines, at most {MOST_LINES}"
    if path == "LICENSE":
        return
    for number, line in enumerate(lines, 1):
        for word in WORDS:
            match = word.search(line)
            if match:
                yield f"{path}:{number}: has no place here: {match.group(0)}"


def main():
    root = arguments().root.resolve()
    findings = tree_findings(root)
    paths = files(root)
    for path in paths:
        text = text_of(root / path)
        if text is not None:
            findings += file_findings(path.as_posix(), text)
    return report(findings, f"{len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The headless programs carry neither QtGui nor QtWidgets, and the sandbox no Qt at all."""
import re
import subprocess
import sys

from sources import SKIPPED, arguments, report

FORBIDDEN = {"ratdeckctl": r"Qt6?(Gui|Widgets|Charts)", "ratdeck-relay": r"Qt", "ratdeck-sandbox": r"Qt"}


def needed(program):
    listed = subprocess.run(["readelf", "-d", "-W", str(program)], capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.+)\]", listed.stdout)


def main():
    binaries = arguments().build.resolve() / "bin"
    findings, seen = [], 0
    for name, pattern in FORBIDDEN.items():
        if (binaries / name).exists():
            seen += 1
            findings += [f"bin/{name}: links {library}" for library in needed(binaries / name)
                         if re.search(pattern, library)]
    if not seen:
        print("skipped: no program is built; cmake --build BUILD --target programs")
        return SKIPPED
    return report(findings, f"{seen} programs")


if __name__ == "__main__":
    sys.exit(main())

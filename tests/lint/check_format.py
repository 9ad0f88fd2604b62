#!/usr/bin/env python3
"""Every C++ file stands as clang-format 14 writes it."""
import re
import shutil
import subprocess
import sys

from sources import CPP, arguments, files, report, skip


def main():
    root = arguments().root.resolve()
    tool = shutil.which("clang-format-14")
    if not tool:
        skip("clang-format-14", "clang-format-14")
    paths = [path.as_posix() for path in files(root, suffixes=CPP)]
    run = subprocess.run([tool, "--style=file", "--dry-run", *paths], cwd=root, capture_output=True, text=True,
                         check=False) if paths else None
    first = {}
    for line in (run.stderr.splitlines() if run else []):
        match = re.match(r"(.+?):(\d+):\d+: (warning|error)", line)
        if match:
            first.setdefault(match.group(1), match.group(2))
    findings = [f"{path}:{line}: run clang-format-14 -i {path}" for path, line in sorted(first.items())]
    if run and run.returncode and not findings:
        findings = [f"clang-format-14: {run.stderr.strip()[:300]}"]
    return report(findings, f"{len(paths)} files")


if __name__ == "__main__":
    sys.exit(main())

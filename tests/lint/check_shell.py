#!/usr/bin/env python3
"""Every shell script passes shellcheck and can be executed."""
import os
import re
import shutil
import subprocess
import sys

from sources import arguments, files, report, skip, text_of

SHEBANG = re.compile(r"#!\s*/(usr/)?bin/(env\s+)?(ba|da)?sh\b")


def scripts(root):
    for path in files(root):
        text = text_of(root / path) or ""
        if path.suffix in (".sh", ".bash") or SHEBANG.match(text):
            yield path, bool(SHEBANG.match(text))


def main():
    root = arguments().root.resolve()
    tool = shutil.which("shellcheck")
    if not tool:
        skip("shellcheck", "shellcheck")
    paths, findings = [], []
    for path, has_shebang in scripts(root):
        paths.append(path.as_posix())
        if has_shebang and not os.access(root / path, os.X_OK):
            findings.append(f"{path.as_posix()}:1: is not executable")
    if paths:
        run = subprocess.run([tool, "--format=gcc", "--external-sources", *paths], cwd=root, capture_output=True,
                             text=True, check=False)
        findings += run.stdout.splitlines() or ([run.stderr.strip()] if run.returncode else [])
    return report(findings, f"{len(paths)} scripts")


if __name__ == "__main__":
    sys.exit(main())

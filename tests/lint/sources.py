"""The files of the project, and C++ text without its comments and literals: shared by the checkers beside it.

A checker is a program `check_X.py --root ROOT [--build BUILD]` that prints one line a finding as
`FILE:LINE: message` and ends with 0 (nothing found), 1 (findings) or 77 (a tool it needs is missing: skipped).
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
CPP = {".h", ".cpp"}
NOT_OURS = {".git", ".cache", "build", "__pycache__"}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the project's top folder")
    parser.add_argument("--build", type=Path, help="a build folder with compile_commands.json and bin/")
    return parser.parse_args()


def top_level(root):
    """The names at the top that are part of the project: what git knows or would take, else all but builds."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
                                capture_output=True, check=False)
        if listed.returncode == 0:
            return sorted({os.fsdecode(path).split("/")[0] for path in listed.stdout.split(b"\0") if path})
    return sorted(name for name in os.listdir(root) if name not in NOT_OURS)


def files(root, *folders, suffixes=None):
    """Paths relative to the root, sorted; of the given folders, or of everything that is part of the project."""
    found = []
    for name in folders or top_level(root):
        start = root / name
        if start.is_file():
            found.append(start)
        for folder, below, names in os.walk(start):
            below[:] = [entry for entry in below if entry not in NOT_OURS]
            found += [Path(folder) / entry for entry in names if not (Path(folder) / entry).is_symlink()]
    paths = sorted(path.relative_to(root) for path in found)
    return [path for path in paths if suffixes is None or path.suffix in suffixes]


def text_of(path):
    """The text, or None for a file that is not text."""
    data = path.read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")


_LITERAL = re.compile(
    r'(?P<raw>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")|(?P<text>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')|(?P<block>/\*.*?\*/)|(?P<line>//[^\n]*)", re.S)


def code_only(text):
    """C++ text with comments and literals blanked out, line for line; the path of an #include stays."""

    def blank(match):
        start = text.rfind("\n", 0, match.start()) + 1
        if match.lastgroup == "text" and re.match(r"\s*#\s*include\s*$", text[start:match.start()]):
            return match.group(0)
        return " " + "\n" * match.group(0).count("\n")

    return _LITERAL.sub(blank, text)


def report(findings, checked):
    """Prints the findings, then one line that says what was looked at; the exit code for the caller."""
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings in {checked}")
    return 1 if findings else 0


def skip(tool, package):
    print(f"skipped: {tool} is not installed; apt-get install {package}")
    sys.exit(SKIPPED)

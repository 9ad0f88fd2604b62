#!/usr/bin/env python3
"""Every header compiles alone.

Of x.h beside an x.cpp that includes it before anything else the build itself is the proof. All others are compiled
here, with the flags of their neighbours from compile_commands.json; what passed is remembered with the stamps of all files that it reads (BUILD/lint/headers.json),
so that a second run looks only at what changed.
"""
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sources import arguments, code_only, files, report, text_of


def flags_by_folder(root, build):
    """Folder (relative to the root) -> compiler and flags of one translation unit in it."""
    flags = {}
    for unit in json.loads((build / "compile_commands.json").read_text()):
        folder = os.path.relpath(os.path.dirname(unit["file"]), root)
        if folder.startswith("..") or folder in flags:
            continue
        words = unit.get("arguments") or shlex.split(unit["command"])
        if Path(words[0]).name == "ccache":
            words = words[1:]
        kept, skip_next = [], False
        for word in words:
            if skip_next:
                skip_next = False
            elif word in ("-o", "-MF", "-MT", "-MQ"):
                skip_next = True
            elif word not in ("-c", "-MD", "-MMD", unit["file"]):
                kept.append(word)
        flags[folder] = kept
    return flags


def flags_for(header, flags):
    """Those of its own folder, of the nearest folder below or above it, else any."""
    folder = header.parent
    while True:
        name = folder.as_posix()
        if name in flags:
            return flags[name]
        below = sorted(key for key in flags if key.startswith(name + "/"))
        if below:
            return flags[below[0]]
        if folder == folder.parent:
            return next(iter(flags.values()))
        folder = folder.parent


def built_units(build):
    return {os.path.realpath(unit["file"]) for unit in json.loads((build / "compile_commands.json").read_text())}


def is_proved_by_build(root, header, built):
    """Whether the build compiles the .cpp of the same name, and that one includes the header first."""
    source = (root / header).with_suffix(".cpp")
    if str(source) not in built or not source.exists():
        return False
    first = re.search(r'^[ \t]*#[ \t]*include[ \t]*([<"][^>"\n]+)[>"]', code_only(text_of(source)), re.M)
    return bool(first) and first.group(1) == '"' + header.as_posix()


def stamp(path):
    try:
        info = os.stat(path)
        return [info.st_mtime_ns, info.st_size]
    except OSError:
        return None


def reads(depfile):
    words = depfile.read_text().replace("\\\n", " ").split(":", 1)[1].replace("\\ ", "\0").split()
    return [word.replace("\0", " ") for word in words]


def compile_alone(root, header, flags, scratch):
    """(finding or None, what to remember or None)."""
    name = hashlib.sha256(header.as_posix().encode()).hexdigest()[:16]
    unit, depfile = scratch / f"{name}.cpp", scratch / f"{name}.d"
    unit.write_text(f'#include "{header.as_posix()}"\n')
    run = subprocess.run([*flags, "-fsyntax-only", "-w", "-MD", "-MF", str(depfile), str(unit)],
                         capture_output=True, text=True, cwd=root, check=False)
    if run.returncode:
        first = next((line for line in run.stderr.splitlines() if "error" in line), run.stderr.strip()[:200])
        return f"{header.as_posix()}:1: does not compile alone: {first}", None
    paths = [os.path.join(root, path) for path in reads(depfile) if path != str(unit)]
    return None, {"flags": flags, "reads": {path: stamp(path) for path in paths}}


def main():
    options = arguments()
    root, build = options.root.resolve(), options.build.resolve()
    headers = files(root, "core", "ui", "app", "tests/support", suffixes={".h"})
    flags, built = flags_by_folder(root, build), built_units(build)
    store = build / "lint" / "headers.json"
    store.parent.mkdir(exist_ok=True)
    known = json.loads(store.read_text()) if store.exists() else {}

    def is_known(header, with_flags):
        entry = known.get(header.as_posix())
        return entry and entry["flags"] == with_flags and all(stamp(p) == s for p, s in entry["reads"].items())

    findings, passed, compiled = [], {}, 0
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {}
        for header in headers:
            if "#pragma once" not in text_of(root / header):
                findings.append(f"{header.as_posix()}:1: #pragma once is missing")
            if is_proved_by_build(root, header, built):
                continue
            with_flags = flags_for(header, flags)
            if is_known(header, with_flags):
                passed[header.as_posix()] = known[header.as_posix()]
            else:
                jobs[header] = pool.submit(compile_alone, root, header, with_flags, Path(scratch))
        for header, job in jobs.items():
            finding, entry = job.result()
            compiled += 1
            if finding:
                findings.append(finding)
            else:
                passed[header.as_posix()] = entry
    store.write_text(json.dumps(passed))
    return report(findings, f"{len(headers)} headers ({compiled} compiled now)")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The schema of x-ratdeck takes what the reader takes and refuses what it refuses: the cases that
tests/unit/spec/tst_x_ratdeck.cpp puts to the reader, the examples of the reference, and the Compose files shipped."""
import json
import re
import sys

from sources import arguments, report, skip

try:
    import jsonschema
except ImportError:
    skip("jsonschema for Python", "python3-jsonschema")
try:
    import yaml
except ImportError:
    skip("YAML for Python", "python3-yaml")

SCHEMA = "resources/x-ratdeck.schema.json"
PAGE = "resources/x-ratdeck.md"
CASES = "tests/unit/spec/x_ratdeck_cases.json"


class Loader(yaml.SafeLoader):
    """As editors and Compose read it: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
for tag in ("!reset", "!override"):
    Loader.add_multi_constructor(tag, lambda loader, suffix, node: None)


def wrong_with(validator, document):
    error = next(iter(validator.iter_errors(document)), None)
    return error and f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message}"


def examples(text):
    """Line and content of each YAML block."""
    for match in re.finditer(r"^```yaml\n(.*?)^```", text, re.M | re.S):
        yield text.count("\n", 0, match.start()) + 1, match.group(1)


def main():
    root = arguments().root.resolve()
    schema = json.loads((root / SCHEMA).read_text(encoding="utf-8"))
    validators = [kind for kind in ("Draft202012Validator", "Draft7Validator") if hasattr(jsonschema, kind)]
    validator = getattr(jsonschema, validators[0])(schema)
    cases = json.loads((root / CASES).read_text(encoding="utf-8"))
    findings, checked = [], 0
    for name, document in cases["accepted"].items():
        checked += 1
        if wrong := wrong_with(validator, document):
            findings.append(f"{SCHEMA}:1: refuses \"{name}\", which the reader takes: {wrong}")
    for name, document in cases["refused"].items():
        checked += 1
        if not wrong_with(validator, document):
            findings.append(f"{SCHEMA}:1: takes \"{name}\", which the reader refuses")
    for line, text in examples((root / PAGE).read_text(encoding="utf-8")):
        checked += 1
        if wrong := wrong_with(validator, yaml.load(text, Loader)):
            findings.append(f"{PAGE}:{line}: the schema refuses this example: {wrong}")
    for path in sorted((root / "resources").glob("docker-compose*.yml")):
        checked += 1
        if wrong := wrong_with(validator, yaml.load(path.read_text(encoding="utf-8"), Loader)):
            findings.append(f"{path.relative_to(root)}:1: the schema refuses this file: {wrong}")
    return report(findings, f"{checked} files and cases")


if __name__ == "__main__":
    sys.exit(main())

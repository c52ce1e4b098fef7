"""Writes what is served, from the services' operation tables (src/service/*/operations.cc) and the public models:
docs/compatibility.md, an operation a line, and README.md's summary of it.

    tools/served_operations.py            rewrites both
    tools/served_operations.py --check    exits 1 and says what to do where one is stale
"""

import pathlib
import re
import sys

from botocore.loaders import Loader

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- served operations: written by tools/served_operations.py -->"
END = "<!-- end of served operations -->"
TITLES = {"kinesis": "Kinesis Data Streams", "s3": "S3", "firehose": "Data Firehose", "glue": "Glue data catalogue",
          "athena": "Athena", "dynamodb": "DynamoDB", "dynamodbstreams": "DynamoDB Streams", "lambda": "Lambda",
          "logs": "CloudWatch Logs", "apigateway": "API Gateway (REST APIs)", "apigatewayv2": "API Gateway (HTTP APIs)",
          "events": "EventBridge", "scheduler": "EventBridge Scheduler", "pipes": "EventBridge Pipes"}
ROW = re.compile(r'MILLRACE_OPERATION\(\s*(\w+),\s*\w+,\s*(read|write),\s*"[\w:-]+"')
# .refuse("Member", "why"): a reason may be several literals, one after the other.
REFUSAL = re.compile(r'\.refuse\(\s*"([^"]+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)*)')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
HEAD = """# Compatibility

Every operation of every service that Millrace speaks, written from the tables that the program itself is made of:

- **full**: every member of the request is honoured, or refused for its value with AWS's own error.
- **partial**: the members named beside it are refused by name; everything else is honoured.
- **refused**: answered with 501 and the operation's name.

What differs in behaviour is in each service's README.
"""


def operations(table):
    """[(name, [(member refused by name, why)])] of one operations.cc, in its order."""
    rows = list(ROW.finditer(table))
    ends = [row.start() for row in rows[1:]] + [len(table)]
    return [(row[1], [(member, "".join(LITERAL.findall(why)).replace('\\"', '"'))
                      for member, why in REFUSAL.findall(table[row.end():end])]) for row, end in zip(rows, ends)]


def services(root):
    """[(folder, title, {operation: refusals}, [every operation of the model])]"""
    tables = {path.parent.name: path for path in sorted(root.glob("src/service/*/operations.cc"))}
    loader = Loader()
    found = []
    for name in [*(name for name in TITLES if name in tables), *(name for name in tables if name not in TITLES)]:
        model = loader.load_service_model(name, "service-2")
        found.append((name, TITLES.get(name, name), dict(operations(tables[name].read_text())),
                      sorted(model["operations"])))
    return found


def line(operation, served):
    if operation not in served:
        return f"| `{operation}` | refused | |"
    refused = served[operation]
    if not refused:
        return f"| `{operation}` | full | |"
    by_reason = {}
    for member, why in refused:
        by_reason.setdefault(why, []).append(f"`{member}`")
    return f"| `{operation}` | partial | " + "; ".join(
        ", ".join(members) + (f": {why}" if why else "") for why, members in by_reason.items()).replace("|", "\\|") + " |"


def document(found):
    parts = [HEAD]
    for name, title, served, every in found:
        parts.append(f"## {title}\n\n{len(served)} of {len(every)} operations; "
                     f"[src/service/{name}](../src/service/{name}/README.md).\n\n"
                     "| operation | | refused by name |\n| --- | --- | --- |\n"
                     + "\n".join(line(operation, served) for operation in every) + "\n")
    return "\n".join(parts)


def summary(found):
    lines = [BEGIN, "", "| service | operations served |", "| --- | --- |"]
    for name, title, served, every in found:
        lines.append(f"| [{title}](src/service/{name}/README.md) | {len(served)} of {len(every)} |")
    return "\n".join([*lines, "", END])


def main():
    found = services(ROOT)
    readme = ROOT / "README.md"
    text = readme.read_text()
    if BEGIN not in text or END not in text:
        print(f"README.md:1: the markers {BEGIN} and {END} are gone: put them back")
        return 1
    compatibility = ROOT / "docs/compatibility.md"
    fresh = {readme: text[:text.index(BEGIN)] + summary(found) + text[text.index(END) + len(END):],
             compatibility: document(found)}
    stale = [path for path, wanted in fresh.items() if not path.exists() or path.read_text() != wanted]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(fresh[path])
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)}:1: the list of operations is stale: run tools/served_operations.py "
              "(.deps/venv/bin/python)")
    if not stale:
        print("served operations: README.md and docs/compatibility.md are fresh")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes README.md's list of what is served, from the services' operation tables (src/service/*/operations.cc).

    tools/served_operations.py            rewrites the section between the markers
    tools/served_operations.py --check    exits 1 and says what to do where the section is stale
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- served operations: written by tools/served_operations.py -->"
END = "<!-- end of served operations -->"
TITLES = {"kinesis": "Kinesis Data Streams", "s3": "S3", "firehose": "Data Firehose", "glue": "Glue data catalogue",
          "athena": "Athena", "dynamodb": "DynamoDB", "dynamodbstreams": "DynamoDB Streams",
          "lambda": "Lambda", "logs": "CloudWatch Logs"}
ROW = re.compile(r'MILLRACE_OPERATION\(\s*(\w+),\s*\w+,\s*(read|write),\s*"[\w:-]+"')
REFUSAL = re.compile(r'\.refuse\(\s*"([^"]+)"')


def operations(table):
    """[(name, [members refused by name])] of one operations.cc, in its order."""
    rows = list(ROW.finditer(table))
    ends = [row.start() for row in rows[1:]] + [len(table)]
    return [(row[1], REFUSAL.findall(table[row.end():end])) for row, end in zip(rows, ends)]


def section(root):
    lines = [BEGIN, ""]
    tables = {path.parent.name: path for path in sorted(root.glob("src/service/*/operations.cc"))}
    for service in [*(name for name in TITLES if name in tables), *(name for name in tables if name not in TITLES)]:
        served = operations(tables[service].read_text())
        lines += [f"**{TITLES.get(service, service)}** ({len(served)}): " + ", ".join(f"`{name}`" for name, _ in served) + ".",
                  ""]
        refused = [f"`{name}` {', '.join(f'`{member}`' for member in members)}" for name, members in served if members]
        if refused:
            lines += ["Refused by name: " + "; ".join(refused) + ".", ""]
    return "\n".join([*lines, END])


def main():
    readme = ROOT / "README.md"
    text = readme.read_text()
    if BEGIN not in text or END not in text:
        print(f"README.md:1: the markers {BEGIN} and {END} are gone: put them back")
        return 1
    fresh = text[:text.index(BEGIN)] + section(ROOT) + text[text.index(END) + len(END):]
    if "--check" not in sys.argv:
        readme.write_text(fresh)
        return 0
    if fresh != text:
        line = text[:text.index(BEGIN)].count("\n") + 1
        print(f"README.md:{line}: the list of operations is stale: run tools/served_operations.py")
        return 1
    print("served operations: README.md is fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main())

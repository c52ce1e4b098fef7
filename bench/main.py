"""./dev bench: each benchmark measures Millrace, its peers and the machine's limit in one run, prints a table and, with
--write, puts it into docs/benchmarks.md."""

import argparse
import datetime
import importlib
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from common import ROOT, processor, write_section  # noqa: E402

BENCHMARKS = sorted(path.stem for path in pathlib.Path(__file__).resolve().parent.glob("*.py")
                    if path.stem not in ("main", "common", "peers", "prepare", "python_parts", "sink"))
ALSO = {"functions": ["mappings"]}  # a benchmark's other sections


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("name", nargs="?", default="ingest", choices=BENCHMARKS)
    parser.add_argument("--seconds", type=float, default=6, help="measured time a row")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments = parser.parse_args()
    for name in [arguments.name, *ALSO.get(arguments.name, [])]:
        work = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
        try:
            lines = importlib.import_module(name).run(work, arguments.seconds)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        text = "\n".join([f"{datetime.date.today()}, {os.cpu_count()} cores ({processor()}).", "", *lines])
        print(text)
        if arguments.write:
            write_section(name, text)


if __name__ == "__main__":
    main()

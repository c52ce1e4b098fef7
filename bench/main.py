"""./dev bench ingest: records in, durable, against the peers of one run. Prints a table and, with --write, puts it into
docs/benchmarks.md.

Ratios travel between machines and absolute figures do not, so every run also measures what the disk can do with the
same bytes: a plain sequential writer with O_DIRECT and a sync for each write of the size that one commit has.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import peers  # noqa: E402
import prepare  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOAD = ROOT / "build" / "millrace-load"
BATCH_RECORDS = 500
RECORD_BYTES = 1024


def load(port, requests, *, connections, seconds, records=1, lines=0, line_prefix="", greeting=None, expect="",
         placeholder=""):
    command = [LOAD, "--port", port, "--connections", connections, "--seconds", seconds, "--records", records]
    if lines:
        command += ["--lines", lines, "--line-prefix", line_prefix]
    if greeting:
        command += ["--greeting", greeting]
    if placeholder:
        command += ["--placeholder", placeholder]
    if expect:
        command += ["--expect", expect]
    done = subprocess.run([str(word) for word in [*command, *requests]], capture_output=True, text=True,
                          timeout=seconds + 60)
    if done.returncode != 0:
        raise SystemExit(f"the load generator failed: {done.stderr}")
    figures = json.loads(done.stdout)
    if figures["bad"]:
        raise SystemExit(f"{figures['bad']} answers were not what was asked for: {done.stderr}")
    return figures


def disk_limit(directory, write_bytes, seconds):
    """Records a second that the disk takes at best, `write_bytes` a synced write (preallocated file, O_DIRECT)."""
    import mmap
    buffer = mmap.mmap(-1, write_bytes)
    buffer.write(os.urandom(write_bytes))
    path = directory / "disk-limit"
    size = 1 << 30
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_DIRECT)
    try:
        os.posix_fallocate(descriptor, 0, size)
        offset = written = 0
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            os.pwrite(descriptor, buffer, offset)
            os.fdatasync(descriptor)
            written += write_bytes
            offset = (offset + write_bytes) % (size - write_bytes) // 4096 * 4096
        return written / RECORD_BYTES / (time.monotonic() - begin)
    finally:
        os.close(descriptor)
        path.unlink()


def millrace_rows(work, seconds):
    rows = []
    for auth in ("off", "sign"):
        with peers.Millrace(work / f"millrace-{auth}", auth) as server:
            idle_mb = server.resident_mb()
            server.server.client("kinesis").create_stream(StreamName="bench", ShardCount=peers.SHARDS)
            keys = server.keys if auth == "sign" else None
            word = "signed" if keys else "unsigned"
            batches = prepare.put_records(work, server.port, "bench", BATCH_RECORDS, RECORD_BYTES, keys)
            figures = load(server.port, batches, connections=4, seconds=seconds, records=BATCH_RECORDS,
                           expect='"FailedRecordCount":0')
            rows.append((f"Millrace, PutRecords x{BATCH_RECORDS}, fsync, {word}", 4, figures, server.resident_mb()))
            singles = prepare.put_record(work, server.port, "bench", RECORD_BYTES, keys)
            figures = load(server.port, singles, connections=64, seconds=seconds, expect='"SequenceNumber"')
            rows.append((f"Millrace, PutRecord, fsync, {word}", 64, figures, server.resident_mb()))
    return rows, idle_mb


def peer_rows(work, seconds):
    rows = []
    with peers.Kinesalite(work / "kinesalite") as peer:
        batches = prepare.put_records(work, peer.port, "bench", BATCH_RECORDS, RECORD_BYTES, peer.keys)
        rows.append((f"{peer.name}, PutRecords x{BATCH_RECORDS}", 4,
                     load(peer.port, batches, connections=4, seconds=seconds, records=BATCH_RECORDS,
                          expect='"FailedRecordCount":0'), peer.resident_mb()))
    with peers.Redis(work / "redis") as peer:
        batches = prepare.redis_pipeline(work, "bench", BATCH_RECORDS, RECORD_BYTES)
        rows.append((f"{peer.name}, {BATCH_RECORDS} XADD a write", 4,
                     load(peer.port, batches, connections=4, seconds=seconds, records=BATCH_RECORDS,
                          lines=BATCH_RECORDS, line_prefix="$"), peer.resident_mb()))
    with peers.Nats(work / "nats") as peer:
        greeting = prepare.write_all(work, "nats-greeting", [peer.greeting])[0]
        batches = prepare.nats_pipeline(work, "bench", BATCH_RECORDS, RECORD_BYTES)
        rows.append((f"{peer.name}, {BATCH_RECORDS} publishes a write", 4,
                     load(peer.port, batches, connections=4, seconds=seconds, records=BATCH_RECORDS,
                          lines=BATCH_RECORDS, line_prefix="MSG", greeting=greeting,
                          placeholder=prepare.NATS_CONNECTION), peer.resident_mb()))
    return rows


def start_ms(work):
    """From exec to the ready line, the median of nine."""
    times = []
    for number in range(9):
        directory = work / f"start-{number}"
        directory.mkdir()
        server = peers.Server(directory, auth="sign")
        begin = time.monotonic()
        server.start()
        times.append((time.monotonic() - begin) * 1000)
        resident = server.resident_bytes() / 2**20
        server.stop()
        shutil.rmtree(directory)
    return sorted(times)[len(times) // 2], resident


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def ingest(arguments):
    work = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
    try:
        batch_limit = disk_limit(work, 2 * BATCH_RECORDS * RECORD_BYTES // 4096 * 4096, 3)
        single_limit = disk_limit(work, 64 * RECORD_BYTES, 3)
        rows, _ = millrace_rows(work, arguments.seconds)
        rows += peer_rows(work, arguments.seconds)
        started, idle = start_ms(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    lines = [
        f"{datetime.date.today()}, {os.cpu_count()} cores ({processor()}), client on the same cores, records of "
        f"{RECORD_BYTES} bytes, {peers.SHARDS} shards, {arguments.seconds} s a row after 1 s of warm-up.",
        "",
        "| what | connections | records/s | p50 ms | p99 ms | peak resident MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {what} | {connections} | {figures['records_per_s']:,.0f} | {figures['p50_ms']:.2f} | "
              f"{figures['p99_ms']:.2f} | {resident:.0f} |" for what, connections, figures, resident in rows]
    lines += [
        f"| the disk alone: O_DIRECT + fdatasync, 1 MB a write | - | {batch_limit:,.0f} | | | |",
        f"| the disk alone: O_DIRECT + fdatasync, 64 KB a write | - | {single_limit:,.0f} | | | |",
        "",
        f"Start to ready line: {started:.0f} ms (median of 9). Idle server: {idle:.0f} MB resident.",
    ]
    print("\n".join(lines))
    if arguments.write:
        write_section("ingest", "\n".join(lines))


def write_section(name, text):
    path = ROOT / "docs" / "benchmarks.md"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = path.read_text().split(begin)
    path.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")
    print(f"written to {path.relative_to(ROOT)}")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("name", nargs="?", default="ingest", choices=["ingest"])
    parser.add_argument("--seconds", type=float, default=6, help="measured time a row")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments = parser.parse_args()
    ingest(arguments)


if __name__ == "__main__":
    main()

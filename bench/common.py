"""What the benchmarks share: driving the load generator, the disk's limit, the document."""

import json
import os
import pathlib
import platform
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOAD = ROOT / "build" / "millrace-load"
RECORD_BYTES = 1024


def load(port, requests, *, connections, seconds, records=1, lines=0, line_prefix="", greeting=None, expect="",
         placeholder="", rate=0, warmup=None):
    command = [LOAD, "--port", port, "--connections", connections, "--seconds", seconds, "--records", records]
    if lines:
        command += ["--lines", lines, "--line-prefix", line_prefix]
    if greeting:
        command += ["--greeting", greeting]
    if rate:
        command += ["--rate", rate]
    if warmup is not None:
        command += ["--warmup", warmup]
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


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def write_section(name, text):
    path = ROOT / "docs" / "benchmarks.md"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = path.read_text().split(begin)
    path.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")
    print(f"written to {path.relative_to(ROOT)}")

"""./dev bench ingest: records in, durable, against the peers of one run.

Ratios travel between machines and absolute figures do not, so every run also measures what the disk can do with the
same bytes: a plain sequential writer with O_DIRECT and a sync for each write of the size that one commit has.
"""

import shutil
import time

import peers
import prepare
from common import RECORD_BYTES, disk_limit, load

BATCH_RECORDS = 500


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


def run(work, seconds):
    batch_limit = disk_limit(work, 2 * BATCH_RECORDS * RECORD_BYTES // 4096 * 4096, 3)
    single_limit = disk_limit(work, 64 * RECORD_BYTES, 3)
    rows, _ = millrace_rows(work, seconds)
    rows += peer_rows(work, seconds)
    started, idle = start_ms(work)
    lines = [
        f"Records of {RECORD_BYTES} bytes, {peers.SHARDS} shards, {seconds} s a row after 1 s of warm-up, client on the "
        "same cores.",
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
    return lines

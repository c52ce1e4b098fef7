"""Streams to Python functions: records a second from Kinesis to a handler that does nothing, and on into a table, with
the function's own time named apart: processor time of each process, and the same handler in front of a table that
answers at once.

Starting environments and importing boto3 is not in these figures: they begin when each has had some batches."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials

import python_parts
import sink
from common import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from support.functions import create  # noqa: E402
from support.server import Server, binary_path  # noqa: E402

BATCH = 1000
WARM_BATCHES = 3  # an environment
RECORDS_OF_NOTHING, RECORDS_OF_TABLE = 600_000, 150_000
WAIT_SECONDS_MAX = 600
PLAIN, SPARING = "BatchWriteItem by boto3", "the same, `parameter_validation=False` and a short `user_agent`"

NOTHING = "def handler(event, context):\n    return None\n"

PUTS = """
import base64, json

def puts_of(event):
    puts = {}
    for record in event["Records"]:
        order = json.loads(base64.b64decode(record["kinesis"]["data"]))
        customer, number = str(order["customer"]), str(order["order"])
        puts[customer, number] = {"PutRequest": {"Item": {
            "customer_id": {"S": customer}, "order_id": {"S": number}, "city": {"S": order["city"]}}}}
    return list(puts.values())
"""

# boto3 as `pip install boto3` has it: awscrt, which other packages bring here, makes each signature
# cost more.
WITHOUT_AWSCRT = {"BOTO_DISABLE_CRT": "true"}

# What a careful user writes: the low-level client, as many items a call as the API takes, no key twice in a call, and
# what was not processed again. TUNED: wrong parameters are the server's to find, and the client's name is short.
TABLE = PUTS + """
import os, time
import boto3
from botocore.config import Config

tuned = {"parameter_validation": False, "user_agent": "orders"} if "TUNED" in os.environ else {}
dynamodb = boto3.client("dynamodb", config=Config(**tuned))

def write(puts):
    left, wait = {"orders": puts}, 0.05
    while left := dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]:
        time.sleep(wait)
        wait *= 2

def handler(event, context):
    puts = puts_of(event)
    for at in range(0, len(puts), 25):
        write(puts[at:at + 25])
"""


def consumer(server):
    """The mapping, as `millrace consumers --json` has it: without starting a process beside what is measured."""
    request = botocore.awsrequest.AWSRequest("GET", f"{server.url}/_millrace/consumers")
    keys = botocore.credentials.Credentials(server.access_key, server.secret_key)
    botocore.auth.SigV4Auth(keys, "millrace", server.region).add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers))) as answer:
        return json.load(answer)["consumers"][0]


def processor_seconds(server):
    """(the server's, its functions') processor time since they were started."""
    parents, seconds = {}, {}
    for process in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has ended meanwhile
        parents[process] = int(fields[1])
        seconds[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_function(process):
        while process := parents.get(process, 0):
            if process == server.process.pid:
                return True
        return False

    return seconds[server.process.pid], sum(seconds[process] for process in parents if is_function(process))


def sample(server):
    seen = consumer(server)
    return {"at": time.monotonic(), "records": seen["Records"], "calls": seen["Calls"],
            "function_s": seen["FunctionMillis"] / 1000, "processor_s": processor_seconds(server), "seen": seen}


def make_table(client):
    client.create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("customer_id", "order_id")],
        KeySchema=[{"AttributeName": "customer_id", "KeyType": "HASH"}, {"AttributeName": "order_id", "KeyType": "RANGE"}])
    client.get_waiter("table_exists").wait(TableName="orders")


def produce(server, directory, records):
    lines = pathlib.Path(directory / "records.ndjson")
    with lines.open("w") as out:
        for n in range(records):
            out.write(json.dumps({"order": n, "customer": n % 1000, "city": "x" * 100}) + "\n")
    subprocess.run([server.binary, "produce", lines, "--stream", "orders", "--endpoint-url", server.url, "--data",
                    server.data], check=True, capture_output=True)


def watch(server, warm, records):
    """The samples between the mapping's being warm and its last record."""
    began, samples = time.monotonic(), []
    while True:
        now = sample(server)
        if now["at"] - began > WAIT_SECONDS_MAX:
            raise SystemExit(f"{server.directory.name}: {now['seen']}")
        if now["records"] >= records:
            break
        if now["records"] >= warm:
            samples.append(now)
        time.sleep(0.25)  # a look costs some milliseconds
    if len(samples) < 2:
        raise SystemExit(f"{server.directory.name}: over before it was measured")
    return samples[0], samples[-1]


def measure(work, name, source, records, lanes, variables):
    directory = work / name
    directory.mkdir()
    # The interpreter that runs this has boto3; the first python3.11 on the path may not.
    server = Server(directory, binary_path(), extra=["--function-python", sys.executable])
    server.start()
    try:
        kinesis, functions = server.client("kinesis"), server.client("lambda")
        make_table(server.client("dynamodb"))
        kinesis.create_stream(StreamName="orders", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="orders")
        arn = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
        create(functions, "consume", source, MemorySize=1024, Timeout=60, Environment={"Variables": WITHOUT_AWSCRT | variables})
        functions.get_waiter("function_active_v2").wait(FunctionName="consume")
        uuid = functions.create_event_source_mapping(
            FunctionName="consume", EventSourceArn=arn, StartingPosition="TRIM_HORIZON", BatchSize=BATCH,
            ParallelizationFactor=lanes, Enabled=False)["UUID"]
        produce(server, directory, records)
        while functions.get_event_source_mapping(UUID=uuid)["State"] != "Disabled":
            time.sleep(0.05)
        functions.update_event_source_mapping(UUID=uuid, Enabled=True)
        first, last = watch(server, WARM_BATCHES * lanes * BATCH, records)
        return {what: last[what] - first[what] for what in ("at", "records", "calls", "function_s")} | {
            "processor_s": [b - a for a, b in zip(first["processor_s"], last["processor_s"])]}
    finally:
        server.finish()


def run(work, seconds):
    lines = [f"Kinesis to a Python function ({'.'.join(map(str, sys.version_info[:3]))}), batches of 1,000 records of 150 bytes, "
             "one shard, requests signed, warm, boto3 without awscrt (as pip installs it). Processor time is per record: "
             "the function's is all that its processes took, parsing the event included; Millrace's is the server's, the table's writes and their syncs included. "
             "`null sink`: the same function, its BatchWriteItem answered at once by something else.", "",
             "| function | lanes | records/s | in the function, ms a batch | the function's processor time | Millrace's |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    with sink.running() as url:
        sunk, tuned = {"AWS_ENDPOINT_URL_DYNAMODB": url}, {"TUNED": "1"}
        rows = [("nothing", NOTHING, RECORDS_OF_NOTHING, 1, {}),
                *((name, TABLE, RECORDS_OF_TABLE, lanes, how)
                  for name, how in ((PLAIN, {}), (SPARING, tuned)) for lanes in (1, 2, 3, 4)),
                (f"{PLAIN}, null sink", TABLE, RECORDS_OF_TABLE, 1, sunk),
                (f"{SPARING}, null sink", TABLE, RECORDS_OF_TABLE, 1, tuned | sunk)]
        for number, (what, source, records, lanes, variables) in enumerate(rows):
            taken = measure(work, f"row-{number}", source, records, lanes, variables)
            server_us, function_us = (1e6 * each / taken["records"] for each in taken["processor_s"])
            rate = "-" if sunk.keys() <= variables.keys() else f"{taken['records'] / taken['at']:,.0f}"
            lines.append(f"| {what} | {lanes} | {rate} | {1000 * taken['function_s'] / taken['calls']:.1f} | "
                         f"{function_us:.1f} µs | {server_us:.1f} µs |")
            print(lines[-1], file=sys.stderr, flush=True)
        parts = json.loads(subprocess.run([sys.executable, python_parts.__file__, url], input=PUTS, check=True, text=True,
                                          stdout=subprocess.PIPE, env=os.environ | WITHOUT_AWSCRT).stdout)
    lines += ["", f"| the function's processor time, undisturbed (boto3 {boto3.__version__}) | per record |", "| --- | ---: |"]
    lines += [f"| {what} | {us:.1f} µs |" for what, us in [*parts, ("together", sum(us for _, us in parts))]]
    return lines

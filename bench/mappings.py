"""Streams to Python functions: records a second from Kinesis to a handler that does nothing, and on into a table, with
the function's own time named apart."""

import json
import pathlib
import subprocess
import sys
import time

from common import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from support.functions import create  # noqa: E402
from support.server import Server, binary_path  # noqa: E402

BATCH = 1000
RECORDS_OF_NOTHING, RECORDS_OF_TABLE = 300_000, 60_000

NOTHING = "def handler(event, context):\n    return None\n"
TABLE = """
import base64, json, boto3
from concurrent.futures import ThreadPoolExecutor
table = boto3.client("dynamodb")

def write(records):
    table.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": {
        "customer_id": {"S": str(r["customer"])}, "order_id": {"S": str(r["order"])}, "city": {"S": r["city"]}}}}
        for r in records]})

def handler(event, context):
    records = [json.loads(base64.b64decode(r["kinesis"]["data"])) for r in event["Records"]]
    for at in range(0, len(records), 25):
        write(records[at:at + 25])
"""


def consumer(server):
    printed = subprocess.run([server.binary, "consumers", "--json", "--endpoint-url", server.url, "--data", server.data],
                             check=True, capture_output=True).stdout
    return json.loads(printed)["consumers"][0]


def measure(work, name, source, records, lanes, table):
    directory = work / name
    directory.mkdir()
    server = Server(directory, binary_path())
    server.start()
    try:
        kinesis, functions = server.client("kinesis"), server.client("lambda")
        if table:
            server.client("dynamodb").create_table(
                TableName="orders", BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("customer_id", "order_id")],
                KeySchema=[{"AttributeName": "customer_id", "KeyType": "HASH"},
                           {"AttributeName": "order_id", "KeyType": "RANGE"}])
            server.client("dynamodb").get_waiter("table_exists").wait(TableName="orders")
        kinesis.create_stream(StreamName="orders", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="orders")
        arn = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
        create(functions, "consume", source, MemorySize=1024, Timeout=60)
        functions.get_waiter("function_active_v2").wait(FunctionName="consume")
        uuid = functions.create_event_source_mapping(
            FunctionName="consume", EventSourceArn=arn, StartingPosition="TRIM_HORIZON", BatchSize=BATCH,
            ParallelizationFactor=lanes, Enabled=False)["UUID"]
        lines = pathlib.Path(directory / "records.ndjson")
        with lines.open("w") as out:
            for n in range(records):
                out.write(json.dumps({"order": n, "customer": n % 1000, "city": "x" * 100}) + "\n")
        subprocess.run([server.binary, "produce", lines, "--stream", "orders", "--endpoint-url", server.url, "--data",
                        server.data], check=True, capture_output=True)
        while functions.get_event_source_mapping(UUID=uuid)["State"] != "Disabled":
            time.sleep(0.05)
        began = time.monotonic()
        functions.update_event_source_mapping(UUID=uuid, Enabled=True)
        while (seen := consumer(server))["Records"] < records:
            if time.monotonic() - began > 300:
                raise SystemExit(f"{name}: {seen}")
            time.sleep(0.05)
        return time.monotonic() - began, seen
    finally:
        server.finish()


def run(work, seconds):
    lines = ["Kinesis to a Python function, batches of 1,000 records of 150 bytes, one shard. The function's own time is from"
             " handing it the event to its answer; it includes Python's parsing of the event. Beside it is what is left: "
             "reading, making the event, the checkpoint.", "",
             "| function | lanes | records/s | seconds | of which in the function | per call beside it |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name, source, records, lanes, table in (("nothing", NOTHING, RECORDS_OF_NOTHING, 1, False),
                                                ("BatchWriteItem by boto3", TABLE, RECORDS_OF_TABLE, 1, True),
                                                ("BatchWriteItem by boto3", TABLE, RECORDS_OF_TABLE, 4, True)):
        taken, seen = measure(work, f"{name.split()[0]}{lanes}", source, records, lanes, table)
        function_s = seen["FunctionMillis"] / 1000
        beside = f"{(taken - function_s) / seen['Calls'] * 1000:.1f} ms" if lanes == 1 else "-"
        lines.append(f"| {name} | {lanes} | {records / taken:,.0f} | {taken:.1f} | {function_s:.1f} | {beside} |")
    return lines

"""kill -9 while streams reach a function, again and again: nothing that was acknowledged is skipped, a key's records come
in order, and the position does not begin anew.

The function writes what it saw to the server that called it; some calls fail, some are slow. At least once: what was
under way when the server died comes again.
"""

import json
import os
import random
import threading
import time

import botocore.exceptions

from support.functions import create
from support.waiting import eventually

LIVES = int(os.environ.get("MILLRACE_MAPPING_KILLS", "12"))
LIFE_SECONDS_MAX = 1.6
RECORDS_A_REQUEST = 20
KEYS = 5
BUCKET = "seen"
STREAM = "numbers"

# Without boto3, which takes longer to import than a life lasts.
SOURCE = """
import base64, json, os, random, time, urllib.request, uuid

def handler(event, context):
    if random.random() < 0.1:
        raise RuntimeError("now and then")
    time.sleep(random.random() * 0.05)
    seen = [base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]
    url = f"{os.environ['AWS_ENDPOINT_URL']}/seen/{time.time_ns():020d}-{uuid.uuid4()}"
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(seen).encode(), method="PUT"), timeout=5).read()
"""


class Writer(threading.Thread):
    def __init__(self, server, first):
        super().__init__()
        self.client = server.client("kinesis")
        self.next = first
        self.acknowledged = []

    def run(self):
        while True:
            numbers = list(range(self.next, self.next + RECORDS_A_REQUEST))
            self.next += RECORDS_A_REQUEST
            try:
                answer = self.client.put_records(StreamName=STREAM, Records=[
                    {"Data": f"{n % KEYS}/{n}", "PartitionKey": f"key{n % KEYS}"} for n in numbers])
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError):
                return  # killed
            self.acknowledged += [n for n, each in zip(numbers, answer["Records"]) if "ErrorCode" not in each]
            time.sleep(0.02)  # its pace, not a wait for something


def batches(server):
    s3 = server.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return [json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys]


def test_killed_at_random_nothing_is_skipped(server_factory):
    server = server_factory(auth="off")
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM)
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
    server.client("s3").create_bucket(Bucket=BUCKET)
    functions = server.client("lambda")
    create(functions, "consume", SOURCE)
    functions.get_waiter("function_active_v2").wait(FunctionName="consume")
    uuid = functions.create_event_source_mapping(FunctionName="consume", EventSourceArn=arn, StartingPosition="LATEST",
                                                 BatchSize=30, ParallelizationFactor=2)["UUID"]
    acknowledged = []
    for _ in range(LIVES):
        writer = Writer(server, acknowledged[-1] + 10_000 if acknowledged else 0)
        writer.start()
        eventually(lambda: len(writer.acknowledged) > RECORDS_A_REQUEST)  # however slow the machine is
        time.sleep(0.3 + random.random() * LIFE_SECONDS_MAX)  # the moment of death is the test's input
        server.kill()
        writer.join()
        acknowledged += writer.acknowledged
        server.start()
    assert len(acknowledged) > LIVES * RECORDS_A_REQUEST

    def all_seen():
        seen = {int(each.split("/")[1]) for batch in batches(server) for each in batch}
        return set(acknowledged) <= seen
    eventually(all_seen)
    seen = batches(server)
    # Objects are named by the time when they were written: the first time that a key's records come, they are in order.
    newest = {}
    for batch in seen:
        for each in batch:
            key, number = each.split("/")
            newest.setdefault(key, [])
            if int(number) not in newest[key][-5000:]:
                newest[key].append(int(number))
    for key, numbers in newest.items():
        assert numbers == sorted(numbers), key
    # What came again is what was under way at a kill, not all of it.
    total = sum(len(batch) for batch in seen)
    assert total <= len(acknowledged) + LIVES * 4 * 30 + LIVES * RECORDS_A_REQUEST
    assert server.client("lambda").get_event_source_mapping(UUID=uuid)["State"] == "Enabled"

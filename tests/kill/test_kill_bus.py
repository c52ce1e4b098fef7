"""kill -9 while events go over a bus, again and again: every event that was accepted reaches its stream, and its archive
exactly once. A target that fails now and then has its retries survive, too.
"""

import datetime
import json
import os
import random
import threading
import time

import botocore.exceptions

from support.functions import create
from support.waiting import eventually

LIVES = int(os.environ.get("MILLRACE_BUS_KILLS", "8"))
LIFE_SECONDS_MAX = 1.0
ACCOUNT = "000000000000"
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/orders"


class Writer(threading.Thread):
    def __init__(self, server):
        super().__init__()
        self.client = server.client("events")
        self.accepted = []

    def run(self):
        n = 0
        while True:
            entries = [{"Source": "shop", "DetailType": "t", "EventBusName": "orders",
                        "Detail": json.dumps({"n": n + i})} for i in range(10)]
            n += 10
            try:
                answer = self.client.put_events(Entries=entries)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError):
                return  # killed
            self.accepted += [each["EventId"] for each in answer["Entries"] if "EventId" in each]
            time.sleep(0.005)  # its pace, not a wait for something


def make_stream(server, name):
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"


def ids(server, stream):
    kinesis = server.client("kinesis")
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId="shardId-000000000000",
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    found = []
    while True:
        answer = kinesis.get_records(ShardIterator=iterator)
        found += [json.loads(each["Data"]) for each in answer["Records"]]
        if not answer["Records"] and answer["MillisBehindLatest"] == 0:
            return [each["id"] for each in found]
        iterator = answer["NextShardIterator"]


def test_killed_at_random_nothing_accepted_is_lost(server_factory):
    server = server_factory(auth="off", extra=["--events-retry-ms", "50ms", "--function-events-max", "20"])
    events = server.client("events")
    events.create_event_bus(Name="orders")
    archive = events.create_archive(ArchiveName="all", EventSourceArn=BUS)["ArchiveArn"]
    # A function whose queue is nearly always full: its events wait in the bus's own queue, and are tried again.
    function = create(server.client("lambda"), "slow", "import time\ndef handler(event, context):\n    time.sleep(0.02)\n")
    pattern = json.dumps({"source": ["shop"], "replay-name": [{"exists": False}]})
    events.put_rule(Name="all", EventBusName="orders", EventPattern=pattern)
    events.put_targets(Rule="all", EventBusName="orders", Targets=[
        {"Id": "stream", "Arn": make_stream(server, "all")}, {"Id": "slow", "Arn": function["FunctionArn"]}])
    accepted = []
    for _ in range(LIVES):
        writer = Writer(server)
        writer.start()
        eventually(lambda: len(writer.accepted) > 10)  # however slow the machine is
        time.sleep(0.3 + random.random() * LIFE_SECONDS_MAX)  # the moment of death is the test's input
        server.kill()
        writer.join()
        accepted += writer.accepted
        server.start()
    assert len(accepted) > LIVES * 10
    eventually(lambda: set(accepted) <= set(ids(server, "all")))
    seen = ids(server, "all")
    # What came again is what was under way at a kill, not all of it.
    assert len(seen) < 2 * len(set(seen)) + LIVES * 100

    # The archive, read through a replay.
    events = server.client("events")
    events.put_rule(Name="again", EventBusName="orders", EventPattern=json.dumps({"replay-name": ["again"]}))
    events.put_targets(Rule="again", EventBusName="orders",
                       Targets=[{"Id": "stream", "Arn": make_stream(server, "again")}])
    now = datetime.datetime.now(datetime.timezone.utc)
    events.start_replay(ReplayName="again", EventSourceArn=archive, EventStartTime=now - datetime.timedelta(hours=1),
                        EventEndTime=now + datetime.timedelta(minutes=1), Destination={"Arn": BUS})
    eventually(lambda: events.describe_replay(ReplayName="again")["State"] == "COMPLETED")
    count = events.describe_archive(ArchiveName="all")["EventCount"]
    again = eventually(lambda: len(found := ids(server, "again")) >= count and found)
    assert len(again) == len(set(again)) == count
    assert set(accepted) <= set(again)

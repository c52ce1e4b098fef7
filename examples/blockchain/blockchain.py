"""Unconfirmed bitcoin transactions, polled each second from a local server that answers as blockchain.info does, onto an
event bus; a rule hands them to a Firehose whose function drops what was seen before; the archive must hold every
transaction exactly once.

Starts a server of its own on a fresh directory, unless --url (or AWS_ENDPOINT_URL) names one that runs - which must be
allowed to call 127.0.0.1 (--outbound-allow).
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "orders"))

import chain  # noqa: E402
import pipeline  # noqa: E402
from server import REPOSITORY, add_server_options, clients, command, wait_until  # noqa: E402


def check(name, found, wanted):
    if found != wanted:
        sys.exit(f"blockchain: {name}: found {found}, counted {wanted}")


def archive(client):
    """Every line of every object."""
    s3 = client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=pipeline.BUCKET, Prefix="transactions/")
    bodies = [s3.get_object(Bucket=pipeline.BUCKET, Key=each["Key"])["Body"].read()
              for page in pages for each in page.get("Contents", [])]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


def passed(client):
    """How many records the function has been handed, repeated ones included."""
    item = client("dynamodb").get_item(TableName=pipeline.TABLE, Key={"hash": {"S": "#passed"}}, ConsistentRead=True)
    return int(item.get("Item", {}).get("count", {"N": "0"})["N"])


class Source:
    """`millrace sources`, which no API of AWS's has."""

    def __init__(self, binary, url):
        self.binary, self.url = binary, url

    def run(self, *arguments):
        return subprocess.run([self.binary, "sources", *arguments, "--endpoint-url", self.url], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def add(self, chain_url, every):
        self.run("add", "unconfirmed", chain_url, "--every", every, "--records", "$.txs",
                 "--to", f"bus:{pipeline.BUS}", "--source", pipeline.SOURCE, "--detail-type", pipeline.DETAIL_TYPE)

    def show(self):
        return json.loads(self.run("list", "--json"))["sources"][0]


def run(client, source, served, every, seconds):
    began = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    total = len(served.transactions)
    pipeline.build(client)
    say("built: a table with a time to live, a function, a Firehose, a bus and its rule")
    source.add(served.url, every)
    wait_until("all transactions were polled", lambda: served.served == total, seconds)
    again = served.polls + 3  # the last hundred a few times more
    wait_until("polls go on", lambda: served.polls >= again, seconds)
    source.run("pause", "unconfirmed")
    wait_until("the poll under way is sent", lambda: source.show()["State"] == "paused" and
               source.show()["RecordsSent"] == source.show()["RecordsSeen"], seconds)
    shown = source.show()
    check("polls that failed", shown["Failures"], 0)
    say(f"{shown['Polls']} polls brought {shown['RecordsSeen']} transactions, {total} of them different")

    wait_until("every event has passed the function", lambda: passed(client) >= shown["RecordsSent"], seconds)
    wait_until("all transactions are in the archive", lambda: len(archive(client)) >= total, seconds)
    lines = archive(client)
    twice = [name for name, count in collections.Counter(line["hash"] for line in lines).items() if count > 1]
    check("transactions archived twice", twice, [])
    check("transactions in the archive", {line["hash"] for line in lines}, {each["hash"] for each in served.transactions})
    originals = {each["hash"]: each for each in served.transactions}
    check("transactions that differ from the original", [line["hash"] for line in lines if line != originals[line["hash"]]],
          [])
    check("fees", sum(line["fee"] for line in lines), sum(each["fee"] for each in served.transactions))
    say(f"the archive holds {len(lines)} transactions, each once, {sum(line['fee'] for line in lines)} satoshi of fees")
    scan = client("dynamodb").get_paginator("scan").paginate(TableName=pipeline.TABLE)
    items = [item for page in scan for item in page["Items"] if item["hash"]["S"] != "#passed"]
    check("hashes remembered", len(items), total)
    check("hashes that expire", sum(int(item["expires"]["N"]) > time.time() for item in items), total)
    check("failed records' objects",
          client("s3").list_objects_v2(Bucket=pipeline.BUCKET, Prefix="errors/")["KeyCount"], 0)
    say("every figure agrees")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=600, help="how many different ones (600)")
    parser.add_argument("--step", type=int, default=30, help="how many more each poll finds, at most 100 (30)")
    parser.add_argument("--every", default="1s", help="from one poll to the next (1s)")
    add_server_options(parser)
    parser.add_argument("--seconds", type=int, default=120, help="how long to wait for each thing (120)")
    options = parser.parse_args()
    if not 1 <= options.step <= chain.WINDOW:
        parser.error("--step is 1 to 100: what falls out of the window before it is polled can not be archived")
    templates = chain.recorded(REPOSITORY)
    print(f"{len(templates)} recorded transactions" if templates else "no recorded transactions: they are generated")
    served = chain.Chain(chain.transactions(options.transactions, templates), options.step)
    with contextlib.ExitStack() as stack:
        stack.callback(served.close)
        allowed = ("--outbound-allow", f"127.0.0.1:{served.port}")
        client, url = stack.enter_context(clients(options, *allowed))
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "unsigned")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "unsigned")
        run(client, Source(options.binary, url), served, options.every, options.seconds)


if __name__ == "__main__":
    command(main)

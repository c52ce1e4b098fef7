import json
import subprocess

import pytest

from support.polled import Polled
from support.waiting import eventually


@pytest.fixture
def polled():
    """polled(answer) -> a running local web server; see support/polled.py."""
    made = []

    def make(answer, **options):
        made.append(Polled(answer, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


class Sources:
    """`millrace sources` for one server."""

    def __init__(self, server):
        self.server = server

    def run(self, *arguments, ok=True):
        done = subprocess.run([self.server.binary, "sources", *map(str, arguments), "--endpoint-url", self.server.url],
                              capture_output=True, text=True, timeout=60, env=self.server.client_environment())
        if ok:
            assert done.returncode == 0, done.stderr
        return done

    def add(self, name, url, *options, every="50ms", ok=True):
        return self.run("add", name, url, "--every", every, *options, ok=ok)

    def show(self, name):
        listed = json.loads(self.run("list", "--json").stdout)["sources"]
        return next((each for each in listed if each["Name"] == name), None)

    def wait(self, name, condition):
        """The source once `condition` of it holds."""
        return eventually(lambda: condition(shown := self.show(name)) and shown,
                          tell=lambda: f"{self.show(name)}\n{self.server.log()}")


class Stream:
    """A stream of one shard, and everything in it."""

    def __init__(self, server, name, shards=1):
        self.client = server.client("kinesis")
        self.name = name
        self.client.create_stream(StreamName=name, ShardCount=shards)
        self.client.get_waiter("stream_exists").wait(StreamName=name)

    def records(self):
        out = []
        for shard in self.client.list_shards(StreamName=self.name)["Shards"]:
            iterator = self.client.get_shard_iterator(StreamName=self.name, ShardId=shard["ShardId"],
                                                      ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            while True:
                page = self.client.get_records(ShardIterator=iterator)
                out += page["Records"]
                iterator = page["NextShardIterator"]
                if not page["Records"] and page["MillisBehindLatest"] == 0:
                    break
        return out

    def values(self):
        return [json.loads(record["Data"]) for record in self.records()]


@pytest.fixture(scope="module")
def open_server(binary, module_path):
    """A server that may call this machine: the local web servers of these tests."""
    from support.server import Server

    running = Server(module_path / "open", binary, extra=["--outbound-allow", "127.0.0.1"])
    running.start()
    yield running
    running.finish()


@pytest.fixture
def sources(open_server):
    made = Sources(open_server)
    yield made
    for each in json.loads(made.run("list", "--json").stdout)["sources"]:
        made.run("remove", each["Name"])


@pytest.fixture
def stream(open_server, request):
    made = Stream(open_server, request.node.name[:60].replace("[", "-").replace("]", ""))
    yield made
    made.client.delete_stream(StreamName=made.name, EnforceConsumerDeletion=True)

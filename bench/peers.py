"""The servers a team would otherwise use, each started on a free loopback port with a data directory of its own and
stopped again. All keep to their defaults but for what is named here."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

SHARDS = 4
ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import prepare  # noqa: E402
from support.server import Server  # noqa: E402


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a peer ended with exit code {process.returncode}")
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1)
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("a peer did not listen in time")


class Peer:
    """with Peer(...) as peer: peer.port, peer.resident_mb()"""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True)
        self.port = free_port()

    def __enter__(self):
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen([str(word) for word in self.command()], stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})
        wait_for_port(self.port, self.process).close()
        self.set_up()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    environment = {}

    def set_up(self):
        """What has to exist before records can go in."""

    def resident_mb(self):
        return peak_resident_mb(self.process.pid)


def peak_resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Kinesalite(Peer):
    """In memory: keeps nothing over a restart, verifies no signature."""
    name = "kinesalite (npm, in memory)"

    def command(self):
        script = "require('kinesalite')({createStreamMs: 0}).listen(+process.argv[1], '127.0.0.1')"
        return ["node", "-e", script, self.port]

    def set_up(self):
        create = prepare.kinesis_request(self.port, "CreateStream", {"StreamName": "bench", "ShardCount": SHARDS},
                                         self.keys)
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(create)
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("kinesalite did not create a stream")
        time.sleep(0.5)  # it answers before the stream is active, and has no event to wait for

    keys = ("bench", "bench")  # it wants a signature's form and verifies none

    environment = {"NODE_PATH": str(ROOT / ".deps" / "clients" / "node_modules")}


EXPRESS = """
const express = require("express");
const { KinesisClient, PutRecordCommand } = require("@aws-sdk/client-kinesis");
const kinesis = new KinesisClient({ endpoint: process.argv[2], region: "us-east-1",
                                    credentials: { accessKeyId: "bench", secretAccessKey: "bench" } });
const app = express();
app.use(express.json());
app.post("/orders", async (request, response) => {
    const put = new PutRecordCommand({ StreamName: "bench", PartitionKey: request.body.id,
                                       Data: Buffer.from(JSON.stringify(request.body)) });
    response.json({ sequence: (await kinesis.send(put)).SequenceNumber });
});
app.listen(+process.argv[1], "127.0.0.1");
"""


class Express(Peer):
    """What a user would write instead of a REST API with a mapping template; puts into `kinesis_url`."""
    name = "Express (npm)"
    environment = {"NODE_ENV": "production",
                   "NODE_PATH": ":".join(str(ROOT / ".deps" / each / "node_modules") for each in ("peers", "clients"))}

    def __init__(self, directory, kinesis_url):
        super().__init__(directory)
        self.kinesis_url = kinesis_url

    def command(self):
        return ["node", "-e", EXPRESS, self.port, self.kinesis_url]


class Nginx(Peer):
    """One worker that answers a fixed body: HTTP alone."""
    name = "nginx"

    def command(self):
        configuration = self.directory / "nginx.conf"
        configuration.write_text(f"""
            worker_processes 1; daemon off; pid {self.directory}/pid; error_log {self.directory}/error.log;
            events {{ worker_connections 1024; }}
            http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {self.directory}/body;
                    proxy_temp_path {self.directory}/p; fastcgi_temp_path {self.directory}/f;
                    uwsgi_temp_path {self.directory}/u; scgi_temp_path {self.directory}/s;
                    server {{ listen 127.0.0.1:{self.port}; default_type application/json;
                              location / {{ return 200 '{{"sequence": "0"}}'; }} }} }}""")
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", configuration, "-e", self.directory / "error.log"]


class Dynalite(Peer):
    """In memory: keeps nothing over a restart, verifies no signature."""
    name = "dynalite (npm, in memory)"
    keys = ("bench", "bench")  # it wants a signature's form and verifies none
    environment = {"NODE_PATH": str(ROOT / ".deps" / "peers" / "node_modules")}

    def command(self):
        script = "require('dynalite')({createTableMs: 0}).listen(+process.argv[1], '127.0.0.1')"
        return ["node", "-e", script, self.port]


class DynamoDbLocal(Peer):
    """AWS's own, in Java, in memory: its fastest way. Absent where Maven or Java is."""
    name = "DynamoDB Local (Java, in memory)"
    keys = ("bench", "bench")
    jars = ROOT / ".deps" / "dynamodb-local"

    @classmethod
    def available(cls):
        if not list(cls.jars.glob("DynamoDBLocal-*.jar")) and shutil.which("mvn") and shutil.which("java"):
            subprocess.run(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={cls.jars}"],
                           cwd=ROOT / "deps" / "dynamodb-local", timeout=600, check=False)
        return bool(shutil.which("java") and list(cls.jars.glob("DynamoDBLocal-*.jar")))

    def command(self):
        return ["java", "-cp", f"{self.jars}/*", "com.amazonaws.services.dynamodbv2.local.main.ServerRunner", "-inMemory",
                "-port", self.port]


class Redis(Peer):
    name = "Redis Streams (appendfsync always)"

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", self.directory, "--appendonly",
                "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]


class Nats(Peer):
    """File storage. NATS acknowledges before it syncs (sync_interval is two minutes by default)."""
    name = "NATS JetStream (file, no sync a message)"

    def command(self):
        return ["nats-server", "-a", "127.0.0.1", "-p", self.port, "-js", "-sd", self.directory / "store"]

    def set_up(self):
        config = json.dumps({"name": "BENCH", "subjects": ["bench"], "storage": "file", "num_replicas": 1}).encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            reader = connection.makefile("rb")
            reader.readline()  # INFO
            connection.sendall(b'CONNECT {"verbose":false}\r\nSUB _INBOX.setup 1\r\nPUB $JS.API.STREAM.CREATE.BENCH '
                               b"_INBOX.setup %d\r\n%s\r\n" % (len(config), config))
            while not (line := reader.readline()).startswith(b"MSG"):
                if not line:
                    raise RuntimeError("NATS hung up")
            answer = json.loads(reader.read(int(line.split()[-1])))
            if "error" in answer:
                raise RuntimeError(f"NATS: {answer}")

    greeting = b'CONNECT {"verbose":false}\r\nSUB _INBOX.%s 1\r\n' % prepare.NATS_CONNECTION.encode()


class Millrace:
    name = "Millrace"

    def __init__(self, directory, auth, extra=()):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True)
        self.server = Server(directory, auth=auth, extra=extra)
        self.directory = directory

    def __enter__(self):
        self.server.start()
        self.port = self.server.port
        return self

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def keys(self):
        return (self.server.access_key, self.server.secret_key)

    def resident_mb(self):
        return peak_resident_mb(self.server.process.pid)

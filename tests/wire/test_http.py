"""TLS, HTTP/2 and the three clients that the README names, each as the process that people run."""

import json
import ssl
import subprocess
import urllib.request

import botocore.config
import pytest

from support.patience import patient

PUT_AND_GET = """
const { KinesisClient, CreateStreamCommand, DescribeStreamSummaryCommand, PutRecordsCommand, ListShardsCommand,
        GetShardIteratorCommand, GetRecordsCommand } = require("@aws-sdk/client-kinesis");
const client = new KinesisClient({ endpoint, region: "us-east-1", maxAttempts: 1 });
await client.send(new CreateStreamCommand({ StreamName: argument.stream, ShardCount: 1 }));
const protocol = client.config.requestHandler.constructor.name;
const Records = [...Array(argument.count).keys()].map((n) => (
    { Data: Buffer.from("record " + n), PartitionKey: "k" + n }));
const put = await client.send(new PutRecordsCommand({ StreamName: argument.stream, Records }));
const shards = await client.send(new ListShardsCommand({ StreamName: argument.stream }));
let { ShardIterator } = await client.send(new GetShardIteratorCommand({
    StreamName: argument.stream, ShardId: shards.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON" }));
const got = [];
while (got.length < argument.count) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 100 }));
    got.push(...page.Records.map((record) => Buffer.from(record.Data).toString()));
    ShardIterator = page.NextShardIterator;
}
return { protocol, failed: put.FailedRecordCount, got };
"""


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{http_version}", *arguments],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_javascript_sdk_speaks_http2(server, node):
    answer = node(PUT_AND_GET, {"stream": "from-node", "count": 450})
    assert answer["protocol"] == "NodeHttp2Handler"
    assert answer["failed"] == 0
    assert answer["got"] == [f"record {n}" for n in range(450)]


def test_http2_with_prior_knowledge(server):
    assert curl("--http2-prior-knowledge", f"{server.url}/_millrace/health") == "200 2"
    assert curl("--http1.1", f"{server.url}/_millrace/health") == "200 1.1"


@pytest.fixture(scope="module")
def tls_server(binary, module_path):
    from support.server import Server
    running = Server(module_path / "tls", binary, extra=["--tls"])
    running.start()
    yield running
    running.finish()


def test_tls_and_plain_share_the_port(tls_server):
    secure = tls_server.url.replace("http:", "https:")
    assert curl("-k", "--http2", f"{secure}/_millrace/health") == "200 2"  # ALPN
    assert curl("-k", "--http1.1", f"{secure}/_millrace/health") == "200 1.1"
    assert curl(f"{tls_server.url}/_millrace/health") == "200 1.1"


def test_the_generated_certificate_verifies(tls_server):
    certificates = sorted((tls_server.data / "tls").glob("*.pem"))
    context = ssl.create_default_context()
    loaded = 0
    for path in certificates:
        if "PRIVATE" not in path.read_text():
            context.load_verify_locations(path)
            loaded += 1
    assert loaded
    url = tls_server.url.replace("http:", "https:").replace("127.0.0.1", "localhost")
    with urllib.request.urlopen(f"{url}/_millrace/health", context=context, timeout=60) as answer:
        assert answer.status == 200


def test_boto3_over_tls(tls_server):
    client = tls_server.client("kinesis", endpoint_url=tls_server.url.replace("http:", "https:"), verify=False)
    client.create_stream(StreamName="over-tls", ShardCount=1)
    assert "over-tls" in client.list_streams()["StreamNames"]


def test_the_javascript_sdk_over_tls(tls_server):
    from support.clients import Node
    secure = tls_server.url.replace("http:", "https:")
    answer = Node(tls_server)(PUT_AND_GET, {"stream": "node-tls", "count": 20},
                              {"MILLRACE_URL": secure, "NODE_TLS_REJECT_UNAUTHORIZED": "0"})
    assert answer["got"] == [f"record {n}" for n in range(20)]


def test_a_given_certificate_is_used(server_factory, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    server = server_factory(extra=["--tls-certificate", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem"])
    context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    url = f"https://localhost:{server.port}/_millrace/health"
    with urllib.request.urlopen(url, context=context, timeout=60) as answer:
        assert answer.status == 200


def test_the_readme_tour_with_the_aws_cli(server, aws_cli, tmp_path):
    aws_cli("kinesis", "create-stream", "--stream-name", "clicks", "--shard-count", 2)
    put = aws_cli("kinesis", "put-record", "--stream-name", "clicks", "--partition-key", "user1", "--data",
                  "eyJwYWdlIjoiLyJ9Cg==")
    iterator = aws_cli("kinesis", "get-shard-iterator", "--stream-name", "clicks", "--shard-id", put["ShardId"],
                       "--shard-iterator-type", "TRIM_HORIZON")["ShardIterator"]
    records = aws_cli("kinesis", "get-records", "--shard-iterator", iterator)["Records"]
    assert [record["Data"] for record in records] == ["eyJwYWdlIjoiLyJ9Cg=="]
    file = tmp_path / "file.txt"
    file.write_text("hello lake\n")
    aws_cli("s3", "mb", "s3://tour-lake")
    aws_cli("s3", "cp", file, "s3://tour-lake/docs/file.txt")
    assert aws_cli("s3", "cp", "s3://tour-lake/docs/file.txt", "-") == "hello lake"
    started = aws_cli("athena", "start-query-execution", "--query-string", "SELECT 1 AS one", "--result-configuration",
                      "OutputLocation=s3://tour-lake/results/")
    assert started["QueryExecutionId"]


def test_adaptive_retries_see_request_ids(server):
    config = botocore.config.Config(retries={"mode": "adaptive", "total_max_attempts": 3})
    answer = server.client("kinesis", config=config).list_streams()
    assert answer["ResponseMetadata"]["RequestId"]
    assert json.dumps(answer["StreamNames"])


def test_a_port_that_is_taken_says_what_to_do(server, tmp_path):
    done = subprocess.run([server.binary, "serve", "--data", tmp_path / "data", "--listen", f"127.0.0.1:{server.port}"],
                          capture_output=True, text=True, timeout=patient(60))
    assert done.returncode == 1
    assert f"can not listen on 127.0.0.1:{server.port}: Address already in use: " in done.stderr
    assert "take another port" in done.stderr

"""`millrace produce`, seen from the other side: what boto3 reads from the stream or the bucket."""

import gzip
import json
import subprocess
import time

import pytest

from support.firehose import lines
from support.patience import patient
from support.waiting import eventually

CSV = ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
       "536365,85123A,\"LANTERN, \"\"RED\"\"\",6,12/1/2010 8:26,2.55,17850,United Kingdom\r\n"
       "C536379,D,,-1,12/1/2010 9:41,27.5,,EIRE\r\n").encode() + b"536380,1,VOUCHER \xa340.00,1,1/5/2011 14:44,0.001,1,France\r\n"

RECORDS = [
    {"InvoiceNo": "536365", "StockCode": "85123A", "Description": "LANTERN, \"RED\"", "Quantity": 6,
     "InvoiceDate": "2010-12-01 08:26:00", "UnitPrice": 2.55, "CustomerID": "17850", "Country": "United Kingdom"},
    {"InvoiceNo": "C536379", "StockCode": "D", "Quantity": -1, "InvoiceDate": "2010-12-01 09:41:00",
     "UnitPrice": 27.5, "Country": "EIRE"},
    {"InvoiceNo": "536380", "StockCode": "1", "Description": "VOUCHER £40.00", "Quantity": 1,
     "InvoiceDate": "2011-01-05 14:44:00", "UnitPrice": 0.001, "CustomerID": "1", "Country": "France"},
]


def produce(server, *arguments, **options):
    return subprocess.run([server.binary, "produce", "--endpoint-url", server.url, "--data", server.data,
                           *map(str, arguments)], capture_output=True, timeout=120, **options)


def read_all(kinesis, stream, count):
    records = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        at = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"],
                                        ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while True:
            page = kinesis.get_records(ShardIterator=at)
            records += page["Records"]
            at = page["NextShardIterator"]
            if not page["Records"] and page["MillisBehindLatest"] == 0:
                break
    assert len(records) == count
    return records


@pytest.fixture
def stream(boto, request):
    name = f"produce-{request.node.name.replace('[', '-').strip(']')}"
    boto("kinesis").create_stream(StreamName=name, ShardCount=2)
    return name


def test_csv_rows_become_json_records(server, boto, stream, tmp_path):
    (tmp_path / "orders.csv").write_bytes(CSV)
    done = produce(server, tmp_path / "orders.csv", "--preset", "retail", "--stream", stream, "--connections", 1)
    assert done.returncode == 0, done.stderr
    records = read_all(boto("kinesis"), stream, 3)
    key = {record["PartitionKey"]: json.loads(record["Data"]) for record in records}
    assert key == {each["InvoiceNo"]: each for each in RECORDS}
    assert all(record["Data"].endswith(b"\n") for record in records)


def test_zstd_and_named_columns(server, boto, stream, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,when\nx,1,2020-02-03\n")
    subprocess.run(["zstd", "-q", tmp_path / "t.csv"], check=True)
    done = produce(server, tmp_path / "t.csv.zst", "--number", "b", "--time", "when=%Y-%m-%d", "--partition-key", "b",
                   "--stream", stream)
    assert done.returncode == 0, done.stderr
    record = read_all(boto("kinesis"), stream, 1)[0]
    assert json.loads(record["Data"]) == {"a": "x", "b": 1, "when": "2020-02-03 00:00:00"}
    assert record["PartitionKey"] == "1"


def test_ndjson_from_standard_input_keeps_its_lines(server, boto, stream):
    sent = [json.dumps({"id": n, "text": "é" * (n % 7)}) for n in range(1200)]
    done = produce(server, "-", "--format", "ndjson", "--partition-key", "id", "--stream", stream, "--connections", 3,
                   input="\n".join(sent).encode())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"1200 records, ")
    records = read_all(boto("kinesis"), stream, 1200)
    assert sorted(record["Data"].decode().rstrip("\n") for record in records) == sorted(sent)


def test_the_generator_and_the_rate(server, boto, stream):
    begin = time.monotonic()
    done = produce(server, "--generate", "retail", "--records", 300, "--rate", 300, "--stream", stream)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begin > 0.5  # the last request falls due at 0.9 s: never all at once
    read_all(boto("kinesis"), stream, 300)


@pytest.mark.parametrize("arguments, words", [
    (["--stream", "no-such-stream", "--generate", "retail", "--records", "1"], b"ResourceNotFoundException"),
    (["--stream", "s", "missing.csv"], b"missing.csv"),
    (["--stream", "s"], b"--generate"),
    (["--generate", "retail"], b"--delivery-stream"),
])
def test_what_does_not_work_is_said_in_one_line(server, arguments, words):
    done = produce(server, *arguments)
    assert done.returncode in (1, 2)
    assert words in done.stderr and done.stderr.count(b"\n") == 1


def test_a_row_that_does_not_fit_names_its_line(server, stream, tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\nx,many\n")
    done = produce(server, tmp_path / "bad.csv", "--number", "b", "--stream", stream)
    assert done.returncode == 2
    assert b"line 3" in done.stderr and b"many" in done.stderr


def test_to_a_firehose(server, boto, tmp_path):
    boto("s3").create_bucket(Bucket="produce-lake")
    boto("firehose").create_delivery_stream(
        DeliveryStreamName="direct", DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": "arn:aws:s3:::produce-lake",
            "BufferingHints": {"IntervalInSeconds": 1, "SizeInMBs": 5}, "CompressionFormat": "GZIP"})
    done = produce(server, "--generate", "retail", "--records", 700, "--delivery-stream", "direct")
    assert done.returncode == 0, done.stderr
    found = eventually(lambda: len(found := lines(boto("s3"), "produce-lake", decode=gzip.decompress)) >= 700 and found)
    assert len(found) == 700
    assert {json.loads(line)["Country"] for line in found} >= {"United Kingdom"}


def test_the_server_is_told_by_awss_variables(server, stream):
    told = subprocess.run([server.binary, "produce", "--generate", "retail", "--records", "3", "--stream", stream],
                          capture_output=True, timeout=patient(60),
                          env={**server.client_environment(), "AWS_ENDPOINT_URL": server.url})
    assert told.returncode == 0, told.stderr

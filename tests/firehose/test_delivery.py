"""What is put into a delivery stream lies in S3: whole, once, in order, under the names that AWS gives."""

import base64
import json
import random
import re
import time

import pytest
from support.firehose import DECODERS, lines, lines_destination, objects, s3_destination
from support.waiting import eventually

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.fixture
def bucket(boto, request):
    name = "lake-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:50]
    boto("s3").create_bucket(Bucket=name)
    return name


def create(boto, name, destination, **arguments):
    boto("firehose").create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination,
                                            **arguments)


@pytest.mark.parametrize("compression", DECODERS)
def test_every_compression_reads_back(boto, bucket, compression):
    name = f"packed-{compression}"
    create(boto, name, lines_destination(bucket, CompressionFormat=compression, Prefix="in/"))
    chance = random.Random(5)
    sent = [f"{number} {chance.randbytes(chance.randrange(800)).hex()}" for number in range(1000)]
    for at in range(0, len(sent), 250):
        answer = boto("firehose").put_record_batch(
            DeliveryStreamName=name, Records=[{"Data": line} for line in sent[at:at + 250]])
        assert answer["FailedPutCount"] == 0
        assert len({each["RecordId"] for each in answer["RequestResponses"]}) == 250
    extension, decode = DECODERS[compression]
    eventually(lambda: len(lines(boto("s3"), bucket, "in/", decode)) >= len(sent))
    assert lines(boto("s3"), bucket, "in/", decode) == sent
    for key in objects(boto("s3"), bucket):
        assert re.fullmatch(rf"in/\d{{4}}/\d\d/\d\d/\d\d/{name}-1-\d{{4}}(-\d\d){{5}}-{UUID}{extension}", key), key


def test_records_are_joined_as_they_are_without_the_processor(boto, bucket):
    create(boto, "joined", s3_destination(bucket))
    boto("firehose").put_record_batch(DeliveryStreamName="joined", Records=[{"Data": b"\x00a"}, {"Data": b"\xffb"}])
    eventually(lambda: b"".join(objects(boto("s3"), bucket).values()) == b"\x00a\xffb")


def test_size_closes_an_object_before_the_interval(boto, bucket):
    create(boto, "sized", s3_destination(bucket, BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900}))
    for _ in range(5):
        boto("firehose").put_record_batch(DeliveryStreamName="sized", Records=[{"Data": bytes(700_000)}])
    found = eventually(lambda: len(objects(boto("s3"), bucket)) == 2 and objects(boto("s3"), bucket))
    assert [len(data) for data in found.values()] == [1_400_000, 1_400_000]  # the fifth waits


def test_prefix_expressions_and_extension(boto, bucket):
    create(boto, "named", s3_destination(
        bucket, Prefix="y=!{timestamp:yyyy}/!{timestamp:'day='DDD}/r=!{firehose:random-string}/",
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/", FileExtension=".json",
        CustomTimeZone="Asia/Tokyo"))
    before = time.time()
    boto("firehose").put_record(DeliveryStreamName="named", Record={"Data": b"{}"})
    (key,) = eventually(lambda: objects(boto("s3"), bucket))
    found = re.fullmatch(rf"y=(\d{{4}})/day=(\d{{3}})/r=[0-9a-f-]{{11}}/named-1-(\d{{4}}(?:-\d\d){{5}})-{UUID}\.json", key)
    assert found, key
    in_tokyo = {time.strftime("%Y%j", time.gmtime(moment + 9 * 3600)) for moment in (before, time.time())}
    assert found.group(1) + found.group(2) in in_tokyo


def test_a_missing_bucket_holds_the_records_until_it_is_there(boto):
    create(boto, "patient", lines_destination("not-yet-there"))
    boto("firehose").put_record(DeliveryStreamName="patient", Record={"Data": b"waits"})

    def description():
        return boto("firehose").describe_delivery_stream(
            DeliveryStreamName="patient")["DeliveryStreamDescription"]

    assert "bucket" in eventually(lambda: description().get("FailureDescription"))["Details"]
    assert description()["DeliveryStreamStatus"] == "ACTIVE"
    boto("s3").create_bucket(Bucket="not-yet-there")
    assert eventually(lambda: lines(boto("s3"), "not-yet-there")) == ["waits"]
    eventually(lambda: "FailureDescription" not in description())


def test_an_update_takes_effect_for_what_comes(boto, bucket):
    create(boto, "moving", lines_destination(bucket, Prefix="old/"))
    firehose = boto("firehose")
    firehose.put_record(DeliveryStreamName="moving", Record={"Data": b"1"})
    eventually(lambda: lines(boto("s3"), bucket, "old/"))
    firehose.update_destination(DeliveryStreamName="moving", CurrentDeliveryStreamVersionId="1",
                                DestinationId="destinationId-000000000001",
                                ExtendedS3DestinationUpdate={"Prefix": "new/", "CompressionFormat": "GZIP"})
    firehose.put_record(DeliveryStreamName="moving", Record={"Data": b"2"})
    assert eventually(lambda: lines(boto("s3"), bucket, "new/", DECODERS["GZIP"][1])) == ["2"]
    assert lines(boto("s3"), bucket, "old/") == ["1"]
    (key,) = objects(boto("s3"), bucket, "new/")
    assert "/moving-2-" in key


def test_a_kinesis_stream_as_source(boto, bucket):
    kinesis, firehose = boto("kinesis"), boto("firehose")
    kinesis.create_stream(StreamName="source", ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName="source", WaiterConfig={"Delay": 1})
    arn = kinesis.describe_stream_summary(StreamName="source")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.put_record(StreamName="source", PartitionKey="k", Data=b"before: Firehose begins at the end")
    create(boto, "from-stream", lines_destination(bucket), DeliveryStreamType="KinesisStreamAsSource",
           KinesisStreamSourceConfiguration={"KinesisStreamARN": arn,
                                             "RoleARN": "arn:aws:iam::000000000000:role/firehose"})
    sent = [{"k": f"key-{number % 17}", "n": number} for number in range(1500)]
    for at in range(0, len(sent), 500):
        kinesis.put_records(StreamName="source", Records=[
            {"Data": json.dumps(each), "PartitionKey": each["k"]} for each in sent[at:at + 500]])
    eventually(lambda: len(lines(boto("s3"), bucket)) >= len(sent))
    got = [json.loads(line) for line in lines(boto("s3"), bucket)]
    for key in {each["k"] for each in sent}:  # in order along a shard, and so along a key
        assert [each for each in got if each["k"] == key] == [each for each in sent if each["k"] == key]

    source = firehose.describe_delivery_stream(
        DeliveryStreamName="from-stream")["DeliveryStreamDescription"]["Source"]["KinesisStreamSourceDescription"]
    assert source["KinesisStreamARN"] == arn
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="not permitted on KinesisStreamAsSource"):
        firehose.put_record(DeliveryStreamName="from-stream", Record={"Data": b"x"})


def test_the_aws_cli(boto, aws_cli, bucket):
    # Debian's CLI still holds to the old minimum of 60 s, so size closes the object.
    aws_cli("firehose", "create-delivery-stream", "--delivery-stream-name", "by-cli",
            "--extended-s3-destination-configuration", json.dumps(lines_destination(
                bucket, BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})))
    for letter in "ab":
        answer = aws_cli("firehose", "put-record-batch", "--delivery-stream-name", "by-cli", "--records",
                         json.dumps([{"Data": base64.b64encode(letter.encode() * 40_000).decode()}]))
        assert answer["FailedPutCount"] == 0
    boto("firehose").put_record(DeliveryStreamName="by-cli", Record={"Data": bytes(1_000_000)})
    eventually(lambda: [line[0] for line in lines(boto("s3"), bucket)] == ["a", "b", "\0"])
    seen = aws_cli("firehose", "describe-delivery-stream", "--delivery-stream-name", "by-cli")
    assert seen["DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE"


def test_the_javascript_sdk(boto, node, bucket):
    create(boto, "by-node", lines_destination(bucket))
    answer = node("""
        const { FirehoseClient, PutRecordBatchCommand } = require("@aws-sdk/client-firehose");
        const client = new FirehoseClient({ endpoint });
        return await client.send(new PutRecordBatchCommand({ DeliveryStreamName: "by-node",
            Records: [{ Data: Buffer.from("x/y?z") }, { Data: Buffer.from("ÿ") }] }));
    """)
    assert answer["FailedPutCount"] == 0
    eventually(lambda: lines(boto("s3"), bucket) == ["x/y?z", "ÿ"])

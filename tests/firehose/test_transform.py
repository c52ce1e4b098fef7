"""A function between the stream and the bucket: what it makes of each record is what lies there."""

import base64
import io
import json
import re
import zipfile

import pytest
from support.firehose import lines, objects, s3_destination
from support.waiting import eventually

FUNCTION = '''
import base64, json
def handler(event, context):
    out = []
    for record in event["records"]:
        data = json.loads(base64.b64decode(record["data"]))
        kind = data.get("kind", "ok")
        if kind == "raise":
            raise RuntimeError("it raised")
        if kind == "missing":
            continue
        answer = {"recordId": record["recordId"], "result": {"drop": "Dropped", "fail": "ProcessingFailed"}.get(kind, "Ok")}
        data["seen"] = sorted(event.keys())
        answer["data"] = base64.b64encode((json.dumps(data) + "\\\\n").encode()).decode()
        answer["metadata"] = {"partitionKeys": {"country": data.get("country", "none")}}
        if kind == "as it is":
            answer["data"] = record["data"]
        out.append(answer)
        if kind == "twice":
            out.append(answer)
    return {"records": out}
'''


@pytest.fixture(scope="module")
def function_arn(server):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", FUNCTION.replace("\\\\n", "\\n"))
    client = server.client("lambda")
    made = client.create_function(FunctionName="transform", Runtime="python3.12", Handler="app.handler",
                                  Role="arn:aws:iam::000000000000:role/f", Code={"ZipFile": package.getvalue()})
    client.get_waiter("function_active_v2").wait(FunctionName="transform")
    return made["FunctionArn"]


@pytest.fixture
def bucket(boto, request):
    name = ("shaped-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:50]).strip("-")
    boto("s3").create_bucket(Bucket=name)
    return name


def transformed(bucket, function_arn, retries=0, **changes):
    parameters = {"LambdaArn": function_arn, "NumberOfRetries": str(retries), "BufferSizeInMBs": "1",
                  "BufferIntervalInSeconds": "1"}
    return {**s3_destination(bucket), "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 1}, "Prefix": "in/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
            "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                {"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]}]}, **changes}


def put(boto, name, destination, records):
    boto("firehose").create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)
    boto("firehose").put_record_batch(DeliveryStreamName=name, Records=[{"Data": json.dumps(each)} for each in records])


def failures(boto, bucket):
    return [json.loads(line) for line in lines(boto("s3"), bucket, "errors/processing-failed/")]


def test_each_record_becomes_what_the_function_says(boto, bucket, function_arn):
    sent = [{"n": n, "kind": ["ok", "drop", "fail"][n % 3]} for n in range(300)]
    put(boto, "shaped", transformed(bucket, function_arn), sent)
    eventually(lambda: len(lines(boto("s3"), bucket, "in/")) >= 100 and len(failures(boto, bucket)) >= 100)
    found = [json.loads(line) for line in lines(boto("s3"), bucket, "in/")]
    assert [each["n"] for each in found] == list(range(0, 300, 3))
    assert found[0]["seen"] == ["deliveryStreamArn", "invocationId", "records", "region"]
    failed = failures(boto, bucket)
    assert [json.loads(base64.b64decode(each["rawData"]))["n"] for each in failed] == list(range(2, 300, 3))
    assert failed[0]["errorCode"] == "Lambda.ProcessingFailedStatus"
    assert failed[0]["lambdaArn"] == function_arn


def test_answers_with_wrong_ids_fail_their_records(boto, bucket, function_arn):
    put(boto, "wrong-ids", transformed(bucket, function_arn), [{"n": 0, "kind": "missing"}, {"n": 1, "kind": "twice"}, {"n": 2}])
    eventually(lambda: len(failures(boto, bucket)) >= 2 and lines(boto("s3"), bucket, "in/"))
    assert [(json.loads(base64.b64decode(each["rawData"]))["n"], each["errorCode"]) for each in failures(boto, bucket)] == [
        (0, "Lambda.MissingRecordId"), (1, "Lambda.DuplicatedRecordId")]


def test_a_function_that_raises_is_tried_again_and_then_the_batch_failed(boto, bucket, function_arn):
    put(boto, "raises", transformed(bucket, function_arn, retries=2), [{"n": 0}, {"n": 1, "kind": "raise"}])
    found = eventually(lambda: len(failures(boto, bucket)) >= 2 and failures(boto, bucket))
    assert {each["attemptsMade"] for each in found} == {3}
    assert {each["errorCode"] for each in found} == {"Lambda.FunctionError"}
    assert "it raised" in found[0]["errorMessage"]
    assert not objects(boto("s3"), bucket, "in/")


def test_small_records_are_called_with_no_more_than_a_function_takes(boto, bucket, function_arn):
    destination = transformed(bucket, function_arn, BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 1},
                              Prefix="in/!{partitionKeyFromLambda:country}/",
                              DynamicPartitioningConfiguration={"Enabled": True})
    processors = destination["ProcessingConfiguration"]["Processors"]
    processors[0]["Parameters"][2] = {"ParameterName": "BufferSizeInMBs", "ParameterValue": "3"}
    processors.insert(0, {"Type": "RecordDeAggregation", "Parameters": [
        {"ParameterName": "SubRecordType", "ParameterValue": "JSON"}]})
    boto("firehose").create_delivery_stream(DeliveryStreamName="small", ExtendedS3DestinationConfiguration=destination)
    sent = [json.dumps({"n": n, "kind": "as it is"}) for n in range(40_000)]  # 1.3 MB, but 8 MB in an event
    boto("firehose").put_record_batch(DeliveryStreamName="small", Records=[
        {"Data": "".join(sent[start:start + 500])} for start in range(0, len(sent), 500)])

    def landed():
        return "".join(data.decode() for data in objects(boto("s3"), bucket, "in/").values())

    eventually(lambda: len(landed()) >= len("".join(sent)) or failures(boto, bucket))
    assert not failures(boto, bucket)
    assert landed() == "".join(sent)


def test_partition_keys_come_from_the_function(boto, bucket, function_arn):
    destination = transformed(bucket, function_arn, BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 1},
                              Prefix="in/country=!{partitionKeyFromLambda:country}/",
                              DynamicPartitioningConfiguration={"Enabled": True})
    put(boto, "by-country", destination, [{"n": n, "country": ["DE", "FR"][n % 2]} for n in range(10)])
    eventually(lambda: len(lines(boto("s3"), bucket, "in/")) >= 10)
    for country, first in (("DE", 0), ("FR", 1)):
        found = [json.loads(line)["n"] for line in lines(boto("s3"), bucket, f"in/country={country}/")]
        assert found == list(range(first, 10, 2))


def test_a_kinesis_source_says_where_records_come_from(boto, bucket, function_arn):
    boto("kinesis").create_stream(StreamName="shaped-source", ShardCount=1)
    boto("kinesis").get_waiter("stream_exists").wait(StreamName="shaped-source")
    arn = boto("kinesis").describe_stream_summary(StreamName="shaped-source")["StreamDescriptionSummary"]["StreamARN"]
    boto("firehose").create_delivery_stream(
        DeliveryStreamName="from-stream", DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": "arn:aws:iam::000000000000:role/f"},
        ExtendedS3DestinationConfiguration=transformed(bucket, function_arn))
    boto("kinesis").put_record(StreamName="shaped-source", PartitionKey="k", Data=b'{"n":1}')
    found = eventually(lambda: lines(boto("s3"), bucket, "in/"))
    assert "sourceKinesisStreamArn" in json.loads(found[0])["seen"]

"""Dynamic partitioning: records lie under the values that JQ finds in them, and what has none is kept with the reason."""

import base64
import json
import re

import pytest
from botocore.exceptions import ClientError
from support.firehose import lines, objects, s3_destination
from support.waiting import eventually

QUERY = '{customer:.customer,year:.at|strftime("%Y")}'


def processors(query=QUERY, kind=None):
    found = [{"Type": "MetadataExtraction", "Parameters": [
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": query},
        {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"}]},
        {"Type": "AppendDelimiterToRecord", "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}]}]
    if kind:
        found.insert(0, {"Type": "RecordDeAggregation",
                         "Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in kind.items()]})
    return {"Enabled": True, "Processors": found}


def partitioned(bucket, **changes):
    return {**s3_destination(bucket), "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 1},
            "DynamicPartitioningConfiguration": {"Enabled": True},
            "Prefix": "in/customer=!{partitionKeyFromQuery:customer}/year=!{partitionKeyFromQuery:year}/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/", "ProcessingConfiguration": processors(), **changes}


@pytest.fixture
def bucket(boto, request):
    name = ("parts-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:50]).strip("-")
    boto("s3").create_bucket(Bucket=name)
    return name


def create(boto, name, destination):
    return boto("firehose").create_delivery_stream(DeliveryStreamName=name,
                                                   ExtendedS3DestinationConfiguration=destination)


def test_records_lie_under_their_keys(boto, bucket):
    create(boto, "by-customer", partitioned(bucket))
    sent = [{"customer": f"c{number % 5}", "at": 1565382027 + number % 2 * 31_536_000, "number": number}
            for number in range(200)]
    boto("firehose").put_record_batch(DeliveryStreamName="by-customer",
                                      Records=[{"Data": json.dumps(each)} for each in sent])
    eventually(lambda: len(lines(boto("s3"), bucket, "in/")) >= len(sent))
    assert len(objects(boto("s3"), bucket, "in/")) == 10
    for year, offset in ((2019, 0), (2020, 1)):
        for customer in range(5):
            found = [json.loads(line) for line in lines(boto("s3"), bucket, f"in/customer=c{customer}/year={year}/")]
            assert found == [each for each in sent if each["customer"] == f"c{customer}" and each["number"] % 2 == offset]


def test_what_has_no_keys_is_kept_with_the_reason(boto, bucket):
    create(boto, "no-keys", partitioned(bucket))
    bad = [b"no json", b'{"customer":null,"at":1}', b'{"customer":"c","at":"x"}']
    boto("firehose").put_record_batch(DeliveryStreamName="no-keys", Records=[{"Data": each} for each in bad])
    prefix = "errors/metadata-extraction-failed/"
    eventually(lambda: len(lines(boto("s3"), bucket, prefix)) >= len(bad))
    found = [json.loads(line) for line in lines(boto("s3"), bucket, prefix)]
    assert [base64.b64decode(each["rawData"]) for each in found] == bad
    assert {each["errorCode"] for each in found} == {"DynamicPartitioning.MetadataExtractionFailed"}
    assert [each["errorMessage"] for each in found][:2] == ["Non JSON record provided",
                                                            "partitionKeys values must not be null or empty"]
    assert "strftime" in found[2]["errorMessage"]
    assert not objects(boto("s3"), bucket, "in/")


def test_keys_too_long_for_a_prefix_hold_up_nothing(boto, bucket):
    create(boto, "long-keys", partitioned(bucket))
    long = json.dumps({"customer": "x" * 600, "at": 1}).encode()
    boto("firehose").put_record_batch(DeliveryStreamName="long-keys",
                                      Records=[{"Data": each} for each in (long, b'{"customer":"a","at":1}')])
    [error] = eventually(lambda: lines(boto("s3"), bucket, "errors/metadata-extraction-failed/"))
    assert base64.b64decode(json.loads(error)["rawData"]) == long
    assert "more than 512 characters" in json.loads(error)["errorMessage"]
    assert eventually(lambda: lines(boto("s3"), bucket, "in/customer=a/year=1970/")) == ['{"customer":"a","at":1}']


@pytest.mark.parametrize("kind, joined", [
    ({"SubRecordType": "JSON"}, b'{"customer":"a","at":1}{"customer":"b","at":2}\n{"customer":"a","at":3}'),
    ({"SubRecordType": "DELIMITED", "Delimiter": base64.b64encode(b"####").decode()},
     b'{"customer":"a","at":1}####{"customer":"b","at":2}####{"customer":"a","at":3}')])
def test_records_are_taken_apart(boto, bucket, kind, joined):
    name = "apart-" + kind["SubRecordType"]
    create(boto, name, partitioned(bucket, ProcessingConfiguration=processors(kind=kind)))
    boto("firehose").put_record(DeliveryStreamName=name, Record={"Data": joined})
    eventually(lambda: len(lines(boto("s3"), bucket, "in/")) >= 3)
    assert [json.loads(line)["at"] for line in lines(boto("s3"), bucket, "in/customer=a/year=1970/")] == [1, 3]
    assert [json.loads(line)["at"] for line in lines(boto("s3"), bucket, "in/customer=b/year=1970/")] == [2]


def test_describe_shows_what_was_asked_for(boto, bucket):
    asked = partitioned(bucket)
    create(boto, "described", asked)
    stream = boto("firehose").describe_delivery_stream(DeliveryStreamName="described")["DeliveryStreamDescription"]
    shown = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert shown["ProcessingConfiguration"] == asked["ProcessingConfiguration"]
    assert shown["DynamicPartitioningConfiguration"] == {"Enabled": True}


@pytest.mark.parametrize("changes, words", [
    ({"ProcessingConfiguration": processors("{customer:.customer")}, "syntax error"),
    ({"Prefix": "in/"}, "partition key"),
    ({"Prefix": "in/!{partitionKeyFromLambda:x}/"}, "Lambda processor"),
    ({"ErrorOutputPrefix": ""}, "ErrorOutputPrefix"),
    ({"BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60}}, "at least 64"),
    ({"DynamicPartitioningConfiguration": {"Enabled": False}}, "Dynamic Partitioning must be enabled"),
    ({"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Decompression"}]}}, "Decompression")])
def test_what_can_not_be_acted_on_is_refused(boto, bucket, changes, words):
    with pytest.raises(ClientError, match=words) as refused:
        create(boto, "refused", partitioned(bucket, **changes))
    assert refused.value.response["Error"]["Code"] == "InvalidArgumentException"

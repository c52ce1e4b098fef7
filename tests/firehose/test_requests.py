"""The API itself: what is described, listed and refused, in AWS's words."""

import pytest
from botocore.exceptions import ClientError
from support.firehose import ROLE, s3_destination


@pytest.fixture
def firehose(boto):
    return boto("firehose")


def create(firehose, name, **changes):
    return firehose.create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=s3_destination("nowhere", **changes))


def refusal(call, *arguments, **named):
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_create_describe_delete(firehose):
    arn = create(firehose, "full", Prefix="p/", CompressionFormat="ZIP")["DeliveryStreamARN"]
    assert arn == "arn:aws:firehose:us-east-1:000000000000:deliverystream/full"
    seen = firehose.describe_delivery_stream(DeliveryStreamName="full")["DeliveryStreamDescription"]
    assert (seen["DeliveryStreamStatus"], seen["VersionId"], seen["DeliveryStreamType"]) == ("ACTIVE", "1", "DirectPut")
    (destination,) = seen["Destinations"]
    for shape in ("S3DestinationDescription", "ExtendedS3DestinationDescription"):
        assert destination[shape]["Prefix"] == "p/"
        assert destination[shape]["CompressionFormat"] == "ZIP"
        assert destination[shape]["BufferingHints"] == {"SizeInMBs": 1, "IntervalInSeconds": 0}
        assert destination[shape]["EncryptionConfiguration"] == {"NoEncryptionConfig": "NoEncryption"}
    assert refusal(create, firehose, "full") == (
        "ResourceInUseException", "Firehose full under accountId 000000000000 already exists")
    firehose.delete_delivery_stream(DeliveryStreamName="full")
    for call, arguments in ((firehose.describe_delivery_stream, {}), (firehose.delete_delivery_stream, {}),
                            (firehose.put_record, {"Record": {"Data": b""}}),
                            (firehose.put_record_batch, {"Records": [{"Data": b""}]})):
        assert refusal(call, DeliveryStreamName="full", **arguments) == (
            "ResourceNotFoundException", "Firehose full under account 000000000000 not found.")


def test_a_plain_s3_destination(firehose):
    firehose.create_delivery_stream(DeliveryStreamName="plain", S3DestinationConfiguration={
        "RoleARN": ROLE, "BucketARN": "arn:aws:s3:::nowhere"})
    (destination,) = firehose.describe_delivery_stream(
        DeliveryStreamName="plain")["DeliveryStreamDescription"]["Destinations"]
    assert destination["S3DestinationDescription"]["BufferingHints"] == {"SizeInMBs": 5, "IntervalInSeconds": 300}
    assert "ExtendedS3DestinationDescription" not in destination


def test_listing_pages_by_name(firehose):
    names = [f"listed-{number:02}" for number in range(13)]
    for name in names:
        create(firehose, name)
    first = firehose.list_delivery_streams(ExclusiveStartDeliveryStreamName="listed-")
    assert (first["DeliveryStreamNames"], first["HasMoreDeliveryStreams"]) == (names[:10], True)
    rest = firehose.list_delivery_streams(ExclusiveStartDeliveryStreamName=names[9], Limit=3)
    assert rest["DeliveryStreamNames"] == names[10:]
    assert names[0] not in firehose.list_delivery_streams(
        DeliveryStreamType="KinesisStreamAsSource", Limit=100)["DeliveryStreamNames"]


def test_updates_merge_and_need_the_current_version(firehose):
    create(firehose, "updated", Prefix="p/", CompressionFormat="GZIP")

    def update(version, **changes):
        return firehose.update_destination(
            DeliveryStreamName="updated", CurrentDeliveryStreamVersionId=version,
            DestinationId="destinationId-000000000001", ExtendedS3DestinationUpdate=changes)

    update("1", Prefix="q/")
    seen = firehose.describe_delivery_stream(DeliveryStreamName="updated")["DeliveryStreamDescription"]
    destination = seen["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (seen["VersionId"], destination["Prefix"], destination["CompressionFormat"]) == ("2", "q/", "GZIP")
    assert "LastUpdateTimestamp" in seen
    assert refusal(update, "1", Prefix="r/") == (
        "ConcurrentModificationException", "Cannot update firehose: updated since the current version id: 2 and "
        "specified version id: 1 do not match")
    assert refusal(update, "2", Prefix="!{timestamp:yyyy}/")[0] == "InvalidArgumentException"


def test_tags(firehose):
    firehose.create_delivery_stream(DeliveryStreamName="tagged", Tags=[{"Key": "a", "Value": "1"}],
                                    ExtendedS3DestinationConfiguration=s3_destination("nowhere"))
    firehose.tag_delivery_stream(DeliveryStreamName="tagged", Tags=[{"Key": "b", "Value": "2"}, {"Key": "c"}])
    firehose.untag_delivery_stream(DeliveryStreamName="tagged", TagKeys=["a"])
    page = firehose.list_tags_for_delivery_stream(DeliveryStreamName="tagged", Limit=1)
    assert (page["Tags"], page["HasMoreTags"]) == ([{"Key": "b", "Value": "2"}], True)
    page = firehose.list_tags_for_delivery_stream(DeliveryStreamName="tagged", ExclusiveStartTagKey="b")
    assert ([tag["Key"] for tag in page["Tags"]], page["HasMoreTags"]) == (["c"], False)
    many = [{"Key": f"k{number}", "Value": "v"} for number in range(49)]
    assert refusal(firehose.tag_delivery_stream, DeliveryStreamName="tagged", Tags=many)[0] == "LimitExceededException"


def test_limits_of_puts(firehose):
    create(firehose, "limited")

    def batch(records):
        return refusal(firehose.put_record_batch, DeliveryStreamName="limited", Records=records)

    assert batch([{"Data": bytes(1_000_000)}] * 5) == ("InvalidArgumentException", "Records size exceeds 4 MB limit")
    code, message = batch([{"Data": b"x"}] * 501)
    assert "500" in message
    assert "1024000" in batch([{"Data": bytes(1_024_001)}])[1]
    assert firehose.put_record_batch(DeliveryStreamName="limited",
                                     Records=[{"Data": b"x"}] * 500)["FailedPutCount"] == 0
    assert firehose.put_record(DeliveryStreamName="limited", Record={"Data": bytes(1_024_000)})["Encrypted"] is False


CONVERSION = {
    "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "d", "TableName": "t"},
    "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
    "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
}
KMS = {"KMSEncryptionConfig": {"AWSKMSKeyARN": "arn:aws:kms:us-east-1:000000000000:key/k"}}


@pytest.mark.parametrize("changes, word", [
    ({"Prefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix"),
    ({"Prefix": "!{firehose:error-output-type}/"}, "Prefix can't contain"),
    ({"Prefix": "!{timestamp:T}/", "ErrorOutputPrefix": "!{firehose:error-output-type}/"}, "timestamp pattern"),
    ({"Prefix": "!{partitionKeyFromQuery:a}/", "ErrorOutputPrefix": "e/"}, "Dynamic Partitioning must be enabled"),
    ({"CustomTimeZone": "Mars/Olympus"}, "time zone"),
    ({"EncryptionConfiguration": KMS}, "KMSEncryptionConfig"),
    ({"CloudWatchLoggingOptions": {"Enabled": True}}, "CloudWatchLoggingOptions"),
    ({"S3BackupMode": "Enabled"}, "S3BackupMode"),
    ({"DynamicPartitioningConfiguration": {"Enabled": True}}, "Prefix must name a partition key"),
    ({"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda"}]}}, "LambdaArn"),
    ({"ProcessingConfiguration": {"Enabled": False, "Processors": [{"Type": "Lambda", "Parameters": [
        {"ParameterName": "LambdaArn", "ParameterValue": "arn:aws:lambda:us-east-1:999999999999:function:theirs"}]}]}},
     "LambdaArn must be of a function in us-east-1 of account 000000000000"),
    ({"DataFormatConversionConfiguration": CONVERSION}, "SizeInMBs must be at least 64"),
    ({"DataFormatConversionConfiguration": CONVERSION, "BufferingHints": {"SizeInMBs": 64},
      "CompressionFormat": "GZIP"}, "CompressionFormat must be UNCOMPRESSED"),
    ({"DataFormatConversionConfiguration": {
        **CONVERSION, "OutputFormatConfiguration": {"Serializer": {"OrcSerDe": {}}}}}, "OrcSerDe"),
    ({"DataFormatConversionConfiguration": {
        **CONVERSION, "SchemaConfiguration": {**CONVERSION["SchemaConfiguration"], "CatalogId": "999999999999"}},
      "BufferingHints": {"SizeInMBs": 64}}, "CatalogId"),
    ({"DataFormatConversionConfiguration": {"Enabled": True}}, "SchemaConfiguration"),
])
def test_what_is_not_honoured_is_refused_by_name(firehose, changes, word):
    code, message = refusal(create, firehose, "refused", **changes)
    assert code == "InvalidArgumentException"
    assert word in message
    assert "refused" not in firehose.list_delivery_streams(Limit=1000)["DeliveryStreamNames"]


def test_other_sources_and_destinations_are_refused_by_name(firehose):
    code, message = refusal(firehose.create_delivery_stream, DeliveryStreamName="refused",
                            HttpEndpointDestinationConfiguration={
                                "EndpointConfiguration": {"Url": "https://example.com"},
                                "S3Configuration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::b"}})
    assert "HttpEndpointDestinationConfiguration" in message
    code, message = refusal(firehose.create_delivery_stream, DeliveryStreamName="refused",
                            DeliveryStreamType="MSKAsSource",
                            ExtendedS3DestinationConfiguration=s3_destination("nowhere"))
    assert "MSKAsSource" in message
    code, message = refusal(
        firehose.create_delivery_stream, DeliveryStreamName="refused", DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"RoleARN": ROLE,
                                          "KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/none"},
        ExtendedS3DestinationConfiguration=s3_destination("nowhere"))
    assert (code, "does not exist" in message) == ("InvalidArgumentException", True)
    code, message = refusal(firehose.start_delivery_stream_encryption, DeliveryStreamName="refused")
    assert "StartDeliveryStreamEncryption" in message

"""Tables to and from Amazon Ion text: what AWS's documentation shows, and there and back again."""

import gzip
import json
import shutil
import subprocess

import pytest
from support.dynamodb import finished_export, items_of, key, make_table
from support.waiting import eventually

# Of "DynamoDB table export output format", with what else an item can have.
BOOK = """$ion_1_0 {
    Item:{
        Authors:$dynamodb_SS::["Author1","Author2"],
        Dimensions:"8.5 x 11.0 x 1.5",
        ISBN:"333-3333333333",
        Id:103.,
        InPublication:false,
        PageCount:6d2,
        Price:2d3,
        ProductCategory:"Book",
        Title:"Book 103 Title"
    }
}
"""
OTHERS = """$ion_1_0 [ // a list of them
  {Item:{ISBN:"1", Id:0x10, 'a name':'''long ''' '''text''', blob:{{ AAEC }}, n:null.string, deep:[{a:[1.5, true,],},]}},
  {Item:{ISBN:"2", Id:5, s:"\\u00e9\\n\\"", numbers:$dynamodb_NS::[-1d-3, 2], blobs:$dynamodb_BS::[{{AA==}}]}}, /* and */
]
$ion_1_0
{Item:{ISBN:"3", Id:2007-02-23}}
{Item:{ISBN:"4", Id:1e0}}
{Item:{ISBN:"5", Id:7}}
"""
ITEMS = [
    {"ISBN": {"S": "1"}, "Id": {"N": "16"}, "a name": {"S": "long text"}, "blob": {"B": b"\0\1\2"}, "n": {"NULL": True},
     "deep": {"L": [{"M": {"a": {"L": [{"N": "1.5"}, {"BOOL": True}]}}}]}},
    {"ISBN": {"S": "2"}, "Id": {"N": "5"}, "s": {"S": 'é\n"'}, "numbers": {"NS": ["-0.001", "2"]}, "blobs": {"BS": [b"\0"]}},
    {"ISBN": {"S": "333-3333333333"}, "Id": {"N": "103"}, "Authors": {"SS": ["Author1", "Author2"]},
     "Dimensions": {"S": "8.5 x 11.0 x 1.5"}, "InPublication": {"BOOL": False}, "PageCount": {"N": "600"},
     "Price": {"N": "2000"}, "ProductCategory": {"S": "Book"}, "Title": {"S": "Book 103 Title"}},
    {"ISBN": {"S": "5"}, "Id": {"N": "7"}},
]


def import_ion(dynamodb, table, bucket, prefix, compression="NONE"):
    arn = dynamodb.import_table(
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": prefix}, InputFormat="ION", InputCompressionType=compression,
        TableCreationParameters={"TableName": table, "BillingMode": "PAY_PER_REQUEST", **key("ISBN", "Id", types="SN")})[
            "ImportTableDescription"]["ImportArn"]
    return eventually(lambda: (seen := dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"])[
        "ImportStatus"] != "IN_PROGRESS" and seen)


def in_order(items):
    return sorted(items, key=lambda item: item["ISBN"]["S"])


def test_ion_is_imported_whatever_its_layout(boto, dynamodb, s3):
    s3.create_bucket(Bucket="ion")
    s3.put_object(Bucket="ion", Key="in/book.ion", Body=BOOK.encode())
    s3.put_object(Bucket="ion", Key="in/others.ion", Body=OTHERS.encode())
    s3.put_object(Bucket="ion", Key="in/wrong.ion", Body=b'{Item:{ISBN:"6",Id:6}} hello {Item:{ISBN:"7",Id:7}}')
    s3.put_object(Bucket="ion", Key="in/zbinary.ion", Body=b"\xe0\x01\x00\xea\x0f")
    done = import_ion(dynamodb, "ion", "ion", "in/")
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", "ItemValidationError")
    assert (done["ImportedItemCount"], done["ErrorCount"], done["ProcessedItemCount"]) == (5, 4, 9)
    assert in_order(items_of(dynamodb, "ion")) == in_order([*ITEMS, {"ISBN": {"S": "6"}, "Id": {"N": "6"}}])
    stream = done["ImportArn"].split("/")[-1] + "/error"
    entries = eventually(lambda: len(seen := boto("logs").get_log_events(
        logGroupName="/aws-dynamodb/imports", logStreamName=stream, startFromHead=True)["events"]) == 4 and seen)
    assert sorted(json.loads(entry["message"])["errorMessages"][0] for entry in entries) == [
        "DynamoDB has no type for Ion's float: 1e0", "DynamoDB has no type for Ion's timestamp: 2007-02-23",
        "not Amazon Ion text: a value that is no struct where a record should be",
        "not Amazon Ion text: it is binary Ion, which is not read"]


def zstd(data):
    if not shutil.which("zstd"):
        pytest.skip("no zstd program")
    return subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True).stdout


def test_ion_goes_there_and_back(dynamodb, s3):
    s3.create_bucket(Bucket="ion-back")
    arn = make_table(dynamodb, "ion-there", "ISBN", "Id", types="SN")["TableArn"]
    for item in ITEMS:
        dynamodb.put_item(TableName="ion-there", Item=item)
    dynamodb.update_continuous_backups(TableName="ion-there", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    begun = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="ion-back", ExportFormat="ION")["ExportDescription"]
    assert begun["ExportFormat"] == "ION"
    done = finished_export(dynamodb, begun["ExportArn"])
    assert done["ItemCount"] == 4, done

    summary = json.loads(s3.get_object(Bucket="ion-back", Key=done["ExportManifest"])["Body"].read())
    assert summary["outputFormat"] == "ION"
    files = s3.get_object(Bucket="ion-back", Key=summary["manifestFilesS3Key"])["Body"].read().splitlines()
    keys = [json.loads(each)["dataFileS3Key"] for each in files]
    assert all(each.endswith(".ion.gz") for each in keys)
    text = b"".join(gzip.decompress(s3.get_object(Bucket="ion-back", Key=each)["Body"].read()) for each in keys)
    assert text.count(b"\n") == 4
    book = next(line for line in text.decode().splitlines() if "333" in line)
    assert book == "$ion_1_0 " + "".join(each.strip() for each in BOOK.removeprefix("$ion_1_0 ").splitlines())

    for compression, encode in [("GZIP", gzip.compress), ("ZSTD", zstd), ("NONE", bytes)]:
        prefix = compression.lower()
        s3.put_object(Bucket="ion-back", Key=f"{prefix}/data", Body=encode(text))
        done = import_ion(dynamodb, f"ion-{prefix}", "ion-back", prefix + "/", compression)
        assert (done["ImportStatus"], done["ImportedItemCount"]) == ("COMPLETED", 4), done
        assert in_order(items_of(dynamodb, f"ion-{prefix}")) == in_order(ITEMS)

"""What changed in a table between two times, as objects in S3."""

import base64
import gzip
import hashlib
import json
import time

from support.dynamodb import failure_of, finished_export, make_table
from support.waiting import eventually

SERVER_OPTIONS = ["--export-span-ms-min", "0"]  # a test can not wait for AWS's 15 minutes

RECOVERY = {"PointInTimeRecoveryEnabled": True}


def next_second():
    """Waits until the clock shows another second, and returns it: clients send whole seconds."""
    second = int(time.time()) + 1
    eventually(lambda: time.time() >= second)
    return second


class Bucket:
    def __init__(self, dynamodb, s3, name):
        s3.create_bucket(Bucket=name)
        self.dynamodb, self.s3, self.name = dynamodb, s3, name

    def read(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()

    def export(self, arn, specification, **more):
        """The description of the export when it is done, its summary, and the lines of its data files."""
        begun = self.dynamodb.export_table_to_point_in_time(
            TableArn=arn, S3Bucket=self.name, ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=specification,
            **more)["ExportDescription"]
        done = finished_export(self.dynamodb, begun["ExportArn"])
        assert done["ExportStatus"] == "COMPLETED", done
        summary = json.loads(self.read(done["ExportManifest"]))
        lines = []
        for entry in map(json.loads, self.read(summary["manifestFilesS3Key"]).splitlines()):
            data = self.read(entry["dataFileS3Key"])
            assert base64.b64decode(entry["md5Checksum"]) == hashlib.md5(data).digest()
            lines += gzip.decompress(data).decode().splitlines()
        return done, summary, lines


def table_with_recovery(dynamodb, name, *names, **more):
    arn = make_table(dynamodb, name, *names, **more)["TableArn"]
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=RECOVERY)
    return arn


def test_an_incremental_export_has_what_a_span_of_time_changed(dynamodb, s3):
    bucket = Bucket(dynamodb, s3, "changes")
    arn = table_with_recovery(dynamodb, "changing", "pk", "sk", types="SN")

    def put(pk, n):
        dynamodb.put_item(TableName="changing", Item={"pk": {"S": pk}, "sk": {"N": "1"}, "n": {"N": str(n)}})

    def delete(pk):
        dynamodb.delete_item(TableName="changing", Key={"pk": {"S": pk}, "sk": {"N": "1"}})

    for pk in ("stays", "changed", "back", "gone", "again"):
        put(pk, 1)
    since = next_second()
    put("changed", 2)
    dynamodb.update_item(TableName="changing", Key={"pk": {"S": "changed"}, "sk": {"N": "1"}},
                         UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "3"}})
    put("back", 5)
    put("back", 1)
    put("new", 4)
    put("short", 5)
    for pk in ("gone", "short", "again"):
        delete(pk)
    put("again", 7)
    end = next_second()
    put("changed", 9)
    delete("back")

    done, summary, lines = bucket.export(arn, {"ExportFromTime": since, "ExportToTime": end}, S3Prefix="to/here/")
    folder = f"to/here/AWSDynamoDB/{done['ExportArn'].split('/')[-1]}/"
    assert bucket.read(folder + "_started") == b"" and done["ExportManifest"] == folder + "manifest-summary.json"
    names = {each["Key"] for each in s3.list_objects_v2(Bucket="changes", Prefix="to/here/AWSDynamoDB/data/")["Contents"]}
    assert len(names) == 1 and all(name.endswith(".json.gz") for name in names)
    assert (done["ExportType"], done["ItemCount"], done["ExportFormat"]) == ("INCREMENTAL_EXPORT", 5, "DYNAMODB_JSON")
    assert done["IncrementalExportSpecification"]["ExportViewType"] == "NEW_AND_OLD_IMAGES" and "ExportTime" not in done
    assert {key: summary[key] for key in ("version", "exportType", "outputView", "outputFormat", "itemCount")} == {
        "version": "2023-08-01", "exportType": "INCREMENTAL_EXPORT", "outputView": "NEW_AND_OLD_IMAGES",
        "outputFormat": "DYNAMODB_JSON", "itemCount": 5}
    assert summary["exportFromTime"] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(since))
    assert summary["exportToTime"] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(end)) and "exportTime" not in summary
    changes = {each["Keys"]["pk"]["S"]: each for each in map(json.loads, lines)}
    assert changes["new"]["Keys"] == {"pk": {"S": "new"}, "sk": {"N": "1"}}

    def images(changes):
        return {pk: tuple(int(change[image]["n"]["N"]) if image in change else None for image in ("OldImage", "NewImage"))
                for pk, change in changes.items()}

    assert images(changes) == {"changed": (1, 3), "back": (1, 1), "gone": (1, None), "new": (None, 4), "again": (1, 7)}
    for change in changes.values():
        assert since <= int(change["Metadata"]["WriteTimestampMicros"]["N"]) / 1e6 < end
    # The same moment, all of it as it was.
    whole = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="changes", ExportTime=end)["ExportDescription"]
    assert whole["ExportType"] == "FULL_EXPORT"

    done, _, lines = bucket.export(arn, {"ExportFromTime": since, "ExportViewType": "NEW_IMAGE"})
    changes = {each["Keys"]["pk"]["S"]: each for each in map(json.loads, lines)}
    assert images(changes) == {"changed": (None, 9), "back": (None, None), "gone": (None, None), "new": (None, 4),
                               "again": (None, 7)}
    assert done["IncrementalExportSpecification"]["ExportToTime"].timestamp() >= end
    _, _, lines = bucket.export(arn, {"ExportFromTime": since, "ExportToTime": end}, ExportFormat="ION")
    assert len(lines) == 5 and all(line.startswith("$ion_1_0 {Metadata:{WriteTimestampMicros:") for line in lines)
    assert "Keys:{pk:\"new\",sk:1.},NewImage:{n:4.,pk:\"new\",sk:1.}}" in next(line for line in lines if "new" in line)
    assert [one["ExportType"] for one in dynamodb.list_exports(TableArn=arn)["ExportSummaries"]] == [
        "INCREMENTAL_EXPORT", "INCREMENTAL_EXPORT", "FULL_EXPORT", "INCREMENTAL_EXPORT"]


def test_spans_that_follow_one_another_miss_nothing(dynamodb, s3):
    bucket = Bucket(dynamodb, s3, "following")
    arn = table_with_recovery(dynamodb, "following")
    written, seen, since = 0, set(), int(time.time())
    for _ in range(3):
        end = next_second()
        for _ in range(20):  # some before the second, some in it
            dynamodb.put_item(TableName="following", Item={"pk": {"S": str(written)}})
            written += 1
        _, _, lines = bucket.export(arn, {"ExportFromTime": since, "ExportToTime": end})
        keys = [json.loads(line)["Keys"]["pk"]["S"] for line in lines]
        assert not seen & set(keys) and len(set(keys)) == len(keys)
        seen |= set(keys)
        since = end
    _, _, lines = bucket.export(arn, {"ExportFromTime": since})
    assert seen | {json.loads(line)["Keys"]["pk"]["S"] for line in lines} == {str(i) for i in range(written)}


def test_what_does_not_go_together_is_refused_in_awss_words(dynamodb, server_factory):
    arn = table_with_recovery(dynamodb, "refusing")
    now = int(time.time())
    other = make_table(dynamodb, "unrecovered")["TableArn"]

    def refused(specification=None, arn=arn, client=dynamodb, **more):
        more = {"ExportType": "INCREMENTAL_EXPORT", **more}
        if specification is not None:
            more["IncrementalExportSpecification"] = specification
        return failure_of(client.export_table_to_point_in_time, TableArn=arn, S3Bucket="nowhere",
                          **{name: value for name, value in more.items() if value})

    request, times = "ValidationException", "InvalidExportTimeException"
    span = {"ExportFromTime": now}
    assert refused() == (request, "Invalid Request: Incremental Export Specification expected when export type is set as "
                                  "Incremental Export")
    assert refused(span, ExportType=None) == (
        request, "Invalid Request: Export Type expected to be Incremental Export when incremental export specification is provided")
    assert refused(span, ExportType="FULL_EXPORT") == (
        request, "Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be provided")
    assert refused({"ExportViewType": "NEW_IMAGE"}) == (
        request, "Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification")
    assert refused(span, ExportTime=now)[0] == request
    assert refused({**span, "ExportViewType": "NEW_IMAGES"})[0] == request
    assert refused({"ExportFromTime": now - 3600})[1].startswith(
        "Incremental export period from time cannot be less than the table creation time : 20")
    code, message = refused({"ExportFromTime": now, "ExportToTime": now + 3600})
    assert code == times and message.startswith("Incremental export period to time cannot be greater than the current time : 20")
    assert refused({"ExportFromTime": now + 1, "ExportToTime": now})[0] == times
    assert refused({"ExportFromTime": int(time.time())}, arn=other)[0] == "PointInTimeRecoveryUnavailableException"
    assert refused(span, FilterSpecification={"FilterExpression": "attribute_exists(pk)"})[0] == request
    assert refused(span, arn="refusing" + "x" * 30)[0] == request
    assert refused(span, arn=arn.replace("refusing", "absent"))[0] == "TableNotFoundException"
    assert failure_of(dynamodb.export_table_to_point_in_time, TableArn=arn, S3Bucket="nowhere", ExportTime=now + 3600) == (
        times, "Export Time is invalid")

    ordinary = server_factory().client("dynamodb")  # with AWS's bound
    arn = table_with_recovery(ordinary, "ordinary")
    assert refused({"ExportFromTime": int(time.time())}, arn=arn, client=ordinary) == (
        times, "Difference between export period from time and export period to time is less than 15 minutes")


def test_a_token_starts_one_export(dynamodb, s3):
    s3.create_bucket(Bucket="once")
    arn = table_with_recovery(dynamodb, "once")
    wish = {"TableArn": arn, "S3Bucket": "once", "ClientToken": "t1", "ExportType": "INCREMENTAL_EXPORT",
            "IncrementalExportSpecification": {"ExportFromTime": int(time.time())}}
    first, second = (dynamodb.export_table_to_point_in_time(**wish)["ExportDescription"]["ExportArn"] for _ in range(2))
    assert first == second
    for changed in ({"S3Prefix": "other"}, {"ExportFormat": "ION"},
                    {"IncrementalExportSpecification": {**wish["IncrementalExportSpecification"], "ExportViewType": "NEW_IMAGE"}}):
        assert failure_of(dynamodb.export_table_to_point_in_time, **{**wish, **changed}) == (
            "ExportConflictException", "Export conflict: Duplicate request detected with conflicting parameters")
    finished_export(dynamodb, first)
    for each in s3.list_objects_v2(Bucket="once")["Contents"]:
        s3.delete_object(Bucket="once", Key=each["Key"])
    s3.delete_bucket(Bucket="once")
    dynamodb.update_continuous_backups(TableName="once", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
    again = dynamodb.export_table_to_point_in_time(**wish)["ExportDescription"]
    assert (again["ExportArn"], again["ExportStatus"]) == (first, "COMPLETED")
    table_id = dynamodb.delete_table(TableName="once")["TableDescription"]["TableId"]
    again = dynamodb.export_table_to_point_in_time(**wish)["ExportDescription"]
    assert (again["ExportArn"], again["TableId"]) == (first, table_id)
    assert failure_of(dynamodb.export_table_to_point_in_time, **{**wish, "ClientToken": "t2"})[0] == "TableNotFoundException"


def test_an_export_to_a_bucket_of_another_account_fails(dynamodb, s3):
    s3.create_bucket(Bucket="foreign")
    arn = table_with_recovery(dynamodb, "foreign")
    wrong_owner = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="foreign", S3BucketOwner="999999999999")
    done = finished_export(dynamodb, wrong_owner["ExportDescription"]["ExportArn"])
    assert (done["ExportStatus"], done["FailureCode"]) == ("FAILED", "S3AccessDenied")

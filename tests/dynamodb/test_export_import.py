"""Tables to S3 and back: imports fill tables, exports write AWS's documented objects, and each reads the other's."""

import base64
import gzip
import hashlib
import json
import shutil
import subprocess

import pytest
from support.dynamodb import failure_of, finished_export, items_of, key, make_table
from support.waiting import eventually


def bucket_with(s3, name, **objects):
    s3.create_bucket(Bucket=name)
    for object_key, body in objects.items():
        s3.put_object(Bucket=name, Key=object_key, Body=body)
    return {"S3Bucket": name}


def import_table(dynamodb, table, source, input_format="DYNAMODB_JSON", names=("pk",), types="SS", **more):
    arn = dynamodb.import_table(S3BucketSource=source, InputFormat=input_format, **more, TableCreationParameters={
        "TableName": table, "BillingMode": "PAY_PER_REQUEST", **key(*names, types=types)})["ImportTableDescription"]["ImportArn"]
    return finished_import(dynamodb, arn)


def finished_import(dynamodb, arn):
    return eventually(lambda: (seen := dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"])[
        "ImportStatus"] != "IN_PROGRESS" and seen)


def line(item):
    return json.dumps({"Item": item}) + "\n"


LINES = "".join(line({"pk": {"S": f"p{i:04}"}, "n": {"N": str(i)}, "deep": {"M": {"l": {"L": [{"BOOL": True}]}}}})
                for i in range(500)).encode()


def zstd(data):
    if not shutil.which("zstd"):
        pytest.skip("no zstd program")
    return subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("compression, encode", [("NONE", bytes), ("GZIP", gzip.compress), ("ZSTD", zstd)])
def test_lines_of_dynamodb_json_are_imported(dynamodb, s3, compression, encode):
    name = f"json-{compression.lower()}"
    half = LINES[:LINES.index(b"\n", len(LINES) // 2) + 1]
    source = bucket_with(s3, name, **{"in/a": encode(half), "in/b": encode(LINES[len(half):]), "other": b"x"})
    done = import_table(dynamodb, name, {**source, "S3KeyPrefix": "in/"}, InputCompressionType=compression)
    assert done["ImportStatus"] == "COMPLETED", done
    assert (done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == (500, 500, 0)
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["TableStatus"] == "ACTIVE" and table["ItemCount"] == 500
    assert dynamodb.list_imports(TableArn=table["TableArn"])["ImportSummaryList"][0]["ImportStatus"] == "COMPLETED"
    found = sorted(items_of(dynamodb, name), key=lambda item: item["pk"]["S"])
    assert found == [json.loads(each)["Item"] for each in LINES.splitlines()]


def test_csv_gives_strings_but_for_keys(dynamodb, s3):
    body = 'pk,sk,text\r\na,1,"x, ""y""\nz"\r\nb,2.50,\r\nbroken,one,t\r\nshort,1\r\n'.encode()
    done = import_table(dynamodb, "csv", bucket_with(s3, "csv-input", data=body), "CSV", ("pk", "sk"), "SN")
    assert (done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == (4, 2, 2)
    assert sorted(items_of(dynamodb, "csv"), key=str) == [
        {"pk": {"S": "a"}, "sk": {"N": "1"}, "text": {"S": 'x, "y"\nz'}},
        {"pk": {"S": "b"}, "sk": {"N": "2.5"}}]
    inches = import_table(dynamodb, "inches", bucket_with(s3, "inches", data=b'pk,n\na,5" pipe\nb,x\nc,6" pipe\n'), "CSV")
    assert (inches["ImportStatus"], inches["ImportedItemCount"]) == ("COMPLETED", 3)
    with_header = import_table(dynamodb, "csv2", bucket_with(s3, "csv2-input", data=b"a;1\nb;2\n"), "CSV",
                               InputFormatOptions={"Csv": {"Delimiter": ";", "HeaderList": ["pk", "v"]}})
    assert with_header["ImportedItemCount"] == 2


def test_records_that_are_no_items_are_counted_and_logged(boto, dynamodb, s3):
    body = (line({"pk": {"S": "good"}}) + "not json\n" + line({"other": {"S": "no key"}}) + line({"pk": {"N": "1"}}) +
            line({"pk": {"S": "big"}, "x": {"S": "x" * 410_000}}) + "\n   \n").encode()
    source = bucket_with(s3, "errors", **{"in/a": body, "in/b": line({"pk": {"S": "also good"}}).encode(), "in/empty": b""})
    done = import_table(dynamodb, "errors", {**source, "S3KeyPrefix": "in/"})
    assert (done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == (6, 2, 4)
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", "ItemValidationError") and "CloudWatch" in done["FailureMessage"]
    assert dynamodb.describe_table(TableName="errors")["Table"]["TableStatus"] == "ACTIVE"  # with what is good
    assert sorted(item["pk"]["S"] for item in items_of(dynamodb, "errors")) == ["also good", "good"]
    group, stream = done["CloudWatchLogGroupArn"].split(":")[6], done["ImportArn"].split("/")[-1] + "/error"
    assert group == "/aws-dynamodb/imports"
    logs = boto("logs")
    entries = eventually(lambda: (seen := logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)[
        "events"]) and len(seen) == 4 and [json.loads(each["message"]) for each in seen])
    assert [entry["itemS3Pointer"] for entry in entries] == [
        {"bucket": "errors", "key": "in/a", "itemIndex": index} for index in (1, 2, 3, 4)]
    assert {entry["importArn"] for entry in entries} == {done["ImportArn"]}
    assert entries[1]["errorMessages"] == ["One or more parameter values were invalid: Missing the key pk in the item"]
    assert entries[2]["errorMessages"] == [
        "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"]


def test_csv_that_is_not_utf8_is_left_out_and_the_table_stays_readable(dynamodb, s3):
    body = b"pk,name\na,caf\xe9\nb,caf\xc3\xa9\nc,\xff\xfe\n"
    done = import_table(dynamodb, "latin", bucket_with(s3, "latin", data=body), "CSV")
    assert (done["FailureCode"], done["ImportedItemCount"], done["ErrorCount"]) == ("ItemValidationError", 1, 2)
    assert items_of(dynamodb, "latin") == [{"pk": {"S": "b"}, "name": {"S": "café"}}]
    done = import_table(dynamodb, "latin-names", bucket_with(s3, "latin-names", data=b"pk,caf\xe9\na,1\n"), "CSV")
    assert (done["ImportedItemCount"], done["ErrorCount"]) == (0, 1)


def test_what_a_log_says_of_a_bad_record_is_short_and_utf8(boto, dynamodb, s3):
    body = (line({"pk": {"N": "x" * 1_000_000}}) + line({"pk": {"N": "é" * 1_000}})).encode()
    done = import_table(dynamodb, "short", bucket_with(s3, "short", data=body))
    assert done["ErrorCount"] == 2
    stream = done["ImportArn"].split("/")[-1] + "/error"
    entries = eventually(lambda: len(seen := boto("logs").get_log_events(
        logGroupName="/aws-dynamodb/imports", logStreamName=stream, startFromHead=True)["events"]) == 2 and seen)
    reasons = [json.loads(entry["message"])["errorMessages"][0] for entry in entries]
    assert all(reason.startswith("The parameter cannot be converted to a numeric value: ") for reason in reasons)
    assert max(len(reason) for reason in reasons) <= 1_000


def test_what_can_not_be_read_fails_an_import_by_name(dynamodb, s3):
    done = import_table(dynamodb, "missing", {"S3Bucket": "no-such-bucket"})
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    assert failure_of(dynamodb.describe_table, TableName="missing")[0] == "ResourceNotFoundException"
    plain = bucket_with(s3, "damaged", data=LINES)
    done = import_table(dynamodb, "damaged", plain, InputCompressionType="GZIP")
    assert (done["FailureCode"], done["ErrorCount"], done["ImportedItemCount"]) == ("ItemValidationError", 1, 0)
    done = import_table(dynamodb, "nothing", {**plain, "S3KeyPrefix": "none/"})
    assert (done["ImportStatus"], done["ProcessedItemCount"]) == ("COMPLETED", 0)
    table = dynamodb.describe_table(TableName="nothing")["Table"]
    assert (table["TableStatus"], table["TableId"]) == ("ACTIVE", done["TableId"])
    code, message = failure_of(dynamodb.import_table, S3BucketSource=plain, InputFormat="ION", InputFormatOptions={
        "Csv": {"Delimiter": ";"}}, TableCreationParameters={"TableName": "never", "BillingMode": "PAY_PER_REQUEST", **key("pk")})
    assert (code, message) == ("ValidationException", "Invalid Request: Unsupported InputFormatOptions for the given input format: ION.")


def test_processed_bytes_are_counted_after_decompression(dynamodb, s3):
    for name, compression, body in [("plain-bytes", "NONE", LINES), ("gzip-bytes", "GZIP", gzip.compress(LINES))]:
        done = import_table(dynamodb, name, bucket_with(s3, name, data=body), InputCompressionType=compression)
        assert done["ProcessedSizeBytes"] == len(LINES)


def test_lists_of_jobs_have_pages(dynamodb, s3):
    source = bucket_with(s3, "pages", data=LINES[:LINES.index(b"\n") + 1])
    arns = [import_table(dynamodb, f"pages-{i}", source)["ImportArn"] for i in range(3)]
    pages = []
    for _ in range(20):
        page = dynamodb.list_imports(PageSize=1, **({"NextToken": pages[-1]["NextToken"]} if pages else {}))
        assert len(page["ImportSummaryList"]) == 1
        pages.append(page)
        if "NextToken" not in page:
            break
    listed = [page["ImportSummaryList"][0]["ImportArn"] for page in pages]
    assert listed[:3] == arns[::-1] and len(set(listed)) == len(listed)
    of_table = dynamodb.list_imports(TableArn=arns[1].split("/import/")[0])["ImportSummaryList"]
    assert [each["ImportArn"] for each in of_table] == [arns[1]]
    assert of_table[0]["InputFormat"] == "DYNAMODB_JSON" and of_table[0]["CloudWatchLogGroupArn"].endswith("/aws-dynamodb/imports:*")
    token = pages[0]["NextToken"]
    assert failure_of(dynamodb.list_imports, NextToken="0" * 112) == (
        "ValidationException", "Invalid Request: Provided nextToken is invalid: " + "0" * 112)
    assert failure_of(dynamodb.list_exports, NextToken=token)[0] == "ValidationException"  # of another list
    assert failure_of(dynamodb.describe_import, ImportArn=arns[0].split("/import/")[0] + "/export/x" * 3)[0] == "ValidationException"
    assert failure_of(dynamodb.describe_import, ImportArn=arns[0][:-1] + "-")[0] == "ImportNotFoundException"


def test_a_token_starts_one_import(dynamodb, s3):
    source = bucket_with(s3, "token", data=LINES)
    wish = {"S3BucketSource": source, "InputFormat": "DYNAMODB_JSON", "ClientToken": "t1",
            "TableCreationParameters": {"TableName": "token", "BillingMode": "PAY_PER_REQUEST", **key("pk")}}
    first, second = (dynamodb.import_table(**wish)["ImportTableDescription"]["ImportArn"] for _ in range(2))
    assert first == second
    wish["TableCreationParameters"]["TableName"] = "other"
    assert failure_of(dynamodb.import_table, **wish)[0] == "ImportConflictException"
    finished_import(dynamodb, first)
    wish["ClientToken"] = "t2"
    wish["TableCreationParameters"]["TableName"] = "token"
    assert failure_of(dynamodb.import_table, **wish)[0] == "ResourceInUseException"


def test_an_export_is_what_aws_documents_and_can_be_imported(dynamodb, s3):
    source = bucket_with(s3, "round", data=LINES)
    import_table(dynamodb, "round", source)
    arn = dynamodb.describe_table(TableName="round")["Table"]["TableArn"]
    assert failure_of(dynamodb.export_table_to_point_in_time, TableArn=arn, S3Bucket="round")[0] \
        == "PointInTimeRecoveryUnavailableException"
    dynamodb.update_continuous_backups(TableName="round", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    begun = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="round", S3Prefix="to/here")["ExportDescription"]
    assert begun["ExportStatus"] == "IN_PROGRESS"
    done = finished_export(dynamodb, begun["ExportArn"])
    assert done["ExportStatus"] == "COMPLETED" and done["ItemCount"] == 500, done
    assert dynamodb.list_exports(TableArn=arn)["ExportSummaries"] == [
        {"ExportArn": begun["ExportArn"], "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}]

    folder = f"to/here/AWSDynamoDB/{begun['ExportArn'].split('/')[-1]}/"
    body = {each["Key"]: s3.get_object(Bucket="round", Key=each["Key"])["Body"].read()
            for each in s3.list_objects_v2(Bucket="round", Prefix=folder)["Contents"]}
    assert body.pop(folder + "_started") == b""
    for manifest in ["manifest-summary", "manifest-files"]:
        assert body[folder + manifest + ".md5"] == base64.b64encode(hashlib.md5(body[folder + manifest + ".json"]).digest())
    assert done["ExportManifest"] == folder + "manifest-summary.json"
    summary = json.loads(body[done["ExportManifest"]])
    assert summary["itemCount"] == 500 and summary["exportArn"] == begun["ExportArn"] and summary["tableArn"] == arn
    items = []
    for entry in map(json.loads, body[summary["manifestFilesS3Key"]].splitlines()):
        data = body[entry["dataFileS3Key"]]
        assert base64.b64decode(entry["md5Checksum"]) == hashlib.md5(data).digest()
        lines = gzip.decompress(data).splitlines()
        assert entry["itemCount"] == len(lines)
        items += [json.loads(each)["Item"] for each in lines]
    assert sorted(items, key=lambda item: item["pk"]["S"]) == [json.loads(each)["Item"] for each in LINES.splitlines()]

    back = import_table(dynamodb, "back", {"S3Bucket": "round", "S3KeyPrefix": folder + "data/"}, InputCompressionType="GZIP")
    assert back["ImportedItemCount"] == 500 and len(items_of(dynamodb, "back")) == 500


def test_an_export_to_nowhere_fails_by_name(dynamodb):
    arn = make_table(dynamodb, "nowhere")["TableArn"]
    dynamodb.update_continuous_backups(TableName="nowhere", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    begun = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="nowhere-at-all")["ExportDescription"]["ExportArn"]
    done = finished_export(dynamodb, begun)
    assert (done["ExportStatus"], done["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    code, message = failure_of(dynamodb.export_table_to_point_in_time, TableArn=arn, S3Bucket="bucket", S3SseAlgorithm="KMS")
    assert code == "ValidationException" and "S3SseAlgorithm" in message


def test_an_import_goes_on_after_a_crash(server_factory):
    server = server_factory()
    s3, dynamodb = server.client("s3"), server.client("dynamodb")
    body = "".join(line({"pk": {"S": f"{i:06}"}, "fill": {"S": "x" * 300}}) for i in range(10_000)).encode()
    source = bucket_with(s3, "crash", **{f"in/{part}": body.replace(b'"S": "0', b'"S": "%d' % part) for part in range(6)})
    arn = dynamodb.import_table(S3BucketSource=source, InputFormat="DYNAMODB_JSON", TableCreationParameters={
        "TableName": "crash", "BillingMode": "PAY_PER_REQUEST", **key("pk")})["ImportTableDescription"]["ImportArn"]
    eventually(lambda: dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]["ImportedItemCount"] > 0)
    server.kill()
    server.restart()
    dynamodb = server.client("dynamodb")
    done = finished_import(dynamodb, arn)
    assert done["ImportStatus"] == "COMPLETED" and done["ErrorCount"] == 0, done
    assert done["ImportedItemCount"] == done["ProcessedItemCount"] == 60_000
    assert dynamodb.describe_table(TableName="crash")["Table"]["ItemCount"] == 60_000

"""Buckets and listings through boto3."""

import urllib.error
import urllib.request

import botocore.exceptions
import pytest


@pytest.fixture(scope="module")
def s3(server):
    return server.client("s3")


def code_of(function, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        function(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_buckets_life(s3):
    assert s3.create_bucket(Bucket="life")["Location"] == "/life"
    s3.create_bucket(Bucket="life")  # in us-east-1, again is fine
    s3.head_bucket(Bucket="life")
    assert s3.get_bucket_location(Bucket="life")["LocationConstraint"] is None
    assert "Status" not in s3.get_bucket_versioning(Bucket="life")
    assert code_of(s3.get_bucket_tagging, Bucket="life") == ("NoSuchTagSet", 404)
    s3.put_bucket_tagging(Bucket="life", Tagging={"TagSet": [{"Key": "team", "Value": "a"}]})
    assert s3.get_bucket_tagging(Bucket="life")["TagSet"] == [{"Key": "team", "Value": "a"}]
    s3.delete_bucket_tagging(Bucket="life")
    assert code_of(s3.get_bucket_tagging, Bucket="life") == ("NoSuchTagSet", 404)
    s3.put_object(Bucket="life", Key="k", Body=b"x")
    assert code_of(s3.delete_bucket, Bucket="life") == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="life", Key="k")
    s3.delete_object(Bucket="life", Key="k")
    s3.delete_bucket(Bucket="life")
    assert code_of(s3.head_bucket, Bucket="life") == ("404", 404)
    assert code_of(s3.list_objects_v2, Bucket="life") == ("NoSuchBucket", 404)
    assert code_of(s3.put_object, Bucket="life", Key="k", Body=b"") == ("NoSuchBucket", 404)
    assert code_of(s3.create_bucket, Bucket="UPPER_case") == ("InvalidBucketName", 400)


def test_regions(server):
    frankfurt = server.client("s3", region_name="eu-central-1")
    constraint = {"LocationConstraint": "eu-central-1"}
    assert code_of(frankfurt.create_bucket, Bucket="region")[0] == "IllegalLocationConstraintException"
    frankfurt.create_bucket(Bucket="region", CreateBucketConfiguration=constraint)
    assert code_of(frankfurt.create_bucket, Bucket="region", CreateBucketConfiguration=constraint) == (
        "BucketAlreadyOwnedByYou", 409)
    assert frankfurt.get_bucket_location(Bucket="region")["LocationConstraint"] == "eu-central-1"
    assert frankfurt.head_bucket(Bucket="region")["BucketRegion"] == "eu-central-1"


def test_buckets_are_listed_in_pages(s3):
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        s3.create_bucket(Bucket=name)
    listed = s3.list_buckets()
    assert {bucket["Name"] for bucket in listed["Buckets"]} >= set(names)
    assert listed["Owner"]["ID"]
    pages = list(s3.get_paginator("list_buckets").paginate(Prefix="paged-", PaginationConfig={"PageSize": 2}))
    assert [len(page["Buckets"]) for page in pages] == [2, 2, 1]
    assert [bucket["Name"] for page in pages for bucket in page["Buckets"]] == names


@pytest.fixture(scope="module")
def tree(s3):
    s3.create_bucket(Bucket="tree")
    for key in ["a b", "photos/2024/x", "photos/2025/y", "photos/z", "q", "r/s", "ü/1"]:
        s3.put_object(Bucket="tree", Key=key, Body=key.encode())
    return "tree"


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_listing_by_folder(s3, tree, operation, page_size):
    def walk(**arguments):
        pages = s3.get_paginator(operation).paginate(Bucket=tree, PaginationConfig={"PageSize": page_size}, **arguments)
        found = []
        for page in pages:
            found += [item["Key"] for item in page.get("Contents", [])]
            found += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        return found

    assert sorted(walk(Delimiter="/")) == ["a b", "photos/", "q", "r/", "ü/"]
    assert sorted(walk(Delimiter="/", Prefix="photos/")) == ["photos/2024/", "photos/2025/", "photos/z"]
    assert walk(Prefix="photos/2") == ["photos/2024/x", "photos/2025/y"]
    assert walk(Prefix="none") == []
    assert walk() == ["a b", "photos/2024/x", "photos/2025/y", "photos/z", "q", "r/s", "ü/1"]


def test_what_listings_show(s3, tree):
    page = s3.list_objects_v2(Bucket=tree, Prefix="photos/", Delimiter="/", StartAfter="photos/2025/", FetchOwner=True)
    assert page["Name"] == tree
    assert page["Prefix"] == "photos/"
    assert page["Delimiter"] == "/"
    assert page["StartAfter"] == "photos/2025/"
    assert (page["KeyCount"], page["MaxKeys"], page["IsTruncated"]) == (1, 1000, False)
    item = page["Contents"][0]
    assert item["Key"] == "photos/z"
    assert item["Size"] == 8
    assert item["StorageClass"] == "STANDARD"
    assert item["Owner"]["ID"]
    assert item["ETag"].startswith('"')
    assert "Owner" not in s3.list_objects_v2(Bucket=tree)["Contents"][0]
    assert s3.list_objects(Bucket=tree, MaxKeys=0)["IsTruncated"] is False
    assert code_of(s3.list_objects_v2, Bucket=tree, ContinuationToken="?") == ("InvalidArgument", 400)


def test_deleting_many(s3):
    s3.create_bucket(Bucket="many")
    keys = [f"{number:04}" for number in range(1000)]
    for key in keys[:50]:
        s3.put_object(Bucket="many", Key=key, Body=b"x")
    answer = s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": key} for key in keys]})
    assert len(answer["Deleted"]) == 1000
    assert "Errors" not in answer
    assert "Contents" not in s3.list_objects_v2(Bucket="many")
    s3.put_object(Bucket="many", Key="kept", Body=b"x")
    answer = s3.delete_objects(Bucket="many", Delete={"Quiet": True, "Objects": [
        {"Key": "absent"}, {"Key": "kept", "ETag": '"other"'}]})
    assert "Deleted" not in answer
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("kept", "PreconditionFailed")]
    assert code_of(s3.delete_objects, Bucket="many", Delete={"Objects": [{"Key": key} for key in keys + ["more"]]}) == (
        "MalformedXML", 400)


def test_what_tools_ask_about_every_bucket(s3):
    s3.create_bucket(Bucket="asked")
    grant = s3.get_bucket_acl(Bucket="asked")["Grants"][0]
    assert (grant["Permission"], grant["Grantee"]["Type"]) == ("FULL_CONTROL", "CanonicalUser")
    assert s3.get_bucket_request_payment(Bucket="asked")["Payer"] == "BucketOwner"
    rules = s3.get_bucket_ownership_controls(Bucket="asked")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="asked")
    assert "TopicConfigurations" not in s3.get_bucket_notification_configuration(Bucket="asked")
    for operation, code in [("policy", "NoSuchBucketPolicy"), ("cors", "NoSuchCORSConfiguration"),
                            ("lifecycle_configuration", "NoSuchLifecycleConfiguration"),
                            ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
                            ("website", "NoSuchWebsiteConfiguration"),
                            ("replication", "ReplicationConfigurationNotFoundError")]:
        assert code_of(getattr(s3, f"get_bucket_{operation}"), Bucket="asked") == (code, 404)
    assert code_of(s3.get_bucket_policy, Bucket="not-there") == ("NoSuchBucket", 404)
    assert code_of(s3.put_bucket_versioning, Bucket="asked", VersioningConfiguration={"Status": "Enabled"}) == (
        "NotImplemented", 501)


def test_a_body_that_does_not_match_its_digest_changes_nothing(server_factory):
    server = server_factory(auth="off")
    s3 = server.client("s3")
    s3.create_bucket(Bucket="digests")
    s3.put_object(Bucket="digests", Key="kept", Body=b"x")
    body = b"<Delete><Object><Key>kept</Key></Object></Delete>"
    for headers, code in [({"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, "BadDigest"), ({}, "InvalidRequest"),
                          ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest")]:
        request = urllib.request.Request(f"{server.url}/digests?delete", data=body, method="POST", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        assert caught.value.code == 400
        assert f"<Code>{code}</Code>".encode() in caught.value.read()
    assert s3.get_object(Bucket="digests", Key="kept")["Body"].read() == b"x"


def test_a_bucket_is_its_accounts_alone(server_factory):
    server = server_factory()
    owner = server.client("s3")
    owner.create_bucket(Bucket="mine")
    owner.put_object(Bucket="mine", Key="secret", Body=b"owner's")
    upload = owner.create_multipart_upload(Bucket="mine", Key="big")["UploadId"]
    server.create_keys("--account", "111111111111")
    other = server.client("s3")
    other.create_bucket(Bucket="theirs")
    key = {"Bucket": "mine", "Key": "secret"}
    denied = [
        (other.get_object, key),
        (other.put_object, {**key, "Body": b"overwritten"}),
        (other.delete_object, key),
        (other.delete_objects, {"Bucket": "mine", "Delete": {"Objects": [{"Key": "secret"}]}}),
        (other.copy_object, {"Bucket": "theirs", "Key": "stolen", "CopySource": "mine/secret"}),
        (other.copy_object, {**key, "CopySource": "theirs/none"}),
        (other.list_objects, {"Bucket": "mine"}),
        (other.list_objects_v2, {"Bucket": "mine"}),
        (other.list_multipart_uploads, {"Bucket": "mine"}),
        (other.upload_part, {"Bucket": "mine", "Key": "big", "UploadId": upload, "PartNumber": 1, "Body": b"x"}),
        (other.abort_multipart_upload, {"Bucket": "mine", "Key": "big", "UploadId": upload}),
        (other.get_object_tagging, key),
        (other.get_object_attributes, {**key, "ObjectAttributes": ["ETag"]}),
        (other.get_bucket_location, {"Bucket": "mine"}),
        (other.put_bucket_tagging, {"Bucket": "mine", "Tagging": {"TagSet": []}}),
        (other.get_bucket_acl, {"Bucket": "mine"}),
        (other.delete_bucket, {"Bucket": "mine"}),
    ]
    for function, arguments in denied:
        assert code_of(function, **arguments) == ("AccessDenied", 403), function.__name__
    assert code_of(other.head_object, **key) == ("403", 403)
    assert code_of(other.create_bucket, Bucket="mine") == ("BucketAlreadyExists", 409)
    assert [bucket["Name"] for bucket in other.list_buckets()["Buckets"]] == ["theirs"]
    assert owner.get_object(**key)["Body"].read() == b"owner's"
    assert [bucket["Name"] for bucket in owner.list_buckets()["Buckets"]] == ["mine"]
    server.restart()
    assert code_of(server.client("s3").get_object, **key) == ("AccessDenied", 403)

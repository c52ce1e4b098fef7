"""Where results go and who decides it; saved queries; the catalogue as Athena shows it."""

import botocore.exceptions
import pytest


@pytest.fixture
def athena(lake):
    return lake.client("athena")


def code_of(raised):
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def test_without_a_location_a_query_is_refused_in_aws_words(athena):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        athena.start_query_execution(QueryString="SELECT 1")
    code, message = code_of(raised)
    assert code == "InvalidRequestException"
    assert message.startswith("No output location provided.")


def test_a_group_that_enforces_its_location_overrides_the_call(athena, run):
    athena.create_work_group(Name="strict", Configuration={
        "ResultConfiguration": {"OutputLocation": "s3://lake/strict/"}, "EnforceWorkGroupConfiguration": True})
    assert run("SELECT 1", WorkGroup="strict")["ResultConfiguration"]["OutputLocation"].startswith("s3://lake/strict/")
    athena.update_work_group(WorkGroup="strict", ConfigurationUpdates={"EnforceWorkGroupConfiguration": False})
    assert run("SELECT 1", WorkGroup="strict")["ResultConfiguration"]["OutputLocation"].startswith("s3://lake/results/")
    assert len(athena.list_query_executions(WorkGroup="strict")["QueryExecutionIds"]) == 2


def test_a_query_over_the_groups_scan_limit_does_not_succeed(athena, lake, run):
    body = b'{"id": 1, "customer": "' + b"x" * 1000 + b'", "amount": "1.00"}\n'
    lake.client("s3").put_object(Bucket="lake", Key="orders/day=2026-01-03/big.json", Body=body * 12_000)
    athena.create_work_group(Name="frugal", Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    lake.client("glue").create_partition(DatabaseName="shop", TableName="orders", PartitionInput={
        "Values": ["2026-01-03"], "StorageDescriptor": {
            **lake.client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]["StorageDescriptor"],
            "Location": "s3://lake/orders/day=2026-01-03/"}})
    try:
        execution = run("SELECT count(customer) FROM orders", WorkGroup="frugal")
        assert execution["Status"]["State"] != "SUCCEEDED"
    finally:
        lake.client("glue").delete_partition(DatabaseName="shop", TableName="orders", PartitionValues=["2026-01-03"])


def test_a_disabled_group_runs_nothing(athena):
    athena.create_work_group(Name="off")
    athena.update_work_group(WorkGroup="off", State="DISABLED")
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup="off",
                                     ResultConfiguration={"OutputLocation": "s3://lake/"})
    assert "disabled" in code_of(raised)[1]


def test_groups_are_listed_in_pages_with_primary_among_them(athena):
    for name in ("a-group", "z-group"):
        athena.create_work_group(Name=name)
    names, token = [], {}
    while True:
        page = athena.list_work_groups(MaxResults=1, **token)
        names += [group["Name"] for group in page["WorkGroups"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == sorted(names) and {"a-group", "primary", "z-group"} <= set(names)


def test_a_group_with_a_saved_query_is_deleted_only_with_it(athena):
    athena.create_work_group(Name="saved")
    saved = athena.create_named_query(Name="daily", Database="shop", QueryString="SELECT 1", WorkGroup="saved")
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        athena.delete_work_group(WorkGroup="saved")
    assert "not empty" in code_of(raised)[1]
    assert athena.list_named_queries(WorkGroup="saved")["NamedQueryIds"] == [saved["NamedQueryId"]]
    athena.delete_work_group(WorkGroup="saved", RecursiveDeleteOption=True)
    with pytest.raises(botocore.exceptions.ClientError):
        athena.get_named_query(NamedQueryId=saved["NamedQueryId"])


def test_tags_of_a_group(athena):
    athena.create_work_group(Name="tagged", Tags=[{"Key": "team", "Value": "data"}])
    arn = "arn:aws:athena:us-east-1:000000000000:workgroup/tagged"
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "stage", "Value": "ci"}])
    athena.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "stage", "Value": "ci"}]
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        athena.list_tags_for_resource(ResourceARN=arn + "-not")
    assert code_of(raised)[0] == "ResourceNotFoundException"


def test_what_is_not_honoured_is_refused_by_name(athena):
    for arguments in ({"ResultConfiguration": {"OutputLocation": "s3://lake/", "EncryptionConfiguration": {
            "EncryptionOption": "SSE_S3"}}},
            {"ResultConfiguration": {"OutputLocation": "s3://lake/"}, "ResultReuseConfiguration": {
                "ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}}):
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            athena.start_query_execution(QueryString="SELECT 1", **arguments)
        assert "EncryptionConfiguration" in code_of(raised)[1] or "ResultReuseConfiguration" in code_of(raised)[1]


def test_the_catalogue_as_athena_shows_it(athena):
    assert athena.list_data_catalogs()["DataCatalogsSummary"][0]["CatalogName"] == "AwsDataCatalog"
    names = [each["Name"] for each in athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]]
    assert "shop" in names
    table = athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop", TableName="orders")[
        "TableMetadata"]
    assert [column["Name"] for column in table["Columns"]] == ["id", "customer", "amount"]
    assert table["PartitionKeys"][0]["Name"] == "day"
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="shop", TableName="missing")
    assert code_of(raised)[0] == "MetadataException"

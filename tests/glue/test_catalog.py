"""Glue's data catalogue through boto3, the AWS CLI and awswrangler."""

import uuid

import pytest
from botocore.exceptions import ClientError, ParamValidationError


@pytest.fixture
def glue(boto):
    return boto("glue")


@pytest.fixture
def database(glue):
    name = "d" + uuid.uuid4().hex[:12]
    glue.create_database(DatabaseInput={"Name": name})
    return name


def storage(location="s3://lake/orders/", **more):
    return {
        "Columns": [{"Name": "invoiceno", "Type": "string", "Comment": "with C when cancelled"},
                    {"Name": "price", "Type": "decimal(10,2)"}],
        "Location": location,
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                      "Parameters": {"serialization.format": "1"}},
        **more,
    }


def make_table(glue, database, name="orders", keys=("year", "country")):
    types = {"year": "int"}
    glue.create_table(DatabaseName=database, TableInput={
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "parquet"},
        "StorageDescriptor": storage(),
        "PartitionKeys": [{"Name": key, "Type": types.get(key, "string")} for key in keys]})


def partition(year, country):
    return {"Values": [str(year), country], "StorageDescriptor": storage(f"s3://lake/orders/{year}/{country}/")}


def code_of(error):
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_database_is_made_found_changed_and_dropped_with_its_tables(glue):
    name = "Sales" + uuid.uuid4().hex[:8]
    glue.create_database(DatabaseInput={"Name": name, "Description": "first", "LocationUri": "s3://lake/",
                                        "Parameters": {"owner": "me"}})
    with pytest.raises(ClientError) as error:
        glue.create_database(DatabaseInput={"Name": name.lower()})
    assert code_of(error) == ("AlreadyExistsException", "Database already exists.")
    got = glue.get_database(Name=name)["Database"]
    assert got["Name"] == name.lower() and got["Description"] == "first" and got["Parameters"] == {"owner": "me"}
    assert got["CreateTime"].year >= 2026
    glue.update_database(Name=name, DatabaseInput={"Name": name, "Description": "second"})
    assert glue.get_database(Name=name)["Database"]["Description"] == "second"
    make_table(glue, name)
    glue.delete_database(Name=name)
    with pytest.raises(ClientError) as error:
        glue.get_database(Name=name)
    assert code_of(error)[0] == "EntityNotFoundException"
    glue.create_database(DatabaseInput={"Name": name})
    assert glue.get_tables(DatabaseName=name)["TableList"] == []


def test_a_table_comes_back_as_it_was_sent(glue, database):
    sent = {
        "Name": "orders", "Description": "what was sold", "Owner": "shop", "Retention": 3,
        "StorageDescriptor": storage(Compressed=True, NumberOfBuckets=4, BucketColumns=["invoiceno"],
                                     SortColumns=[{"Column": "price", "SortOrder": 1}], Parameters={"a": "b"},
                                     SkewedInfo={"SkewedColumnNames": ["price"], "SkewedColumnValues": ["1"]},
                                     StoredAsSubDirectories=True, AdditionalLocations=["s3://other/"]),
        "PartitionKeys": [{"Name": "year", "Type": "int"}], "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"}, "ViewOriginalText": "/* view */", "ViewExpandedText": "x"}
    glue.create_table(DatabaseName=database, TableInput=sent)
    got = glue.get_table(DatabaseName=database, Name="ORDERS")["Table"]
    assert {key: got[key] for key in sent} == sent
    assert got["VersionId"] == "0" and got["DatabaseName"] == database


def test_unicode_and_quotes_survive(glue, database):
    text = 'naïve "quoted" \\ 日本 \U0001f600'
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "Parameters": {"comment": text}})
    assert glue.get_table(DatabaseName=database, Name="t")["Table"]["Parameters"]["comment"] == text


def test_updates_make_versions_and_a_stale_one_is_refused(glue, database):
    make_table(glue, database)
    for description in ("one", "two"):
        glue.update_table(DatabaseName=database, TableInput={"Name": "orders", "Description": description})
    versions = glue.get_table_versions(DatabaseName=database, TableName="orders")["TableVersions"]
    assert [version["VersionId"] for version in versions] == ["2", "1", "0"]
    assert [version["Table"].get("Description") for version in versions] == ["two", "one", None]
    with pytest.raises(ClientError) as error:
        glue.update_table(DatabaseName=database, TableInput={"Name": "orders"}, VersionId="1")
    assert code_of(error)[0] == "ConcurrentModificationException"
    glue.update_table(DatabaseName=database, TableInput={"Name": "orders"}, VersionId="2", SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=database, TableName="orders")["TableVersions"]
    assert [version["VersionId"] for version in versions] == ["3", "1", "0"]
    glue.delete_table_version(DatabaseName=database, TableName="orders", VersionId="0")
    with pytest.raises(ClientError) as error:
        glue.get_table_version(DatabaseName=database, TableName="orders", VersionId="0")
    assert code_of(error)[0] == "EntityNotFoundException"


def test_partitions_are_filtered_as_the_expression_says(glue, database):
    make_table(glue, database)
    countries = ["France", "United Kingdom", "O'Land"]
    errors = glue.batch_create_partition(
        DatabaseName=database, TableName="orders",
        PartitionInputList=[partition(year, country) for year in (2009, 2010, 2011) for country in countries])["Errors"]
    assert errors == []
    pages = glue.get_paginator("get_partitions")

    def found(expression, **more):
        return [tuple(each["Values"]) for page in
                pages.paginate(DatabaseName=database, TableName="orders", Expression=expression, **more)
                for each in page["Partitions"]]

    assert len(found("")) == 9
    assert found("year > 9 AND year < '2010'") == [("2009", country) for country in sorted(countries)]
    assert found("country = 'O''Land' AND year IN (2010, 2011)") == [("2010", "O'Land"), ("2011", "O'Land")]
    assert found("country LIKE 'United%' AND NOT year BETWEEN 2010 AND 2011") == [("2009", "United Kingdom")]
    assert len(found("country <> 'France'", PaginationConfig={"PageSize": 2})) == 6
    segments = [found("", Segment={"SegmentNumber": number, "TotalSegments": 3}) for number in range(3)]
    assert sorted(sum(segments, [])) == sorted(found(""))
    with pytest.raises(ClientError) as error:
        found("nonsense = 1")
    assert code_of(error)[0] == "InvalidInputException"


def test_partitions_one_by_one_and_in_batches(glue, database):
    make_table(glue, database)
    name = {"DatabaseName": database, "TableName": "orders"}
    glue.create_partition(**name, PartitionInput=partition(2010, "France"))
    with pytest.raises(ClientError) as error:
        glue.create_partition(**name, PartitionInput=partition(2010, "France"))
    assert code_of(error) == ("AlreadyExistsException", "Partition already exists.")
    errors = glue.batch_create_partition(**name, PartitionInputList=[partition(2010, "France"),
                                                                     partition(2011, "France")])["Errors"]
    assert [(each["PartitionValues"], each["ErrorDetail"]["ErrorCode"]) for each in errors] == [
        (["2010", "France"], "AlreadyExistsException")]
    glue.update_partition(**name, PartitionValueList=["2010", "France"], PartitionInput=partition(2012, "Spain"))
    got = glue.get_partition(**name, PartitionValues=["2012", "Spain"])["Partition"]
    assert got["StorageDescriptor"]["Location"] == "s3://lake/orders/2012/Spain/"
    got = glue.batch_get_partition(**name, PartitionsToGet=[{"Values": ["2010", "France"]},
                                                            {"Values": ["2011", "France"]}])
    assert [each["Values"] for each in got["Partitions"]] == [["2011", "France"]]
    errors = glue.batch_update_partition(**name, Entries=[
        {"PartitionValueList": ["2011", "France"],
         "PartitionInput": {**partition(2011, "France"), "Parameters": {"k": "v"}}},
        {"PartitionValueList": ["1999", "France"], "PartitionInput": partition(1999, "France")}])["Errors"]
    assert [each["ErrorDetail"]["ErrorCode"] for each in errors] == ["EntityNotFoundException"]
    errors = glue.batch_delete_partition(**name, PartitionsToDelete=[{"Values": ["2011", "France"]},
                                                                     {"Values": ["1999", "x"]}])["Errors"]
    assert [each["PartitionValues"] for each in errors] == [["1999", "x"]]
    glue.delete_partition(**name, PartitionValues=["2012", "Spain"])
    assert glue.get_partitions(**name)["Partitions"] == []
    assert glue.get_partition_indexes(**name)["PartitionIndexDescriptorList"] == []


def test_what_is_not_honoured_is_refused_by_name(glue, database):
    with pytest.raises(ClientError) as error:
        glue.create_table(DatabaseName=database, TableInput={"Name": "t"},
                          PartitionIndexes=[{"Keys": ["a"], "IndexName": "i"}])
    assert "PartitionIndexes" in code_of(error)[1]
    with pytest.raises(ClientError) as error:
        glue.create_database(DatabaseInput={"Name": "link", "TargetDatabase": {"DatabaseName": "x"}})
    assert "TargetDatabase" in code_of(error)[1]
    with pytest.raises(ClientError) as error:
        glue.get_crawlers()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "GetCrawlers" in code_of(error)[1]
    with pytest.raises((ClientError, ParamValidationError)):
        glue.create_database(DatabaseInput={"Name": ""})


def test_tables_are_listed_searched_and_deleted_in_batches(glue, database):
    for name in ("orders", "orders_2010", "other"):
        make_table(glue, database, name)
    names = [table["Name"] for page in glue.get_paginator("get_tables").paginate(
        DatabaseName=database, Expression="orders*", PaginationConfig={"PageSize": 1}) for table in page["TableList"]]
    assert names == ["orders", "orders_2010"]
    found = glue.search_tables(Filters=[{"Key": "DatabaseName", "Value": database}], SearchText="2010")["TableList"]
    assert [table["Name"] for table in found] == ["orders_2010"]
    errors = glue.batch_delete_table(DatabaseName=database, TablesToDelete=["orders", "nothing"])["Errors"]
    assert [(each["TableName"], each["ErrorDetail"]["ErrorCode"]) for each in errors] == [
        ("nothing", "EntityNotFoundException")]
    glue.delete_table(DatabaseName=database, Name="other")
    assert [table["Name"] for table in glue.get_tables(DatabaseName=database)["TableList"]] == ["orders_2010"]


def test_tags_of_a_database(glue, database, server):
    arn = f"arn:aws:glue:us-east-1:000000000000:database/{database}"
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"team": "sales", "x": "y"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["x"])
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "sales"}


def test_every_acknowledged_change_survives_a_kill(server_factory):
    server = server_factory()
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    make_table(glue, "d")
    glue.update_table(DatabaseName="d", TableInput={
        "Name": "orders", "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "country", "Type": "string"}]})
    for year in range(2000, 2020):
        glue.create_partition(DatabaseName="d", TableName="orders", PartitionInput=partition(year, "France"))
    server.kill()
    server.start()
    glue = server.client("glue")
    assert glue.get_table(DatabaseName="d", Name="orders")["Table"]["VersionId"] == "1"
    assert len(glue.get_partitions(DatabaseName="d", TableName="orders")["Partitions"]) == 20


def test_the_aws_cli_makes_and_reads_a_table(aws_cli):
    name = "cli" + uuid.uuid4().hex[:8]
    aws_cli("glue", "create-database", "--database-input", f"Name={name}")
    aws_cli("glue", "create-table", "--database-name", name, "--table-input",
            "Name=t,StorageDescriptor={Columns=[{Name=a,Type=int}],Location=s3://b/}")
    table = aws_cli("glue", "get-table", "--database-name", name, "--name", "t")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "a", "Type": "int"}]
    failed = aws_cli.run("glue", "get-table", "--database-name", name, "--name", "nothing")
    assert failed.returncode != 0 and "EntityNotFoundException" in failed.stderr


def test_awswrangler_manages_the_catalogue(server, database, monkeypatch):
    wrangler = pytest.importorskip("awswrangler")
    import boto3
    for name, value in server.client_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wrangler.config, "glue_endpoint_url", server.url)
    session = boto3.Session()
    wrangler.catalog.create_parquet_table(
        database=database, table="w", path="s3://lake/w/", columns_types={"a": "bigint", "b": "string"},
        partitions_types={"year": "int"}, description="made by wrangler", columns_comments={"a": "first"},
        boto3_session=session)
    assert wrangler.catalog.does_table_exist(database=database, table="w", boto3_session=session)
    assert not wrangler.catalog.does_table_exist(database=database, table="x", boto3_session=session)
    wrangler.catalog.add_parquet_partitions(
        database=database, table="w", boto3_session=session,
        partitions_values={"s3://lake/w/year=2010/": ["2010"], "s3://lake/w/year=2011/": ["2011"]})
    assert wrangler.catalog.get_partitions(database=database, table="w", expression="year = 2011",
                                           boto3_session=session) == {"s3://lake/w/year=2011/": ["2011"]}
    assert wrangler.catalog.get_table_types(database=database, table="w", boto3_session=session) == {
        "a": "bigint", "b": "string", "year": "int"}
    assert [table["Name"] for table in wrangler.catalog.get_tables(
        database=database, name_contains="w", boto3_session=session)] == ["w"]
    wrangler.catalog.upsert_table_parameters(parameters={"k": "v"}, database=database, table="w",
                                             boto3_session=session)
    assert wrangler.catalog.get_table_parameters(database=database, table="w", boto3_session=session)["k"] == "v"
    assert database in wrangler.catalog.databases(limit=1000, boto3_session=session)["Database"].tolist()
    wrangler.catalog.delete_partitions(table="w", database=database, partitions_values=[["2010"]],
                                       boto3_session=session)
    assert wrangler.catalog.delete_table_if_exists(database=database, table="w", boto3_session=session)

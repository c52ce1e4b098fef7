"""Record format conversion: JSON in, Parquet by a Glue table's schema out, read back by pyarrow and by DuckDB. What does
not convert lies below the error prefix, with the original data."""

import base64
import datetime
import decimal
import io
import json

import duckdb
import pyarrow.parquet
import pytest
from support.firehose import ROLE, objects, s3_destination
from support.waiting import eventually

COLUMNS = [("id", "bigint"), ("name", "string"), ("price", "double"), ("total", "decimal(10,2)"), ("paid", "boolean"),
           ("at", "timestamp"), ("day", "date"), ("tags", "array<string>"), ("who", "struct<age:int,city:string>"),
           ("counts", "map<string,int>")]


@pytest.fixture(scope="module")
def table(server):
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(DatabaseName="shop", TableInput={
        "Name": "orders", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": "dt", "Type": "string"}],
        "StorageDescriptor": {"Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS],
                              "Location": "s3://lake/orders/"}})
    server.client("s3").create_bucket(Bucket="lake")
    return "orders"


def conversion(table="orders", deserializer=None, **parquet):
    return {
        "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "shop", "TableName": table, "Region": "us-east-1"},
        "InputFormatConfiguration": {"Deserializer": deserializer or {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": parquet}},
    }


def create(boto, name, configuration):
    boto("firehose").create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=s3_destination(
        "lake", BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 0}, Prefix=f"{name}/!{{timestamp:yyyy}}/",
        ErrorOutputPrefix=f"errors/{name}/!{{firehose:error-output-type}}/",
        DataFormatConversionConfiguration=configuration))


def put(boto, name, documents):
    boto("firehose").put_record_batch(DeliveryStreamName=name, Records=[
        {"Data": each if isinstance(each, (bytes, str)) else json.dumps(each)} for each in documents])


def tables(boto, name):
    return [pyarrow.parquet.read_table(io.BytesIO(data))
            for data in objects(boto("s3"), "lake", f"{name}/").values()]


def rows(boto, name):
    return [row for each in tables(boto, name) for row in each.to_pylist()]


ORDER = {"id": 1, "Name": "größe", "price": 2.5, "total": 12.34, "paid": True, "at": "2026-11-20T10:30:05.123Z",
         "day": "2026-11-20", "tags": ["a", "b"], "who": {"age": 3, "city": "Köln"}, "counts": {"x": 1}, "extra": 0}


def test_types_of_the_table(boto, table, tmp_path):
    create(boto, "typed", conversion())
    put(boto, "typed", [ORDER, {"id": 2}])
    first, second = eventually(lambda: len(rows(boto, "typed")) == 2 and rows(boto, "typed"))
    assert list(first) == [name for name, _ in COLUMNS]  # partition keys are the path's
    assert (first["id"], first["name"], first["price"], first["paid"]) == (1, "größe", 2.5, True)
    assert first["total"] == decimal.Decimal("12.34")
    assert first["at"].replace(tzinfo=None) == datetime.datetime(2026, 11, 20, 10, 30, 5, 123000)
    assert first["day"] == datetime.date(2026, 11, 20)
    assert (first["tags"], first["who"]) == (["a", "b"], {"age": 3, "city": "Köln"})
    assert dict(first["counts"]) == {"x": 1}
    assert second == {"id": 2, **{name: None for name, _ in COLUMNS[1:]}}

    for number, (key, data) in enumerate(objects(boto("s3"), "lake", "typed/").items()):
        assert key.endswith(".parquet")
        (tmp_path / f"{number}.parquet").write_bytes(data)
    read = duckdb.sql(f"SELECT count(*), sum(id), max(total), max(who.age) FROM '{tmp_path}/*.parquet'").fetchone()
    assert read == (2, 3, decimal.Decimal("12.34"), 3)


@pytest.mark.parametrize("codec", ["SNAPPY", "GZIP", "UNCOMPRESSED", "ZSTD"])  # ZSTD is ours
def test_codecs_of_parquet(boto, table, codec):
    name = f"codec-{codec.lower()}"
    create(boto, name, conversion(Compression=codec))
    put(boto, name, [{"id": number, "name": f"n{number}"} for number in range(300)])
    eventually(lambda: len(rows(boto, name)) == 300)
    assert [row["id"] for row in rows(boto, name)] == list(range(300))
    for data in objects(boto("s3"), "lake", f"{name}/").values():
        chunk = pyarrow.parquet.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0)
        assert chunk.compression == codec


def test_what_does_not_convert_keeps_its_data_below_the_error_prefix(boto, table):
    create(boto, "mixed", conversion())
    bad = [b"not json", b'{"id": "seven"}', b"\xff\x00", b"[1]"]
    put(boto, "mixed", [{"id": 1}, bad[0], {"id": 2}, *bad[1:], {"id": 3}])
    prefix = "errors/mixed/format-conversion-failed/"

    def failures():
        return [json.loads(line) for data in objects(boto("s3"), "lake", prefix).values()
                for line in data.decode().splitlines()]

    eventually(lambda: len(failures()) == len(bad) and len(rows(boto, "mixed")) == 3)
    assert [row["id"] for row in rows(boto, "mixed")] == [1, 2, 3]
    assert [base64.b64decode(each["rawData"]) for each in failures()] == bad
    for each in failures():
        assert each["attemptsMade"] == 1
        assert each["lastErrorCode"].startswith("DataFormatConversion.")
        assert each["lastErrorMessage"]
        assert 0 < each["arrivalTimestamp"] <= each["attemptEndingTimestamp"]
        assert each["dataCatalogTable"]["databaseName"] == "shop"
        assert each["dataCatalogTable"]["tableName"] == "orders"
        assert each["dataCatalogTable"]["versionId"] == "LATEST"


def test_openx_options(boto, table):
    create(boto, "openx", conversion(deserializer={"OpenXJsonSerDe": {
        "ConvertDotsInJsonKeysToUnderscores": False, "CaseInsensitive": True,
        "ColumnToJsonKeyMappings": {"name": "full-name"}}}))
    put(boto, "openx", [{"ID": 4, "full-name": "Ada"}])
    (row,) = eventually(lambda: rows(boto, "openx"))
    assert (row["id"], row["name"]) == (4, "Ada")


def test_hive_timestamp_formats(boto, table):
    create(boto, "hive", conversion(deserializer={"HiveJsonSerDe": {"TimestampFormats": ["millis", "dd.MM.yyyy HH:mm"]}}))
    put(boto, "hive", [{"id": 1, "at": 1_500_000_000_123}, {"id": 2, "at": "20.11.2026 08:15"}])
    first, second = eventually(lambda: len(rows(boto, "hive")) == 2 and rows(boto, "hive"))
    assert first["at"].replace(tzinfo=None) == datetime.datetime(2017, 7, 14, 2, 40, 0, 123000)
    assert second["at"].replace(tzinfo=None) == datetime.datetime(2026, 11, 20, 8, 15)


def test_a_schema_that_comes_later_loses_nothing(boto, table):
    create(boto, "early", conversion(table="later"))
    put(boto, "early", [{"id": 9}])
    details = eventually(lambda: boto("firehose").describe_delivery_stream(
        DeliveryStreamName="early")["DeliveryStreamDescription"].get("FailureDescription"))["Details"]
    assert "shop.later" in details
    boto("glue").create_table(DatabaseName="shop", TableInput={
        "Name": "later", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]}})
    assert eventually(lambda: rows(boto, "early")) == [{"id": 9}]


def test_one_object_of_many_small_puts_after_a_kill(server_factory):
    server = server_factory()
    s3, glue, firehose = (server.client(name) for name in ("s3", "glue", "firehose"))
    s3.create_bucket(Bucket="lake")
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(DatabaseName="shop", TableInput={
        "Name": "orders", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]}})
    firehose.create_delivery_stream(
        DeliveryStreamName="d", ExtendedS3DestinationConfiguration=s3_destination(
            "lake", BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 900},
            DataFormatConversionConfiguration=conversion()))
    sent = list(range(40))
    for number in sent:
        firehose.put_record(DeliveryStreamName="d", Record={"Data": json.dumps({"id": number})})
    server.kill()
    server.start()
    # Another version of the destination begins anew with all that is not delivered: at once now.
    server.client("firehose").update_destination(
        DeliveryStreamName="d", CurrentDeliveryStreamVersionId="1", DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate={"BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 0}})
    (data,) = eventually(lambda: objects(server.client("s3"), "lake")).values()
    assert pyarrow.parquet.read_table(io.BytesIO(data))["id"].to_pylist() == sent
    assert not list((server.data / "spool").iterdir())

"""JSON becomes Parquet by the Glue table's schema, in the types that other readers see: pyarrow and DuckDB."""

import base64
import datetime
import decimal
import io
import json
import uuid

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from support.firehose import objects, s3_destination
from support.waiting import eventually

COLUMNS = [("id", "bigint"), ("flag", "boolean"), ("tiny", "tinyint"), ("small", "smallint"), ("whole", "int"),
           ("single", "float"), ("real", "double"), ("price", "decimal(10,2)"), ("wide", "decimal(38,3)"),
           ("text", "string"), ("code", "varchar(10)"), ("bytes", "binary"), ("day", "date"), ("at", "timestamp"),
           ("tags", "array<string>"), ("counts", "map<string,int>"),
           ("lines", "array<struct<sku:string,quantity:int,notes:array<string>>>")]
GOOD = [
    {"ID": 1, "Flag": True, "tiny": -128, "small": 32767, "whole": -5, "single": 1.5, "real": 0.1, "price": 12.345,
     "wide": "12345678901234567890.125", "text": 'naïve "q"', "code": "x", "bytes": base64.b64encode(b"\x00\xff").decode(),
     "day": "2010-12-01", "at": "2010-12-01 08:26:00.125", "tags": ["a", None], "counts": {"B": 2, "a": 1},
     "lines": [{"SKU": "s", "quantity": "3", "notes": ["n", "m"]}, {}], "undeclared": {"gone": [1]}},
    {"id": "2", "at": 1291191960, "tags": "only", "text": {"Kept": [1, 2]}},
]
BAD = [b"this is not json", json.dumps({"id": 3, "price": "oops"}).encode(), json.dumps({"id": 4, "tiny": 300}).encode(),
       b""]


@pytest.fixture
def pipeline(boto):
    """(stream name, bucket) of a delivery stream that converts to the columns above."""
    name = "t" + uuid.uuid4().hex[:12]
    boto("s3").create_bucket(Bucket=name)
    boto("glue").create_database(DatabaseInput={"Name": name})
    boto("glue").create_table(DatabaseName=name, TableInput={
        "Name": "orders", "PartitionKeys": [{"Name": "dt", "Type": "string"}],
        "StorageDescriptor": {"Columns": [{"Name": column, "Type": kind} for column, kind in COLUMNS],
                              "Location": f"s3://{name}/data/"}})

    def make(deserializer, parquet):
        destination = s3_destination(
            name, Prefix="data/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
            BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 1},
            DataFormatConversionConfiguration={
                "Enabled": True,
                "SchemaConfiguration": {"DatabaseName": name, "TableName": "orders", "Region": "us-east-1",
                                        "RoleARN": "arn:aws:iam::000000000000:role/r"},
                "InputFormatConfiguration": {"Deserializer": deserializer},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": parquet}}})
        boto("firehose").create_delivery_stream(DeliveryStreamName=name,
                                                ExtendedS3DestinationConfiguration=destination)
        return name

    return make


def under(boto, bucket, prefix):
    return {key: data for key, data in objects(boto("s3"), bucket).items() if key.startswith(prefix)}


def errors_of(boto, bucket):
    found = under(boto, bucket, "errors/format-conversion-failed/")
    return [json.loads(line) for data in found.values() for line in data.decode().splitlines()]


def put(boto, stream, records):
    answer = boto("firehose").put_record_batch(DeliveryStreamName=stream,
                                               Records=[{"Data": record} for record in records])
    assert answer["FailedPutCount"] == 0


def test_every_type_reads_back_in_pyarrow_and_duckdb(boto, pipeline, tmp_path):
    stream = pipeline({"OpenXJsonSerDe": {}}, {"Compression": "SNAPPY"})
    put(boto, stream, [json.dumps(record).encode() for record in GOOD])
    files = eventually(lambda: under(boto, stream, "data/"))
    (data,) = files.values()
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    assert table.column_names == [name for name, _ in COLUMNS]
    assert table.schema.field("tiny").type == pyarrow.int8()
    assert table.schema.field("price").type == pyarrow.decimal128(10, 2)
    assert table.schema.field("day").type == pyarrow.date32()
    assert table.schema.field("at").type == pyarrow.timestamp("us")
    first, second = table.to_pylist()
    assert first == {
        "id": 1, "flag": True, "tiny": -128, "small": 32767, "whole": -5, "single": 1.5, "real": 0.1,
        "price": decimal.Decimal("12.35"), "wide": decimal.Decimal("12345678901234567890.125"), "text": 'naïve "q"',
        "code": "x", "bytes": b"\x00\xff", "day": datetime.date(2010, 12, 1),
        "at": datetime.datetime(2010, 12, 1, 8, 26, 0, 125000), "tags": ["a", None],
        "counts": [("b", 2), ("a", 1)],
        "lines": [{"sku": "s", "quantity": 3, "notes": ["n", "m"]}, {"sku": None, "quantity": None, "notes": None}]}
    assert second["at"] == datetime.datetime(2010, 12, 1, 8, 26) and second["tags"] == ["only"]
    assert second["text"] == '{"kept":[1,2]}' and second["lines"] is None
    path = tmp_path / "file.parquet"
    path.write_bytes(data)
    assert duckdb.sql(f"SELECT sum(id), max(price), max(lines[1].notes[2]), max(counts['a']) FROM '{path}'").fetchone() \
        == (3, decimal.Decimal("12.35"), "m", 1)


def test_what_cannot_be_converted_goes_to_the_error_prefix_whole(boto, pipeline):
    stream = pipeline({"OpenXJsonSerDe": {}}, {"Compression": "GZIP"})
    put(boto, stream, [json.dumps({"id": 7}).encode(), *(record for record in BAD if record), json.dumps({"id": 8}).encode()])
    errors = eventually(lambda: len(found := errors_of(boto, stream)) >= 3 and found)
    codes = [error["lastErrorCode"] for error in errors]
    assert codes == ["DataFormatConversion.ParseError", "DataFormatConversion.MalformedData",
                     "DataFormatConversion.MalformedData"]
    assert [base64.b64decode(error["rawData"]) for error in errors] == [record for record in BAD if record]
    assert errors[1]["lastErrorMessage"] == 'Data does not match the schema. For input string: "oops"'
    (data,) = eventually(lambda: under(boto, stream, "data/")).values()
    assert pyarrow.parquet.read_table(io.BytesIO(data)).column("id").to_pylist() == [7, 8]


def test_the_hive_serde_reads_its_timestamp_formats(boto, pipeline):
    stream = pipeline({"HiveJsonSerDe": {"TimestampFormats": ["d/M/yyyy H:mm", "millis"]}},
                      {"Compression": "UNCOMPRESSED", "WriterVersion": "V2"})
    put(boto, stream, [b'{"id":1,"at":"1/12/2010 8:26"}{"id":2,"at":1291191960000}\n{"id":3}'])
    (data,) = eventually(lambda: under(boto, stream, "data/")).values()
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    assert table.column("id").to_pylist() == [1, 2, 3]
    assert table.column("at").to_pylist() == [datetime.datetime(2010, 12, 1, 8, 26)] * 2 + [None]

"""Builds the pipeline with nothing but AWS API calls: what runs here against Millrace runs against AWS."""

import io
import pathlib
import time
import zipfile

from botocore.exceptions import ClientError

import boto3_layer

BUCKET = "orders-lake"
DATABASE = "orders_lake"
STREAM = "orders"
TABLE = "orders"
ROLE = "arn:aws:iam::000000000000:role/orders"
FUNCTIONS = pathlib.Path(__file__).parent / "functions"

# table: columns, partition keys. A Firehose and a function of the same name fill each.
LAKE = {
    "orders": ({"order_id": "string", "ordered_at": "timestamp", "total_cents": "bigint"}, ["customer_id"]),
    "baskets": ({"order_id": "string",
                 "products": "array<struct<sku:string,name:string,quantity:int,price_cents:bigint>>"},
                ["year", "month"]),
    "addresses": ({"order_id": "string", "street": "string", "city": "string"}, ["country"]),
    "sales": ({"order_id": "string", "total_cents": "bigint"}, ["country", "year", "month"]),
}


def package(name):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.write(FUNCTIONS / name, name)
    return made.getvalue()


def make_function(client, name, file, handler, layers=(), **environment):
    made = client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Handler=f"{pathlib.Path(file).stem}.{handler}", Role=ROLE, Timeout=60,
        MemorySize=512, Code={"ZipFile": package(file)}, Layers=layers, Environment={"Variables": environment})
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    return made["FunctionArn"]


def make_table(client, stream_arn):
    """The table keyed customer_id and order_id, and the function that fills it from the stream."""
    client("dynamodb").create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "customer_id", "KeyType": "HASH"},
                   {"AttributeName": "order_id", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("customer_id", "order_id")])
    client("dynamodb").get_waiter("table_exists").wait(TableName=TABLE)
    make_function(client, "store-orders", "store.py", "handler", [boto3_layer.publish(client)], TABLE=TABLE)
    client("lambda").create_event_source_mapping(
        FunctionName="store-orders", EventSourceArn=stream_arn, StartingPosition="TRIM_HORIZON", BatchSize=500,
        FunctionResponseTypes=["ReportBatchItemFailures"])


def make_lake_table(client, stream_arn, name):
    """A Glue table, its transformer, and the Firehose that lands Parquet under its partitions."""
    columns, keys = LAKE[name]
    client("glue").create_table(DatabaseName=DATABASE, TableInput={
        "Name": name, "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
            "Location": f"s3://{BUCKET}/{name}/",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}}})
    function = make_function(client, f"{name}-rows", "transform.py", name)
    folders = "".join(f"{key}=!{{partitionKeyFromLambda:{key}}}/" for key in keys)
    parameters = {"LambdaArn": function, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "1"}
    client("firehose").create_delivery_stream(
        DeliveryStreamName=f"orders-to-{name}", DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream_arn, "RoleARN": ROLE},
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{BUCKET}", "Prefix": f"{name}/{folders}",
            "ErrorOutputPrefix": f"errors/{name}/!{{firehose:error-output-type}}/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 2},
            "DynamicPartitioningConfiguration": {"Enabled": True},
            "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                {"ParameterName": key, "ParameterValue": value} for key, value in parameters.items()]}]},
            "DataFormatConversionConfiguration": {
                "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": DATABASE, "TableName": name,
                                        "Region": "us-east-1"},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}}}})


def build(client):
    client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    client("kinesis").get_waiter("stream_exists").wait(StreamName=STREAM)
    stream_arn = client("kinesis").describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
    client("s3").create_bucket(Bucket=BUCKET)
    client("glue").create_database(DatabaseInput={"Name": DATABASE})
    make_table(client, stream_arn)
    for name in LAKE:
        make_lake_table(client, stream_arn, name)


def remove(client):
    """What build() made, as far as it got: nothing of an earlier run is in the way of the next."""
    for page in client("lambda").get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            if mapping["FunctionArn"].endswith(":store-orders"):
                client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    for name in LAKE:
        remove_if_there(client("firehose").delete_delivery_stream, DeliveryStreamName=f"orders-to-{name}")
    listed = client("firehose").list_delivery_streams
    while any(name.startswith("orders-to-") for name in listed(Limit=10_000)["DeliveryStreamNames"]):
        time.sleep(0.1)
    for name in ["store-orders", *(f"{name}-rows" for name in LAKE)]:
        remove_if_there(client("lambda").delete_function, FunctionName=name)
    remove_if_there(client("kinesis").delete_stream, StreamName=STREAM)
    client("kinesis").get_waiter("stream_not_exists").wait(StreamName=STREAM)
    remove_if_there(client("dynamodb").delete_table, TableName=TABLE)
    client("dynamodb").get_waiter("table_not_exists").wait(TableName=TABLE)
    remove_if_there(client("glue").delete_database, Name=DATABASE)  # its tables go with it
    remove_if_there(empty, client("s3"))
    remove_if_there(client("s3").delete_bucket, Bucket=BUCKET)


def remove_if_there(call, *arguments, **parameters):
    try:
        call(*arguments, **parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "EntityNotFoundException", "NoSuchBucket"):
            raise


def empty(s3):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        if "Contents" in page:
            s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": each["Key"]} for each in page["Contents"]]})

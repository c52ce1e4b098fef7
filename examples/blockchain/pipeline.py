"""Builds the pipeline behind the source with AWS API calls alone: what runs here against Millrace runs against AWS."""

import io
import json
import pathlib
import zipfile

import boto3_layer

BUCKET = "blockchain-archive"
BUS = "blockchain"
TABLE = "seen-transactions"
DELIVERY = "transactions"
SOURCE = "blockchain.poll"
DETAIL_TYPE = "Unconfirmed transaction"
ROLE = "arn:aws:iam::000000000000:role/blockchain"
REMEMBER_SECONDS = 24 * 3600


def make_table(client):
    client("dynamodb").create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "hash", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "hash", "AttributeType": "S"}])
    client("dynamodb").get_waiter("table_exists").wait(TableName=TABLE)
    client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})


def make_function(client):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(pathlib.Path(__file__).parent / "functions" / "drop_seen.py", "drop_seen.py")
    made = client("lambda").create_function(
        FunctionName="drop-seen", Runtime="python3.11", Handler="drop_seen.handler", Role=ROLE, Timeout=60,
        MemorySize=512, Code={"ZipFile": package.getvalue()}, Layers=[boto3_layer.publish(client)],
        Environment={"Variables": {"TABLE": TABLE, "REMEMBER_SECONDS": str(REMEMBER_SECONDS)}})
    client("lambda").get_waiter("function_active_v2").wait(FunctionName="drop-seen")
    return made["FunctionArn"]


def make_delivery(client, function):
    client("s3").create_bucket(Bucket=BUCKET)
    parameters = {"LambdaArn": function, "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "1"}
    return client("firehose").create_delivery_stream(
        DeliveryStreamName=DELIVERY, DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{BUCKET}", "Prefix": "transactions/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 2},
            "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                {"ParameterName": key, "ParameterValue": value} for key, value in parameters.items()]}]}},
    )["DeliveryStreamARN"]


def make_bus(client, delivery):
    """The bus, and the rule that hands each transaction, without its envelope, to the Firehose."""
    events = client("events")
    events.create_event_bus(Name=BUS)
    events.put_rule(Name="archive", EventBusName=BUS,
                    EventPattern=json.dumps({"source": [SOURCE], "detail-type": [DETAIL_TYPE]}))
    put = events.put_targets(Rule="archive", EventBusName=BUS, Targets=[
        {"Id": "firehose", "Arn": delivery, "RoleArn": ROLE, "InputPath": "$.detail"}])
    assert put["FailedEntryCount"] == 0, put


def build(client):
    make_table(client)
    make_bus(client, make_delivery(client, make_function(client)))

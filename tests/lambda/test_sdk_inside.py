"""SDKs inside functions reach this server with no change in the code that runs on AWS. They come as layers here."""

import pathlib

import boto3
import pytest

from support.clients import NODE_MODULES
from support.functions import NODE, call, create, tree_package

SITE_PACKAGES = pathlib.Path(boto3.__file__).parent.parent
PYTHON_NEEDS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
BOTOCORE_DATA = ("endpoints.json", "partitions.json", "_retry.json", "sdk-default-configuration.json", "kinesis", "s3", "sts")


@pytest.fixture
def functions(boto):
    return boto("lambda")


def unneeded_python(path):
    parts = path.relative_to(SITE_PACKAGES).parts
    if parts[0] not in PYTHON_NEEDS or "__pycache__" in parts:
        return True
    return parts[:2] == ("botocore", "data") and parts[2] not in BOTOCORE_DATA


def unneeded_node(path):
    parts = path.relative_to(NODE_MODULES).parts
    clients = parts[0] == "@aws-sdk" and parts[1].startswith("client-") and parts[1] not in ("client-kinesis", "client-sso")
    kinds = path.suffix not in (".js", ".json", ".mjs", ".cjs") or "dist-es" in parts or "dist-types" in parts
    return clients or kinds or parts[0] in ("kinesalite", ".bin", ".package-lock.json")


def test_boto3_in_a_function_reaches_the_server(functions, boto):
    layer = functions.publish_layer_version(
        LayerName="boto3", Content={"ZipFile": tree_package("python", SITE_PACKAGES, unneeded_python)})
    boto("kinesis").create_stream(StreamName="inside", ShardCount=1)
    boto("kinesis").get_waiter("stream_exists").wait(StreamName="inside")
    boto("s3").create_bucket(Bucket="inside")
    source = """
import boto3
from botocore.useragent import sanitize_user_agent_string_component as clean
def handler(event, context):
    boto3.client('s3').put_object(Bucket='inside', Key='k', Body=event['body'].encode())
    kinesis = boto3.client('kinesis')
    put = kinesis.put_record(StreamName='inside', Data=b'x', PartitionKey='p')
    got = boto3.client('s3').get_object(Bucket='inside', Key='k')['Body'].read().decode()
    return [put['ShardId'], got, clean.cache_info().hits > 0, clean('a b#c', True), clean('a b#c', allow_hash=False)]
"""
    create(functions, "python-sdk", source, Layers=[layer["LayerVersionArn"]], MemorySize=256)
    assert call(functions, "python-sdk", {"body": "from within"}) == [
        "shardId-000000000000", "from within", True, "a-b#c", "a-b-c"]
    assert boto("s3").get_object(Bucket="inside", Key="k")["Body"].read() == b"from within"


def test_the_javascript_sdk_in_a_function_reaches_the_server(functions, boto):
    layer = functions.publish_layer_version(
        LayerName="node-sdk", Content={"ZipFile": tree_package("nodejs/node_modules", NODE_MODULES, unneeded_node)})
    boto("kinesis").create_stream(StreamName="inside-node", ShardCount=1)
    boto("kinesis").get_waiter("stream_exists").wait(StreamName="inside-node")
    source = """
const { KinesisClient, PutRecordCommand } = require("@aws-sdk/client-kinesis");
exports.handler = async () => {
    const client = new KinesisClient({});
    const put = await client.send(new PutRecordCommand({ StreamName: "inside-node", Data: Buffer.from("x"), PartitionKey: "p" }));
    return put.ShardId;
};
"""
    create(functions, "node-sdk", {"index.js": source}, Runtime=NODE, Handler="index.handler", Layers=[layer["LayerVersionArn"]],
           MemorySize=512)
    assert call(functions, "node-sdk") == "shardId-000000000000"


def test_keys_of_functions_are_good_with_their_token_alone_and_gone_with_the_server(server_factory):
    server = server_factory()
    functions = server.client("lambda")
    create(functions, "keys", "import os\ndef handler(e, c):\n    return {n: os.environ[n] for n in os.environ if n.startswith('AWS_')}\n")
    given = call(functions, "keys")
    assert given["AWS_ENDPOINT_URL"] == server.url and given["AWS_REGION"] == "us-east-1"

    def lists(token):
        client = server.client("s3", aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
                               aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"], aws_session_token=token)
        return client.list_buckets()

    assert lists(given["AWS_SESSION_TOKEN"])["Buckets"] == []
    for token in (None, given["AWS_SESSION_TOKEN"][:-1] + "!"):
        with pytest.raises(Exception, match="InvalidToken"):
            lists(token)
    assert given["AWS_ACCESS_KEY_ID"] not in (server.data / "keys.json").read_text()
    server.restart()
    with pytest.raises(Exception, match="InvalidAccessKeyId"):
        lists(given["AWS_SESSION_TOKEN"])

"""Builds the pipeline with nothing but AWS API calls: what runs here against Millrace runs against AWS."""

import io
import pathlib
import zipfile

import boto3_layer

BUCKET = "retail-lake"
STREAM = "retail-rows"
DEAD = "retail-dead-letters"
ROLE = "arn:aws:iam::000000000000:role/retail"
STAGE = "v1"
FUNCTIONS = pathlib.Path(__file__).parent / "functions"

QUERY = """{
    "TableName": "invoices",
    "KeyConditionExpression": "invoice = :invoice",
    "ExpressionAttributeValues": {":invoice": {"S": "$util.escapeJavaScript($input.params('number'))"}}
}"""

# An item of DynamoDB's is told as plain JSON; no item is a 404.
INVOICE = """#set($items = $input.path('$.Items'))
#if($items.size() == 0)#set($context.responseOverride.status = 404)
{"message": "no such invoice"}
#else
{"invoice": "$items[0].invoice.S", "customer": "$items[0].customer.S", "date": "$items[0].date.S", "lines": [
#foreach($item in $items)
{"stock_code": "$item.stock_code.S",
 "description": "$util.escapeJavaScript($item.description.S).replaceAll("\\\\'", "'")",
 "quantity": $item.quantity.N, "cents": $item.cents.N}#if($foreach.hasNext),#end
#end
]}
#end"""


def make_function(client, name, layer, **environment):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.write(FUNCTIONS / f"{name}.py", f"{name}.py")
    function = client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Handler=f"{name}.handler", Role=ROLE, Timeout=60, MemorySize=512,
        Code={"ZipFile": made.getvalue()}, Layers=[layer], Environment={"Variables": environment})
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    return function["FunctionArn"]


def make_tables(client):
    dynamodb = client("dynamodb")
    text = [{"AttributeName": name, "AttributeType": "S"} for name in ("invoice", "line", "customer")]
    dynamodb.create_table(
        TableName="invoices", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=text,
        KeySchema=[{"AttributeName": "invoice", "KeyType": "HASH"}, {"AttributeName": "line", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{"IndexName": "by-customer", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
            {"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "line", "KeyType": "RANGE"}]}])
    dynamodb.create_table(TableName="customers", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=text[2:],
                          KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}])
    for table in ("invoices", "customers"):
        dynamodb.get_waiter("table_exists").wait(TableName=table)


def make_delivery(client, name, prefix, **source):
    client("firehose").create_delivery_stream(
        DeliveryStreamName=name, **source, ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{BUCKET}", "Prefix": prefix, "ErrorOutputPrefix": "errors/",
            "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 2}, "CompressionFormat": "GZIP"})


def make_resource(client, api, parent, *path):
    for part in path:
        parent = client("apigateway").create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]
    return parent


def put_function(client, api, resource, method, function_arn):
    """A proxy integration: the function is told the request and says the response."""
    place = {"restApiId": api, "resourceId": resource, "httpMethod": method}
    client("apigateway").put_method(**place, authorizationType="NONE")
    client("apigateway").put_integration(
        **place, type="AWS_PROXY", integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations")


def put_invoices(client, api, resource):
    """No function in the way: a query of the table, and a template that tells its answer."""
    gateway = client("apigateway")
    place = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE", requestParameters={"method.request.path.number": True})
    gateway.put_integration(**place, type="AWS", integrationHttpMethod="POST", credentials=ROLE,
                            uri="arn:aws:apigateway:us-east-1:dynamodb:action/Query",
                            requestTemplates={"application/json": QUERY})
    for status, pattern, template in (("200", None, INVOICE), ("500", "[45]\\d{2}", '{"message": "try again"}')):
        gateway.put_method_response(**place, statusCode=status)
        gateway.put_integration_response(**place, statusCode=status, responseTemplates={"application/json": template},
                                         **({"selectionPattern": pattern} if pattern else {}))


def build(client):
    """Returns the API's path below the endpoint."""
    client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    client("kinesis").get_waiter("stream_exists").wait(StreamName=STREAM)
    stream_arn = client("kinesis").describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
    client("s3").create_bucket(Bucket=BUCKET)
    make_tables(client)
    make_delivery(client, "retail-raw", "raw/", DeliveryStreamType="KinesisStreamAsSource",
                  KinesisStreamSourceConfiguration={"KinesisStreamARN": stream_arn, "RoleARN": ROLE})
    make_delivery(client, DEAD, "dead-letters/", DeliveryStreamType="DirectPut")
    layer = boto3_layer.publish(client)
    tables = {"INVOICES": "invoices", "CUSTOMERS": "customers"}
    make_function(client, "keep", layer, DEAD=DEAD, **tables)
    client("lambda").create_event_source_mapping(
        FunctionName="keep", EventSourceArn=stream_arn, StartingPosition="TRIM_HORIZON", BatchSize=500)
    take = make_function(client, "take", layer, STREAM=STREAM)
    orders_of = make_function(client, "orders_of", layer, **tables)

    gateway = client("apigateway")
    api = gateway.create_rest_api(name="retail")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    put_function(client, api, make_resource(client, api, root, "rows"), "POST", take)
    put_function(client, api, make_resource(client, api, root, "customers", "{id}", "orders"), "GET", orders_of)
    put_invoices(client, api, make_resource(client, api, root, "invoices", "{number}"))
    gateway.create_deployment(restApiId=api, stageName=STAGE)
    return f"/restapis/{api}/{STAGE}/_user_request_"

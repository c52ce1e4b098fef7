"""Functions as users make, change, call and remove them, with boto3, the AWS CLI and the JavaScript SDK."""

import base64
import io
import json
import struct
import urllib.error
import urllib.request
import zipfile

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from support.functions import NODE, ROLE, call, create, package
from support.waiting import eventually


# Answers with what it is told, to the byte.
ECHO = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while :; do
    curl -sS -D /tmp/head -o /tmp/event "$api/next"
    id=$(grep -i '^lambda-runtime-aws-request-id' /tmp/head | tr -d '[:space:]' | cut -d: -f2)
    curl -sS -o /dev/null --data-binary @/tmp/event "$api/$id/response"
done
"""


@pytest.fixture
def functions(boto):
    return boto("lambda")


def refusal(operation, **arguments):
    with pytest.raises(ClientError) as refused:
        operation(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


def arn(name, qualifier=None):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}" + (f":{qualifier}" if qualifier else "")


def test_a_function_is_made_waited_for_called_shown_and_removed(functions):
    made = create(functions, "life", "def handler(event, context):\n    return {'got': event, 'name': context.function_name}\n",
                  Description="first", MemorySize=256, Environment={"Variables": {"COLOUR": "red"}}, Tags={"team": "a"})
    assert made["FunctionArn"] == arn("life") and made["Version"] == "$LATEST"
    functions.get_waiter("function_active_v2").wait(FunctionName="life")
    functions.get_waiter("function_exists").wait(FunctionName="life")
    assert call(functions, "life", {"a": [1, "ü"]}) == {"got": {"a": [1, "ü"]}, "name": "life"}
    shown = functions.get_function(FunctionName=arn("life"))
    assert shown["Tags"] == {"team": "a"}
    configuration = shown["Configuration"]
    assert configuration["Environment"]["Variables"] == {"COLOUR": "red"}
    assert (configuration["MemorySize"], configuration["Timeout"], configuration["Description"]) == (256, 20, "first")
    assert configuration["State"] == "Active" and configuration["LastUpdateStatus"] == "Successful"
    fetched = urllib.request.urlopen(shown["Code"]["Location"]).read()
    assert len(fetched) == configuration["CodeSize"] and b"app.py" in fetched
    assert [one["FunctionName"] for one in functions.list_functions()["Functions"]].count("life") == 1
    functions.delete_function(FunctionName="life")
    assert refusal(functions.get_function, FunctionName="life") == (
        "ResourceNotFoundException", "Function not found: " + arn("life"), 404)
    assert refusal(functions.invoke, FunctionName="life")[0] == "ResourceNotFoundException"
    assert refusal(functions.delete_function, FunctionName="life")[0] == "ResourceNotFoundException"


def test_code_can_not_be_fetched_without_the_signature_of_its_url(functions):
    create(functions, "guarded")
    location = functions.get_function(FunctionName="guarded")["Code"]["Location"]
    for bad in (location.split("&X-Amz-Signature")[0], location[:-4] + "0000", location.split("&")[0]):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(bad)
        assert refused.value.code == 403
    # Nor with a signature of one's own: who knows a package's digest need not be who may read it.
    request = AWSRequest("GET", location.split("&")[0])
    SigV4QueryAuth(functions._request_signer._credentials, "lambda", "us-east-1").add_auth(request)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request.url)
    assert refused.value.code == 404


def test_what_a_python_function_imported_is_no_work_for_its_collector_and_what_it_drops_is(functions):
    source = """
import gc, weakref
imported = [[]]

class Node:
    pass

def handler(event, context):
    node = Node()
    node.self, seen = node, weakref.ref(node)
    del node
    gc.collect()
    return [gc.isenabled(), seen() is None, any(one is imported for one in gc.get_objects())]
"""
    create(functions, "collector", source)
    assert [call(functions, "collector") for _ in range(2)] == [[True, True, False]] * 2


def test_updates_take_effect_and_globals_last_until_then(functions):
    source = "import os\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return [count, os.environ.get('MODE')]\n"
    create(functions, "warm", source, Environment={"Variables": {"MODE": "1"}})
    functions.put_function_concurrency(FunctionName="warm", ReservedConcurrentExecutions=1)  # and so one environment
    assert [call(functions, "warm") for _ in range(3)] == [[1, "1"], [2, "1"], [3, "1"]]
    before = functions.get_function_configuration(FunctionName="warm")
    after = functions.update_function_configuration(FunctionName="warm", Environment={"Variables": {"OTHER": "x", "MODE": "2"}},
                                                    Timeout=9, RevisionId=before["RevisionId"])
    functions.get_waiter("function_updated_v2").wait(FunctionName="warm")
    assert after["RevisionId"] != before["RevisionId"] and after["Timeout"] == 9
    assert call(functions, "warm") == [1, "2"]
    code, message, status = refusal(functions.update_function_configuration, FunctionName="warm", Timeout=5,
                                    RevisionId=before["RevisionId"])
    assert (code, status) == ("PreconditionFailedException", 412) and "GetFunction/GetAlias" in message
    zip_file = package({"app.py": "def handler(event, context):\n    return 'new'\n"})
    dry = functions.update_function_code(FunctionName="warm", ZipFile=zip_file, DryRun=True)
    assert dry["CodeSha256"] != before["CodeSha256"]
    assert functions.get_function_configuration(FunctionName="warm")["CodeSha256"] == before["CodeSha256"]
    updated = functions.update_function_code(FunctionName="warm", ZipFile=zip_file, Publish=True)
    assert updated["Version"] == "1" and call(functions, "warm") == "new"


def test_code_comes_from_s3(functions, boto):
    s3 = boto("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="f.zip", Body=package({"app.py": "def handler(e, c):\n    return 's3'\n"}))
    functions.create_function(FunctionName="from-s3", Runtime="python3.11", Handler="app.handler", Role=ROLE,
                              Code={"S3Bucket": "code", "S3Key": "f.zip"})
    assert call(functions, "from-s3") == "s3"
    code, message, _ = refusal(functions.update_function_code, FunctionName="from-s3", S3Bucket="code", S3Key="none")
    assert code == "InvalidParameterValueException" and "S3 Error Code: NoSuchKey" in message
    assert "NoSuchBucket" in refusal(functions.update_function_code, FunctionName="from-s3", S3Bucket="nobucket",
                                     S3Key="f.zip")[1]


def test_versions_stay_what_they_were(functions):
    create(functions, "versioned", "def handler(e, c):\n    return ['one', c.function_version]\n")
    first = functions.publish_version(FunctionName="versioned", Description="the first")
    assert (first["Version"], first["FunctionArn"], first["Description"]) == ("1", arn("versioned", "1"), "the first")
    assert functions.publish_version(FunctionName="versioned")["Version"] == "1"  # nothing changed
    functions.update_function_code(FunctionName="versioned",
                                   ZipFile=package({"app.py": "def handler(e, c):\n    return ['two', c.function_version]\n"}))
    code, message, _ = refusal(functions.publish_version, FunctionName="versioned", CodeSha256=first["CodeSha256"])
    assert code == "InvalidParameterValueException" and "different from current CodeSHA256" in message
    assert functions.publish_version(FunctionName="versioned")["Version"] == "2"
    assert call(functions, "versioned") == ["two", "$LATEST"]
    assert call(functions, "versioned", Qualifier="1") == ["one", "1"]
    assert call(functions, arn("versioned", "2")) == ["two", "2"]
    listed = functions.get_paginator("list_versions_by_function").paginate(FunctionName="versioned",
                                                                          PaginationConfig={"PageSize": 1})
    assert [one["Version"] for page in listed for one in page["Versions"]] == ["$LATEST", "1", "2"]
    functions.get_waiter("published_version_active").wait(FunctionName="versioned", Qualifier="2")
    functions.delete_function(FunctionName="versioned", Qualifier="1")
    assert refusal(functions.invoke, FunctionName="versioned", Qualifier="1")[1].endswith("versioned:1")
    functions.update_function_configuration(FunctionName="versioned", MemorySize=192)
    assert functions.publish_version(FunctionName="versioned", Description="its own")["Version"] == "3"
    assert functions.publish_version(FunctionName="versioned", Description="other")["Version"] == "3"
    functions.update_function_configuration(FunctionName="versioned", Description="again")
    described = functions.publish_version(FunctionName="versioned")
    assert (described["Version"], described["Description"]) == ("4", "again")
    assert refusal(functions.delete_function, FunctionName="versioned", Qualifier="$LATEST")[0] == "InvalidParameterValueException"


def test_aliases_point_and_share(functions):
    create(functions, "aliased", "def handler(e, c):\n    return c.function_version\n")
    functions.publish_version(FunctionName="aliased")
    functions.update_function_configuration(FunctionName="aliased", MemorySize=160)
    functions.publish_version(FunctionName="aliased")
    made = functions.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1", Description="d")
    assert made["AliasArn"] == arn("aliased", "live")
    answer = functions.invoke(FunctionName="aliased:live")
    assert json.loads(answer["Payload"].read()) == "1" and answer["ExecutedVersion"] == "1"
    assert refusal(functions.create_alias, FunctionName="aliased", Name="live", FunctionVersion="1")[:2] == (
        "ResourceConflictException", "Alias already exists: " + arn("aliased", "live"))
    assert refusal(functions.create_alias, FunctionName="aliased", Name="x", FunctionVersion="7")[0] == "ResourceNotFoundException"
    functions.update_alias(FunctionName="aliased", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    seen = {call(functions, "aliased", Qualifier="live") for _ in range(40)}
    assert seen == {"1", "2"}
    assert refusal(functions.delete_function, FunctionName="aliased", Qualifier="2")[0] == "ResourceConflictException"
    functions.update_alias(FunctionName="aliased", Name="live", FunctionVersion="2", RoutingConfig={})
    assert {call(functions, "aliased", Qualifier="live") for _ in range(5)} == {"2"}
    code, _, status = refusal(functions.update_alias, FunctionName="aliased", Name="live", RevisionId=made["RevisionId"])
    assert (code, status) == ("PreconditionFailedException", 412)
    assert [one["Name"] for one in functions.list_aliases(FunctionName="aliased")["Aliases"]] == ["live"]
    functions.delete_alias(FunctionName="aliased", Name="live")
    assert refusal(functions.get_alias, FunctionName="aliased", Name="live")[:2] == (
        "ResourceNotFoundException", "Cannot find alias arn: " + arn("aliased", "live"))


def test_bytecode_in_a_package_is_used(functions):
    compiler = """
import base64, os, py_compile
def handler(event, context):
    with open("/tmp/part.py", "w") as out:
        out.write(event["source"])
    os.utime("/tmp/part.py", (event["time"], event["time"]))
    py_compile.compile("/tmp/part.py", "/tmp/part.pyc", doraise=True)
    with open("/tmp/part.pyc", "rb") as made:
        return [base64.b64encode(made.read()).decode(), __import__("sys").implementation.cache_tag]
"""
    when = 1_700_000_001
    create(functions, "compiler", compiler)
    bytecode, tag = call(functions, "compiler", {"source": "told = 'bytecode'", "time": when})

    # Python takes bytecode only where its source has the time and size that it was compiled from: the text's are the same.
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in (("app.py", b"import part\ndef handler(event, context):\n    return part.told\n"),
                              ("part.py", b"told = 'thetext!'"), (f"__pycache__/part.{tag}.pyc", base64.b64decode(bytecode))):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            entry.extra = struct.pack("<HHBi", 0x5455, 5, 1, when)  # as zip(1) writes it: UTC, to the second
            archive.writestr(entry, content)
    functions.update_function_code(FunctionName="compiler", ZipFile=made.getvalue())
    assert call(functions, "compiler") == "bytecode"


def test_layers_lie_under_opt_and_outlive_their_deletion(functions):
    versions = [functions.publish_layer_version(
        LayerName="tools", Description=f"v{number}", CompatibleRuntimes=["python3.11"], LicenseInfo="MIT",
        Content={"ZipFile": package({"python/tool.py": f"VERSION = {number}\n", "data/here": f"{number}"})})
        for number in (1, 2)]
    assert [one["Version"] for one in versions] == [1, 2]
    first, second = (one["LayerVersionArn"] for one in versions)
    source = "import tool\ndef handler(e, c):\n    return [tool.VERSION, open('/opt/data/here').read()]\n"
    create(functions, "layered", source, Layers=[first])
    assert call(functions, "layered") == [1, "1"]
    functions.update_function_configuration(FunctionName="layered", Layers=[second])
    assert call(functions, "layered") == [2, "2"]
    got = functions.get_layer_version_by_arn(Arn=second)
    assert len(urllib.request.urlopen(got["Content"]["Location"]).read()) == got["Content"]["CodeSize"]
    assert functions.get_layer_version(LayerName="tools", VersionNumber=1)["LicenseInfo"] == "MIT"
    assert [one["Version"] for one in functions.list_layer_versions(LayerName="tools")["LayerVersions"]] == [2, 1]
    [layer] = functions.list_layers(CompatibleRuntime="python3.11")["Layers"]
    assert layer["LatestMatchingVersion"]["LayerVersionArn"] == second
    statement = functions.add_layer_version_permission(LayerName="tools", VersionNumber=2, StatementId="s",
                                                       Action="lambda:GetLayerVersion", Principal="*")
    assert json.loads(statement["Statement"])["Resource"] == second
    assert "lambda:GetLayerVersion" in functions.get_layer_version_policy(LayerName="tools", VersionNumber=2)["Policy"]
    functions.remove_layer_version_permission(LayerName="tools", VersionNumber=2, StatementId="s")
    functions.delete_layer_version(LayerName="tools", VersionNumber=2)
    assert refusal(functions.get_layer_version, LayerName="tools", VersionNumber=2)[0] == "ResourceNotFoundException"
    functions.update_function_configuration(FunctionName="layered", Description="renews its environments")
    assert call(functions, "layered") == [2, "2"]
    assert refusal(create, client=functions, name="x", Layers=[second])[1] == f"Layer version {second} does not exist."
    assert functions.publish_layer_version(LayerName="tools", Content={"ZipFile": package({"a": "b"})})["Version"] == 3


def test_what_a_call_may_say_and_what_it_is_told(functions):
    source = """
import time
def handler(event, context):
    if event.get('raise'):
        raise ValueError('no good')
    if event.get('sleep'):
        time.sleep(event['sleep'])
    print('seen by the log')
    custom = context.client_context.custom if context.client_context else None
    return {'event': event, 'custom': custom}
"""
    create(functions, "told", source)
    answer = functions.invoke(FunctionName="told", LogType="Tail", Payload=b"{}")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert "seen by the log" in log and f"START RequestId: {answer['ResponseMetadata']['RequestId']}" in log
    context = base64.b64encode(json.dumps({"custom": {"k": "v"}}).encode()).decode()
    assert call(functions, "told", {}, ClientContext=context)["custom"] == {"k": "v"}
    assert json.loads(functions.invoke(FunctionName="told")["Payload"].read())["event"] == {}
    answer = functions.invoke(FunctionName="told", Payload=b'{"raise": 1}')
    failure = json.loads(answer["Payload"].read())
    assert answer["FunctionError"] == "Unhandled" and answer["StatusCode"] == 200
    assert (failure["errorType"], failure["errorMessage"]) == ("ValueError", "no good")
    functions.update_function_configuration(FunctionName="told", Timeout=1)
    answer = functions.invoke(FunctionName="told", Payload=b'{"sleep": 9}')
    assert answer["FunctionError"] == "Unhandled" and b"Task timed out after 1.00 seconds" in answer["Payload"].read()
    assert functions.invoke(FunctionName="told", InvocationType="DryRun")["StatusCode"] == 204
    assert refusal(functions.invoke, FunctionName="told", Payload=b"{")[0] == "InvalidRequestContentException"
    code, message, status = refusal(functions.invoke, FunctionName="told", Payload=b'"' + b"x" * 6291455 + b'"')
    assert (code, status) == ("RequestTooLargeException", 413)
    assert message == ("6291457 byte payload is too large for the RequestResponse invocation type "
                       "(limit 6291456 bytes)")
    assert refusal(functions.invoke, FunctionName="told", InvocationType="Event",
                   Payload=b'"' + b"x" * 1048575 + b'"')[0] == "RequestTooLargeException"
    assert refusal(functions.invoke, FunctionName="told:live", Qualifier="other")[0] == "InvalidParameterValueException"


def test_values_that_few_parsers_hold_reach_the_function_as_they_are(functions):
    create(functions, "values", "def handler(event, context):\n    return [repr(event)]\n")
    create(functions, "text", {"bootstrap": ECHO}, Runtime="provided.al2023", Handler="none")

    def said(payload, name="values"):
        return functions.invoke(FunctionName=name, Payload=payload)["Payload"].read().decode()

    for payload, shown in (("12345678901234567890123", "12345678901234567890123"), ("-0.0e-400", "-0.0"), ("1e400", "inf"),
                           ('{"wei": [340282366920938463463374607431768211456]}', "{'wei': [340282366920938463463374607431768211456]}"),
                           (r'"\ud800 1e999"', r"'\ud800 1e999'")):
        assert json.loads(said(payload)) == [shown]
        assert said(payload, "text") == payload
    for nonsense in ("012345678901234567890", "-", "1e", "1.", "123456789012345678901.e5", "12345678901234567890x", r'"\ud80"',
                     r'["\ud800", "\x"]', '"12345678901234567890', "1e400e4", r'"\u"'):
        code, message, _ = refusal(functions.invoke, FunctionName="values", Payload=nonsense)
        assert code == "InvalidRequestContentException" and message.startswith("Could not parse request body into json")


def test_what_is_wrong_is_said_in_lambdas_words(functions):
    create(functions, "taken")
    bad = "InvalidParameterValueException"
    assert refusal(create, client=functions, name="taken") == (
        "ResourceConflictException", "Function already exist: taken", 409)
    code, message, _ = refusal(create, client=functions, name="no such name!")
    assert code == "ValidationException" and "at 'functionName' failed to satisfy constraint" in message
    assert "value less than or equal to 900" in refusal(create, client=functions, name="x", Timeout=901)[1]
    assert refusal(create, client=functions, name="x", MemorySize=20000)[0] == bad
    code, message, _ = refusal(create, client=functions, name="x", Environment={"Variables": {"AWS_REGION": "x"}})
    assert code == bad and message.endswith("Reserved keys used in this request: AWS_REGION")
    assert "4KB" in refusal(create, client=functions, name="x", Environment={"Variables": {"BIG": "x" * 4096}})[1]
    nothing = dict(FunctionName="x", Role=ROLE, Handler="a.b", Runtime="python3.11")
    assert refusal(functions.create_function, Code={}, **nothing)[1] == "Please provide a source for function code."
    assert "Could not unzip uploaded file" in refusal(functions.create_function, Code={"ZipFile": b"no zip"}, **nothing)[1]
    assert refusal(functions.get_policy, FunctionName="taken")[0] == "ResourceNotFoundException"
    other = "arn:aws:lambda:us-east-1:111111111111:function:taken"
    assert refusal(functions.invoke, FunctionName=other)[0] == "AccessDeniedException"


@pytest.mark.parametrize("options, named", [
    ({"PackageType": "Image"}, "PackageType"),
    ({"VpcConfig": {"SubnetIds": ["subnet-00000001"], "SecurityGroupIds": ["sg-00000001"]}}, "VpcConfig"),
    ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"}}, "DeadLetterConfig.TargetArn"),
    ({"TracingConfig": {"Mode": "Active"}}, "TracingConfig.Mode"),
    ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, "SnapStart.ApplyOn"),
    ({"KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/a"}, "KMSKeyArn"),
    ({"ImageConfig": {"Command": ["x"]}}, "ImageConfig"),
    ({"Runtime": "java21"}, "Runtime"),
])
def test_what_we_do_not_do_is_refused_by_name(functions, options, named):
    _, message, status = refusal(create, client=functions, name="refused", **options)
    assert f"Millrace does not honour the parameter {named}" in message and status == 400


def test_settings_that_mean_nothing_special_are_taken(functions):
    create(functions, "plain", TracingConfig={"Mode": "PassThrough"}, VpcConfig={"SubnetIds": [], "SecurityGroupIds": []},
           SnapStart={"ApplyOn": "None"}, LoggingConfig={"LogFormat": "Text"}, DeadLetterConfig={"TargetArn": ""})
    assert functions.get_function_code_signing_config(FunctionName="plain")["FunctionName"] == "plain"
    assert functions.get_runtime_management_config(FunctionName="plain")["UpdateRuntimeOn"] == "Auto"


def test_policies_are_kept_statement_by_statement(functions):
    create(functions, "open")
    added = functions.add_permission(FunctionName="open", StatementId="s3", Action="lambda:InvokeFunction",
                                     Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b", SourceAccount="000000000000")
    statement = json.loads(added["Statement"])
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"} and statement["Resource"] == arn("open")
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"},
                                      "StringEquals": {"AWS:SourceAccount": "000000000000"}}
    assert refusal(functions.add_permission, FunctionName="open", StatementId="s3", Action="lambda:InvokeFunction",
                   Principal="s3.amazonaws.com")[0] == "ResourceConflictException"
    policy = functions.get_policy(FunctionName="open")
    assert [one["Sid"] for one in json.loads(policy["Policy"])["Statement"]] == ["s3"]
    assert refusal(functions.remove_permission, FunctionName="open", StatementId="s3", RevisionId="other")[2] == 412
    functions.remove_permission(FunctionName="open", StatementId="s3", RevisionId=policy["RevisionId"])
    assert refusal(functions.get_policy, FunctionName="open")[0] == "ResourceNotFoundException"


def test_tags(functions):
    create(functions, "tagged", Tags={"a": "1"})
    functions.tag_resource(Resource=arn("tagged"), Tags={"b": "2", "a": "3"})
    assert functions.list_tags(Resource=arn("tagged"))["Tags"] == {"a": "3", "b": "2"}
    functions.untag_resource(Resource=arn("tagged"), TagKeys=["a"])
    assert functions.list_tags(Resource=arn("tagged"))["Tags"] == {"b": "2"}


def test_reserved_concurrency_is_taken_from_the_account_and_kept_to(functions):
    create(functions, "reserved")
    before = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    assert functions.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName="reserved")
    response = refused.value.response
    assert response["Error"]["Code"] == "TooManyRequestsException" and response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded" and response["Type"] == "User"
    functions.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=10)
    assert functions.get_function(FunctionName="reserved")["Concurrency"] == {"ReservedConcurrentExecutions": 10}
    assert functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == before - 10
    assert "below its minimum value of [100]" in refusal(functions.put_function_concurrency, FunctionName="reserved",
                                                         ReservedConcurrentExecutions=901)[1]
    functions.delete_function_concurrency(FunctionName="reserved")
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName="reserved")
    assert call(functions, "reserved", 1) == 1


def test_provisioned_environments_become_ready(functions):
    create(functions, "ready", "import os\nKIND = os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\ndef handler(e, c):\n    return KIND\n")
    functions.publish_version(FunctionName="ready")
    functions.create_alias(FunctionName="ready", Name="live", FunctionVersion="1")
    put = functions.put_provisioned_concurrency_config(FunctionName="ready", Qualifier="live", ProvisionedConcurrentExecutions=2)
    assert put["Status"] == "IN_PROGRESS"
    got = eventually(lambda: (seen := functions.get_provisioned_concurrency_config(
        FunctionName="ready", Qualifier="live"))["Status"] == "READY" and seen)
    assert got["AvailableProvisionedConcurrentExecutions"] == 2
    assert "total provisioned concurrency [2]" in refusal(functions.put_function_concurrency, FunctionName="ready",
                                                          ReservedConcurrentExecutions=1)[1]
    assert call(functions, "ready", Qualifier="live") == "provisioned-concurrency"
    [listed] = functions.list_provisioned_concurrency_configs(FunctionName="ready")["ProvisionedConcurrencyConfigs"]
    assert listed["FunctionArn"] == arn("ready", "live")
    functions.delete_provisioned_concurrency_config(FunctionName="ready", Qualifier="live")
    assert refusal(functions.get_provisioned_concurrency_config, FunctionName="ready",
                   Qualifier="live")[0] == "ProvisionedConcurrencyConfigNotFoundException"
    functions.create_alias(FunctionName="ready", Name="newest", FunctionVersion="$LATEST")
    for unpublished in ("$LATEST", "newest"):
        assert refusal(functions.put_provisioned_concurrency_config, FunctionName="ready", Qualifier=unpublished,
                       ProvisionedConcurrentExecutions=1)[0] == "InvalidParameterValueException"


def test_the_command_line_makes_and_calls_functions(aws_cli, tmp_path):
    (tmp_path / "f.zip").write_bytes(package({"index.js": "exports.handler = async (event) => ({ twice: event.n * 2 });\n"}))
    made = aws_cli("lambda", "create-function", "--function-name", "cli", "--runtime", NODE, "--role", ROLE, "--handler",
                   "index.handler", "--zip-file", f"fileb://{tmp_path}/f.zip")
    assert made["FunctionName"] == "cli"
    aws_cli("lambda", "wait", "function-active-v2", "--function-name", "cli")
    answer = aws_cli("lambda", "invoke", "--function-name", "cli", "--cli-binary-format", "raw-in-base64-out", "--payload",
                     '{"n": 21}', tmp_path / "out")
    assert answer["StatusCode"] == 200 and json.loads((tmp_path / "out").read_text()) == {"twice": 42}


def test_the_javascript_sdk_makes_and_calls_functions(node):
    zip_file = base64.b64encode(package({"index.mjs": "export const handler = async (event) => ({ got: event });\n"})).decode()
    result = node("""
        const { LambdaClient, CreateFunctionCommand, InvokeCommand, GetFunctionCommand, waitUntilFunctionActiveV2 } =
            require("@aws-sdk/client-lambda");
        const client = new LambdaClient({ endpoint });
        await client.send(new CreateFunctionCommand({ FunctionName: "sdk", Runtime: "nodejs20.x", Role: argument.role,
            Handler: "index.handler", Code: { ZipFile: Buffer.from(argument.zip, "base64") } }));
        await waitUntilFunctionActiveV2({ client, maxWaitTime: 60 }, { FunctionName: "sdk" });
        const answer = await client.send(new InvokeCommand({ FunctionName: "sdk", Payload: '{"a":"ü"}' }));
        let missing = null;
        try { await client.send(new GetFunctionCommand({ FunctionName: "none" })); } catch (error) { missing = error; }
        return { payload: JSON.parse(answer.Payload.transformToString()), name: missing.name, type: missing.Type };
    """, {"zip": zip_file, "role": ROLE})
    assert result == {"payload": {"got": {"a": "ü"}}, "name": "ResourceNotFoundException", "type": "User"}

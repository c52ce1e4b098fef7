"""LoggingConfig: JSON logs of the platform and of runtimes, their levels, and groups that functions share."""

import json

import pytest
from botocore.exceptions import ClientError

from support.functions import NODE, call, create
from support.waiting import eventually

PYTHON_LOGS = """
import logging, os, sys
log = logging.getLogger('orders')
def handler(event, context):
    if event.get('raise'):
        raise ValueError('no good')
    log.debug('fine detail')
    log.info('took %d', 7, extra={'order': {'id': 1}})
    try:
        {}['x']
    except KeyError:
        log.exception('two\\nlines')
    print('plain')
    print('{"level": "debug", "timestamp": "2026-11-21T18:30:00.5Z", "msg": "own"}')
    print('{"level": "debug", "msg": "own, without a time"}')
    return [os.environ['AWS_LAMBDA_LOG_FORMAT'], os.environ.get('AWS_LAMBDA_LOG_LEVEL'), context.aws_request_id]
"""

NODE_LOGS = """
exports.handler = async (event) => {
    if (event.raise) throw new TypeError('no good');
    console.debug('fine detail');
    console.log('took %d', 7);
    console.info({ order: { id: 1 } });
    console.warn(new RangeError('far'));
    console.error('beside', new RangeError('far'));
    const circle = { name: 'circle' };
    circle.self = circle;
    console.log(circle);
    return [process.env.AWS_LAMBDA_LOG_FORMAT, process.env.AWS_LAMBDA_LOG_LEVEL];
};
"""


@pytest.fixture
def functions(boto):
    return boto("lambda")


@pytest.fixture
def lines(boto):
    """lines(group, enough) -> the group's events once `enough` says so: parsed where they are JSON."""
    logs = boto("logs")

    def parsed(text):
        return json.loads(text) if text.startswith("{") else text

    def read(group, enough):
        def seen():
            try:
                events = logs.filter_log_events(logGroupName=group)["events"]
            except ClientError:
                return None
            found = [parsed(one["message"]) for one in events]
            return found if enough(found) else None

        return eventually(seen)

    return read


def platform(found, name):
    return [one["record"] for one in found if isinstance(one, dict) and one.get("type") == "platform." + name]


def own(found):
    return [one for one in found if not isinstance(one, dict) or "type" not in one]


def reported(count):
    return lambda found: len(platform(found, "report")) == count


def test_python_logs_are_json_with_levels(functions, lines):
    made = create(functions, "py", PYTHON_LOGS, LoggingConfig={"LogFormat": "JSON"})
    assert made["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO",
                                     "LogGroup": "/aws/lambda/py"}
    form, level, request_id = call(functions, "py", {})
    assert (form, level) == ("JSON", "INFO")
    found = lines("/aws/lambda/py", reported(1))
    [start] = platform(found, "initStart")
    assert (start["phase"], start["runtimeVersion"]) == ("init", "python:3.11")
    assert platform(found, "start") == [{"requestId": request_id, "version": "$LATEST"}]
    [report] = platform(found, "report")
    assert (report["requestId"], report["status"]) == (request_id, "success")
    assert set(report["metrics"]) == {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"}
    assert not platform(found, "runtimeDone")  # its level is DEBUG
    info, error, plain, untimed = own(found)
    assert (info["level"], info["message"], info["logger"], info["requestId"]) == ("INFO", "took 7", "orders", request_id)
    assert info["order"] == {"id": 1} and info["timestamp"].endswith("Z")
    assert (error["message"], error["errorType"], error["errorMessage"]) == ("two\nlines", "KeyError", "'x'")
    assert error["location"].endswith("app.py:handler:12") and "app.py" in error["stackTrace"][0]
    assert plain == "plain" and untimed["msg"] == "own, without a time"


def test_levels_filter_what_the_function_and_the_platform_say(functions, lines):
    create(functions, "levels", PYTHON_LOGS, LoggingConfig={
        "LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "DEBUG", "LogGroup": "all"})
    call(functions, "levels", {})
    found = lines("all", reported(1))
    [done] = platform(found, "runtimeDone")
    assert done["status"] == "success" and done["metrics"]["producedBytes"] > 10
    assert [one["initializationType"] for one in platform(found, "initReport")] == ["on-demand"]
    assert [one.get("message") or one.get("msg") for one in own(found) if isinstance(one, dict)] == [
        "fine detail", "took 7", "two\nlines", "own", "own, without a time"]

    shown = functions.update_function_configuration(FunctionName="levels", LoggingConfig={
        "ApplicationLogLevel": "ERROR", "SystemLogLevel": "WARN", "LogGroup": "few"})["LoggingConfig"]
    assert shown == {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR", "SystemLogLevel": "WARN", "LogGroup": "few"}
    call(functions, "levels", {})
    failed = functions.invoke(FunctionName="levels", Payload=b'{"raise": 1}')
    assert failed["FunctionError"] == "Unhandled"
    caught, raised = lines("few", lambda found: len(found) == 2)
    assert caught["message"] == "two\nlines"
    assert (raised["level"], raised["errorType"], raised["errorMessage"]) == ("ERROR", "ValueError", "no good")
    assert raised["requestId"] == failed["ResponseMetadata"]["RequestId"] and "app.py" in raised["stackTrace"][0]

    functions.update_function_configuration(FunctionName="levels", LoggingConfig={"LogFormat": "Text", "LogGroup": "text"})
    assert functions.get_function_configuration(FunctionName="levels")["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "text"}
    assert call(functions, "levels", {})[:2] == ["Text", None]
    assert any("REPORT RequestId" in one for one in lines("text", lambda found: any("REPORT" in str(one) for one in found)))


def test_a_timeout_is_a_warning_of_the_platform(functions, lines):
    create(functions, "slow", "import time\ndef handler(e, c):\n    time.sleep(9)\n", Timeout=1,
           LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})
    functions.invoke(FunctionName="slow")
    found = lines("/aws/lambda/slow", reported(1))
    assert [one["type"] for one in found] == ["platform.runtimeDone", "platform.report"]
    assert [one["record"]["status"] for one in found] == ["timeout", "timeout"]
    create(functions, "ends", "import os\ndef handler(e, c):\n    os._exit(3)\n", LoggingConfig={"LogFormat": "JSON"})
    functions.invoke(FunctionName="ends")
    [report] = platform(lines("/aws/lambda/ends", reported(1)), "report")
    assert (report["status"], report["errorType"]) == ("error", "Runtime.ExitError")


def test_node_logs_are_json(functions, lines):
    create(functions, "js", {"index.js": NODE_LOGS}, Runtime=NODE, Handler="index.handler",
           LoggingConfig={"LogFormat": "JSON"})
    assert call(functions, "js", {}) == ["JSON", "INFO"]
    took, told, warned, beside, circle = own(lines("/aws/lambda/js", reported(1)))
    assert (took["level"], took["message"]) == ("INFO", "took 7") and len(took["requestId"]) == 36
    assert told["message"] == {"order": {"id": 1}}
    assert warned["level"] == "WARN" and warned["message"]["errorType"] == "RangeError"
    assert "index.js" in " ".join(warned["message"]["stackTrace"])
    assert beside["message"].startswith("beside RangeError: far") and beside["errorMessage"] == "far"
    assert "[Circular" in circle["message"]
    functions.update_function_configuration(FunctionName="js", LoggingConfig={"ApplicationLogLevel": "ERROR", "LogGroup": "js"})
    functions.invoke(FunctionName="js", Payload=b'{"raise": 1}')
    [raised] = own(lines("js", reported(1)))
    assert raised["level"] == "ERROR" and raised["message"]["errorType"] == "TypeError"


def test_functions_share_a_group_under_their_names(functions, boto):
    for name in ("one", "two"):
        create(functions, name, LoggingConfig={"LogGroup": "/shared"})
        call(functions, name)
    streams = eventually(lambda: len(found := boto("logs").describe_log_streams(logGroupName="/shared")["logStreams"]) == 2
                         and found)
    names = sorted(one["logStreamName"].split("/", 3)[3].split("]")[0] for one in streams)
    assert names == ["one[$LATEST", "two[$LATEST"]


def test_what_logging_can_not_be_is_refused(functions):
    for config, why in (({"ApplicationLogLevel": "INFO"}, "LogLevel is not supported when LogFormat is set to"),
                        ({"LogFormat": "Text", "SystemLogLevel": "WARN"}, "LogLevel is not supported when LogFormat"),
                        ({"LogGroup": "aws/own"}, "reserved")):
        with pytest.raises(ClientError) as refused:
            create(functions, "refused", LoggingConfig=config)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException" and why in str(refused.value)

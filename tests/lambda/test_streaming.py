"""Response streaming: InvokeWithResponseStream, function URLs of InvokeMode RESPONSE_STREAM, and what ends a stream."""

import base64
import http.client
import http.server
import json
import socket
import threading

import pytest
from botocore.exceptions import ClientError
from urllib3.exceptions import ProtocolError

from support.functions import NODE, call, create
from support.patience import patient
from support.waiting import eventually, never

STREAMING = """
const { pipeline } = require('stream/promises');
const { Readable } = require('stream');
const { once } = require('events');
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
    event = { ...event, ...Object.fromEntries(new URLSearchParams(event.rawQueryString)) };
    const what = event.what;
    if (what === 'early') throw new TypeError('too early');
    if (what === 'gate') {
        stream.write('first');
        await fetch(event.gate);
        stream.end('second');
    } else if (what === 'pipe') {
        await pipeline(Readable.from(['a', Buffer.from([0, 255]), 'z']), stream);
    } else if (what === 'object') {
        stream.setContentType('text/plain');
        stream.write({ id: context.awsRequestId.length });
        stream.end();
    } else if (what === 'raise') {
        stream.write('part');
        throw new RangeError('half-way');
    } else if (what === 'long') {
        stream.write('part');
        throw new RangeError('long '.repeat(200000));
    } else if (what === 'headless') {
        awslambda.HttpResponseStream.from(stream).end('body');
    } else if (what === 'exit') {
        await new Promise((sent) => stream.write('part', sent));
        process.exit(3);
    } else if (what === 'hang') {
        stream.write('part');
        await new Promise((resolve) => setTimeout(resolve, 60000));
    } else if (what === 'forget') {
        stream.write('part');
    } else if (what === 'much') {
        for (let i = 0; i < event.pieces; ++i) {
            if (!stream.write(Buffer.alloc(1 << 20, i))) await once(stream, 'drain');
            if (event.gate) await fetch(event.gate + i);
        }
        stream.end();
    } else {
        const head = { statusCode: 201, headers: { 'Content-Type': 'text/html', 'X-Made': 'yes' }, cookies: ['a=1', 'b=2'] };
        stream = awslambda.HttpResponseStream.from(stream, head);
        stream.write('<p>');
        if (what === 'cut') throw new Error('half-way');
        stream.end('</p>');
    }
});
"""


@pytest.fixture(scope="module")
def functions(server):
    client = server.client("lambda")
    create(client, "streams", {"index.js": STREAMING}, Runtime=NODE, Handler="index.handler", MemorySize=256)
    create(client, "returns", "def handler(event, context):\n    print('seen')\n    return {'got': event}\n")
    return client


class Gate:
    """An HTTP server that functions ask, and that answers once it is open; `asked` are the paths."""

    def __init__(self):
        self.open, self.asked = threading.Event(), []
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                gate.asked.append(self.path)
                gate.open.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gate():
    made = Gate()
    yield made
    made.open.set()
    made.server.shutdown()
    made.server.server_close()


def stream(functions, name, event, **options):
    return functions.invoke_with_response_stream(FunctionName=name, Payload=json.dumps(event), **options)


def read(answer):
    """(the bytes, InvokeComplete) of an answer."""
    events = list(answer["EventStream"])
    assert all("PayloadChunk" in one for one in events[:-1])
    return b"".join(one["PayloadChunk"]["Payload"] for one in events[:-1]), events[-1]["InvokeComplete"]


def test_bytes_come_as_they_are_written(functions, gate):
    answer = stream(functions, "streams", {"what": "gate", "gate": gate.url})
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST"
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    events = iter(answer["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}  # and the function has not ended
    gate.open.set()
    assert list(events) == [{"PayloadChunk": {"Payload": b"second"}}, {"InvokeComplete": {}}]
    assert read(stream(functions, "streams", {"what": "pipe"})) == (b"a\x00\xffz", {})
    assert read(stream(functions, "streams", {"what": "object"})) == (b'{"id":36}', {})


def stopping(server):
    """A thread in which the server stops; it takes no more connections already."""
    thread = threading.Thread(target=server.stop, daemon=True)
    thread.start()
    eventually(lambda: refuses(server.port))
    return thread


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


def begun_stream(server, gate):
    """The events after the first one of a stream that goes on when the gate is opened."""
    functions = server.client("lambda")
    create(functions, "streams", {"index.js": STREAMING}, Runtime=NODE, Handler="index.handler")
    events = iter(stream(functions, "streams", {"what": "gate", "gate": gate.url})["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
    return events


def test_a_stop_waits_for_a_stream_and_no_longer(server_factory, gate):
    server = server_factory(extra=["--stop-ms-max", "10min"])
    events = begun_stream(server, gate)
    stop = stopping(server)
    gate.open.set()
    assert list(events) == [{"PayloadChunk": {"Payload": b"second"}}, {"InvokeComplete": {}}]
    stop.join(patient(20))
    assert not stop.is_alive() and "cut off" not in server.log()


def test_a_stop_cuts_off_a_stream_that_goes_on(server_factory, gate):
    server = server_factory(extra=["--stop-ms-max", "200ms"])
    events = begun_stream(server, gate)
    assert server.stop() == 0
    with pytest.raises(ProtocolError):
        list(events)  # and no end that looks whole
    assert "millrace: 1 request(s) were under way after stop-ms-max and were cut off\n" in server.log()


def test_either_kind_of_function_answers_either_kind_of_call(functions):
    content, complete = read(stream(functions, "returns", {"n": 1}, LogType="Tail"))
    assert json.loads(content) == {"got": {"n": 1}}
    assert "seen" in base64.b64decode(complete["LogResult"]).decode() and set(complete) == {"LogResult"}
    answer = functions.invoke(FunctionName="streams", Payload=b'{"what": "pipe"}')
    assert "FunctionError" not in answer and answer["Payload"].read() == b"a\x00\xffz"
    answer = functions.invoke(FunctionName="streams", Payload=b'{"what": "raise"}')
    assert answer["FunctionError"] == "Unhandled" and json.loads(answer["Payload"].read())["errorType"] == "RangeError"
    answer = functions.invoke(FunctionName="streams", Payload=b'{"what": "much", "pieces": 7}')
    assert json.loads(answer["Payload"].read())["errorType"] == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize("what, before, kind, message", [
    ("raise", b"part", "RangeError", "half-way"),
    ("long", b"part", "RangeError", "long long"),
    ("early", b"", "TypeError", "too early"),
    ("exit", b"part", "Runtime.ExitError", "exit status 3"),
    ("forget", b"part", "Runtime.StreamError", "Response stream is not finished."),
])
def test_a_stream_that_fails_says_so_at_its_end(functions, what, before, kind, message):
    content, complete = read(stream(functions, "streams", {"what": what}))
    assert content == before and complete["ErrorCode"] == "Unhandled"
    details = json.loads(complete["ErrorDetails"])
    assert details["errorType"] == kind and message in details["errorMessage"]
    assert read(stream(functions, "streams", {"what": "pipe"})) == (b"a\x00\xffz", {})  # the next one is well


def test_a_timeout_ends_a_stream(functions):
    create(functions, "slow", {"index.js": STREAMING}, Runtime=NODE, Handler="index.handler", Timeout=1)
    content, complete = read(stream(functions, "slow", {"what": "hang"}))
    assert content == b"part" and "Task timed out after 1.00 seconds" in complete["ErrorDetails"]


def test_what_can_not_run_is_an_error_of_the_call(functions):
    with pytest.raises(ClientError) as refused:
        stream(functions, "none", {})
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert stream(functions, "streams", {}, InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(ClientError) as refused:
        functions.invoke_with_response_stream(FunctionName="streams", Payload=b"{")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
    create(functions, "closed")
    functions.put_function_concurrency(FunctionName="closed", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refused:
        stream(functions, "closed", {})
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    create(functions, "broken", "import nothing_there\n")
    content, complete = read(stream(functions, "broken", {}))
    assert content == b"" and "Runtime.ImportModuleError" in complete["ErrorDetails"]


@pytest.fixture
def ask(server, functions):
    """ask(what) -> the answer of the function's URL, its body unread."""
    try:
        made = functions.create_function_url_config(FunctionName="streams", AuthType="NONE", InvokeMode="RESPONSE_STREAM")
        assert made["InvokeMode"] == "RESPONSE_STREAM"
    except functions.exceptions.ResourceConflictException:
        pass
    url = functions.get_function_url_config(FunctionName="streams")
    assert url["InvokeMode"] == "RESPONSE_STREAM"

    def send(what, receive_bytes=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        if receive_bytes:
            connection.sock = socket.socket()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            connection.sock.connect(("127.0.0.1", server.port))
        connection.request("GET", f"/?what={what}", headers={"Host": url["FunctionUrl"].split("/")[2]})
        return connection.getresponse()

    return send


def test_urls_stream_with_the_head_that_the_function_makes(ask):
    answer = ask("head")
    assert (answer.status, answer.headers["content-type"], answer.headers["x-made"]) == (201, "text/html", "yes")
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["transfer-encoding"] == "chunked" and answer.read() == b"<p></p>"
    answer = ask("headless")
    assert (answer.status, answer.read()) == (200, b"body")
    answer = ask("object")
    assert (answer.status, answer.headers["content-type"], answer.read()) == (200, "text/plain", b'{"id":36}')
    answer = ask("pipe")
    assert answer.headers["content-type"] == "application/octet-stream" and answer.read() == b"a\x00\xffz"


def test_a_function_waits_for_a_slow_client(ask, gate):
    gate.open.set()
    answer = ask(f"much&pieces=48&gate={gate.url}", receive_bytes=64 << 10)
    eventually(lambda: gate.asked)
    never(lambda: len(gate.asked) > 24, seconds=1)  # what all the buffers on the way hold is less
    content = answer.read()
    assert len(content) == 48 << 20 and len(gate.asked) == 48
    assert content[::1 << 20] == bytes(range(48))


def test_urls_of_functions_that_fail(ask):
    answer = ask("early")
    assert answer.status == 502 and json.loads(answer.read()) == {"Message": "Internal Server Error"}
    answer = ask("cut")
    assert answer.status == 201
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):  # cut, and not to be taken for whole
        answer.read()


def test_invoke_mode_can_be_changed(functions, server):
    create(functions, "modes", {"index.mjs": "export const handler = async (event) => ({ statusCode: 202, body: 'b' });\n"},
           Runtime=NODE, Handler="index.handler")
    made = functions.create_function_url_config(FunctionName="modes", AuthType="NONE")
    assert made["InvokeMode"] == "BUFFERED"

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/", headers={"Host": made["FunctionUrl"].split("/")[2]})
        answer = connection.getresponse()
        return answer.status, answer.headers["content-type"], answer.read()

    assert ask() == (202, "application/json", b"b")
    functions.update_function_url_config(FunctionName="modes", InvokeMode="RESPONSE_STREAM")
    assert ask() == (200, "application/json", b'{"statusCode":202,"body":"b"}')  # what is streamed is not looked into


CUSTOM = """#!/usr/bin/env python3
import base64, http.client, json, os
api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
base = '/2018-06-01/runtime/invocation/'
while True:
    api.request('GET', base + 'next')
    answer = api.getresponse()
    event, request_id = json.loads(answer.read()), answer.headers['Lambda-Runtime-Aws-Request-Id']
    api.putrequest('POST', base + request_id + '/response')
    api.putheader('Lambda-Runtime-Function-Response-Mode', 'streaming')
    api.putheader('Transfer-Encoding', 'chunked')
    api.endheaders()
    for part in event['parts']:
        api.send(b'%x\\r\\n%s\\r\\n' % (len(part), part.encode()))
    if event.get('drop'):
        api.close()
        continue
    trailers = b''
    if event.get('error'):
        error = json.dumps({'errorType': event['error'], 'errorMessage': 'm' * event['size']}).encode()
        trailers = (b'lambda-runtime-function-error-type: %s\\r\\nLambda-Runtime-Function-Error-Body: %s\\r\\n'
                    % (event['error'].encode(), base64.b64encode(error)))
    api.send(b'0\\r\\n' + trailers + b'\\r\\n')
    assert api.getresponse().read()
"""


def test_custom_runtimes_stream_over_the_runtime_api(functions):
    create(functions, "custom", {"bootstrap": CUSTOM}, Runtime="provided.al2023")
    assert read(stream(functions, "custom", {"parts": ["ab", "c"]})) == (b"abc", {})
    content, complete = read(stream(functions, "custom", {"parts": ["ab"], "error": "Own.Error", "size": 20000}))
    details = json.loads(complete["ErrorDetails"])
    assert content == b"ab" and details["errorType"] == "Own.Error" and len(details["errorMessage"]) == 20000
    content, complete = read(stream(functions, "custom", {"parts": ["ab"], "drop": True}))
    assert content == b"ab" and "Runtime.TruncatedResponse" in complete["ErrorDetails"]
    assert read(stream(functions, "custom", {"parts": ["on"]})) == (b"on", {})


def test_the_javascript_sdk_reads_streams(functions, node):
    result = node("""
        const { LambdaClient, InvokeWithResponseStreamCommand } = require("@aws-sdk/client-lambda");
        const client = new LambdaClient({ endpoint });
        const ask = async (what) => {
            const answer = await client.send(new InvokeWithResponseStreamCommand(
                { FunctionName: "streams", Payload: JSON.stringify({ what }) }));
            let text = "", complete = null;
            for await (const event of answer.EventStream) {
                if (event.PayloadChunk) text += Buffer.from(event.PayloadChunk.Payload).toString("latin1");
                if (event.InvokeComplete) complete = event.InvokeComplete;
            }
            return [text, complete.ErrorCode ?? null];
        };
        return [await ask("pipe"), await ask("raise")];
    """)
    assert result == [["a\x00\xffz", None], ["part", "Unhandled"]]


def test_the_first_api_calls_asynchronously(functions):
    create(functions, "old", "seen = []\ndef handler(e, c):\n    seen.append(e)\n    return seen\n")
    functions.put_function_concurrency(FunctionName="old", ReservedConcurrentExecutions=1)
    assert functions.invoke_async(FunctionName="old", InvokeArgs=b'{"n": 1}')["Status"] == 202
    eventually(lambda: {"n": 1} in call(functions, "old", 0))
    with pytest.raises(ClientError) as refused:
        functions.invoke_async(FunctionName="old", InvokeArgs=b"{")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
    with pytest.raises(ClientError) as refused:
        functions.invoke_async(FunctionName="none", InvokeArgs=b"{}")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"

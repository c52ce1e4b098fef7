"""What happens to events after they match: retries, dead letters, API destinations with their secrets, archives and
replays."""

import base64
import datetime
import http.server
import itertools
import json
import pathlib
import socket
import threading
import urllib.parse

import pytest
from botocore.exceptions import ClientError
from support.waiting import eventually

numbers = itertools.count()
ACCOUNT = "000000000000"


class Site:
    """A web site that keeps what it is sent, and answers as `answers` says, then 200. While its gate is shut it keeps
    nothing and lets everybody wait."""

    def __init__(self):
        site = self
        self.seen, self.answers, self.tokens = [], [], 0
        self.gate = threading.Event()
        self.gate.set()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, answer = 200, b"{}"
                if not site.gate.is_set() and site.gate.wait() and self.caller_is_gone():
                    return
                if self.path.startswith("/token"):
                    site.tokens += 1
                    assert dict(urllib.parse.parse_qsl(body.decode())) == {
                        "grant_type": "client_credentials", "client_id": "me", "client_secret": "hush", "scope": "all"}
                    answer = json.dumps({"access_token": f"t{site.tokens}", "expires_in": 3600}).encode()
                else:
                    if site.answers:
                        status = site.answers.pop(0)
                    site.seen.append((self.path, dict(self.headers), body))  # a test may set other answers from here on
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_PUT = do_POST

            def caller_is_gone(self):
                try:
                    return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
                except BlockingIOError:
                    return False
                except OSError:
                    return True

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.gate.set()
    made.server.shutdown()


SERVER_OPTIONS = ["--outbound-allow", "127.0.0.1", "--events-retry-ms", "20ms"]


@pytest.fixture
def events(boto):
    return boto("events")


@pytest.fixture
def kinesis(boto):
    return boto("kinesis")


@pytest.fixture
def source():
    return f"shop{next(numbers)}"


def make_stream(kinesis, name):
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return stream_arn(name)


def stream_arn(name):
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"


def read_all(kinesis, stream):
    shard = kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return [json.loads(each["Data"]) for each in kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]]


def put(events, source, *details, **more):
    answer = events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": json.dumps(each), **more}
                                        for each in details])
    assert answer["FailedEntryCount"] == 0, answer


def rule(events, name, *targets, **more):
    made = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}), **more)
    events.put_targets(Rule=name, Targets=list(targets))
    return made["RuleArn"]


def destination(events, name, url, auth=None, kind="API_KEY", **more):
    auth = auth or {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}
    connection = events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=auth)["ConnectionArn"]
    return events.create_api_destination(Name=name, ConnectionArn=connection, InvocationEndpoint=url,
                                         HttpMethod="POST", **more)["ApiDestinationArn"]


def test_an_api_destination_gets_the_event_with_the_connections_secrets(events, site, source):
    arn = destination(events, source, site.url + "/orders/*/x", {
        "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"},
        "InvocationHttpParameters": {"HeaderParameters": [{"Key": "x-more", "Value": "m", "IsValueSecret": True}],
                                     "QueryStringParameters": [{"Key": "q", "Value": "a b", "IsValueSecret": False}],
                                     "BodyParameters": [{"Key": "token", "Value": "t"}]}})
    rule(events, source, {"Id": "1", "Arn": arn, "InputPath": "$.detail",
                          "HttpParameters": {"PathParameterValues": ["$.detail.id"],
                                             "HeaderParameters": {"x-id": "$.detail.id"},
                                             "QueryStringParameters": {"fixed": "1"}}})
    put(events, source, {"id": "a/1"})
    path, headers, body = eventually(lambda: site.seen)[0]
    assert path == "/orders/a%2F1/x?fixed=1&q=a%20b"
    assert (headers["x-key"], headers["x-more"], headers["x-id"]) == ("secret", "m", "a/1")
    assert json.loads(body) == {"id": "a/1", "token": "t"}
    told = json.dumps(events.describe_connection(Name=source), default=str)
    assert "secret" not in told and '"m"' not in told and "a b" in told


def test_secrets_are_sealed_on_disk(server, events, site, source):
    secret = f"a-secret-of-{source}-that-nobody-reads"
    arn = destination(events, source, site.url + "/x",
                      {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": secret}})
    rule(events, source, {"Id": "1", "Arn": arn})
    key = pathlib.Path(server.data) / "secrets.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.write_text("5" * 64 + "\n" + key.read_text())  # another key, from the next start on
    server.kill()
    server.start()
    put(server.client("events"), source, {})
    assert eventually(lambda: site.seen)[0][1]["x-key"] == secret
    plain = [path for path in pathlib.Path(server.data).rglob("*")
             if path.is_file() and "log" != path.parent.name and secret.encode() in path.read_bytes()]
    assert plain == []


def test_basic_and_oauth(events, site, source):
    basic = destination(events, source + "b", site.url, {"BasicAuthParameters": {"Username": "u", "Password": "p"}},
                        "BASIC")
    oauth = destination(events, source + "o", site.url, {"OAuthParameters": {
        "ClientParameters": {"ClientID": "me", "ClientSecret": "hush"}, "AuthorizationEndpoint": site.url + "/token",
        "HttpMethod": "POST", "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}]}}},
        "OAUTH_CLIENT_CREDENTIALS")
    rule(events, source, {"Id": "b", "Arn": basic}, {"Id": "o", "Arn": oauth})
    put(events, source, {"n": 1}, {"n": 2})
    eventually(lambda: len(site.seen) >= 4)
    kinds = sorted(headers["authorization"] for _, headers, _ in site.seen)
    assert kinds == ["Basic " + base64.b64encode(b"u:p").decode()] * 2 + ["Bearer t1"] * 2
    events.deauthorize_connection(Name=source + "o")
    assert events.describe_connection(Name=source + "o")["ConnectionState"] == "DEAUTHORIZED"


def test_private_addresses_are_not_called_unless_allowed(events, source):
    with pytest.raises(ClientError) as raised:
        destination(events, source, "http://10.1.2.3/x")
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_events_fill_the_path_of_an_endpoint_and_nothing_else(events, kinesis, site, source):
    arn = destination(events, source, site.url + "/public/*/x")
    for url in ("http://*/x", "http://*.example.com/x", "http://127.0.0.1:*/x", "http://127.0.0.1/x?to=*"):
        with pytest.raises(ClientError, match="a \\* stands for a value of the path"):
            destination(events, f"{source}-{next(numbers)}", url)
        with pytest.raises(ClientError, match="a \\* stands for a value of the path"):
            events.update_api_destination(Name=source, InvocationEndpoint=url)
    dead = make_stream(kinesis, source + "-dead")
    rule(events, source, {"Id": "1", "Arn": arn, "HttpParameters": {"PathParameterValues": ["$.detail.id"]},
                          "DeadLetterConfig": {"Arn": dead}})
    put(events, source, {"id": ".."}, {"id": "a"})  # the first would be /x
    assert eventually(lambda: site.seen)[0][0] == "/public/a/x"
    letter = eventually(lambda: read_all(kinesis, source + "-dead"))[0]
    assert "step to another" in letter["ERROR_MESSAGE"] and letter["event"]["detail"] == {"id": ".."}


def test_what_fails_is_tried_again_and_then_is_a_dead_letter(events, kinesis, site, source):
    dead = make_stream(kinesis, source + "-dead")
    arn = destination(events, source, site.url)
    rule_arn = rule(events, source, {"Id": "1", "Arn": arn, "RetryPolicy": {"MaximumRetryAttempts": 2},
                                     "DeadLetterConfig": {"Arn": dead}})
    site.answers = [503, 200]
    put(events, source, {"n": 1})
    eventually(lambda: len(site.seen) == 2)
    site.answers = [500, 500, 500]
    put(events, source, {"n": 2})
    [letter] = eventually(lambda: read_all(kinesis, source + "-dead"))
    assert len(site.seen) == 5
    event = letter.pop("event")
    assert event["detail"] == {"n": 2}
    assert letter == {"RULE_ARN": rule_arn, "TARGET_ARN": arn, "ERROR_CODE": "SDK_CLIENT_ERROR",
                      "ERROR_MESSAGE": "The API destination answered with status 500.",
                      "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts", "RETRY_ATTEMPTS": 2}
    site.answers = [400]  # no use in trying again
    put(events, source, {"n": 3})
    eventually(lambda: len(read_all(kinesis, source + "-dead")) == 2)
    assert len(site.seen) == 6


def test_a_missing_target_is_a_dead_letter_at_once(events, kinesis, source):
    dead = make_stream(kinesis, source + "-dead")
    rule(events, source, {"Id": "1", "Arn": stream_arn("nobody"), "DeadLetterConfig": {"Arn": dead}})
    put(events, source, {"n": 1})
    [letter] = eventually(lambda: read_all(kinesis, source + "-dead"))
    assert (letter["ERROR_CODE"], letter["RETRY_ATTEMPTS"]) == ("NO_RESOURCE", 0)


def test_a_slow_target_holds_up_nobody_and_waits_through_a_restart(server, events, kinesis, site, source):
    stream = make_stream(kinesis, source)
    slow = destination(events, source, site.url, InvocationRateLimitPerSecond=2)
    rule(events, source, {"Id": "slow", "Arn": slow}, {"Id": "fast", "Arn": stream})
    site.gate.clear()
    put(events, source, *[{"n": n} for n in range(5)])
    eventually(lambda: len(read_all(kinesis, source)) == 5)
    server.kill()
    site.gate.set()
    assert site.seen == []
    server.start()
    eventually(lambda: {json.loads(body)["detail"]["n"] for _, _, body in site.seen} == set(range(5)))


def test_an_archive_is_replayed_to_the_rules_that_were_asked_for(events, kinesis, source):
    events.create_event_bus(Name=source)
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{source}"
    archive = events.create_archive(ArchiveName=source, EventSourceArn=bus, RetentionDays=1,
                                    EventPattern=json.dumps({"detail": {"keep": [True]}}))["ArchiveArn"]
    arns = {}
    for name in ("one", "two"):
        make_stream(kinesis, f"{source}-{name}")
        arns[name] = events.put_rule(Name=name, EventBusName=source,
                                     EventPattern=json.dumps({"source": [source]}))["RuleArn"]
        events.put_targets(Rule=name, EventBusName=source,
                           Targets=[{"Id": "1", "Arn": stream_arn(f"{source}-{name}")}])
    now = datetime.datetime.now(datetime.timezone.utc)
    times = [now - datetime.timedelta(minutes=m) for m in (30, 20, 10)]
    for n, moment in enumerate(times):
        put(events, source, {"n": n, "keep": True}, EventBusName=source, Time=moment)
    put(events, source, {"n": 3, "keep": False}, EventBusName=source, Time=times[1])
    started = events.start_replay(ReplayName=source, EventSourceArn=archive, EventStartTime=times[1] - datetime.timedelta(minutes=5),
                                  EventEndTime=now, Destination={"Arn": bus, "FilterArns": [arns["two"]]})
    assert started["State"] == "STARTING"
    done = eventually(lambda: (r := events.describe_replay(ReplayName=source))["State"] == "COMPLETED" and r)
    assert done["Destination"] == {"Arn": bus, "FilterArns": [arns["two"]]}
    found = eventually(lambda: len(f := read_all(kinesis, f"{source}-two")) == 6 and f)
    again = [each for each in found if each.get("replay-name") == source]
    assert sorted(each["detail"]["n"] for each in again) == [1, 2]
    eventually(lambda: len(read_all(kinesis, f"{source}-one")) == 4)
    # What is replayed is not archived again, as is seen once something behind it is.
    put(events, source, {"n": 4, "keep": True}, EventBusName=source)
    info = eventually(lambda: (a := events.describe_archive(ArchiveName=source))["EventCount"] > 3 and a)
    assert info["EventCount"] == 4 and info["SizeBytes"] > 300
    eventually(lambda: len(read_all(kinesis, f"{source}-one")) == 5)
    assert not [each for each in read_all(kinesis, f"{source}-one") if "replay-name" in each]
    events.delete_archive(ArchiveName=source)
    assert events.list_archives(NamePrefix=source)["Archives"] == []

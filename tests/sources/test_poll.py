"""`millrace poll`: the same in the foreground."""

import json
import signal
import subprocess

from sources.conftest import Stream
from support.polled import Answer
from support.server import without_settings
from support.waiting import eventually


def run(binary, *arguments, **options):
    return subprocess.run([binary, "poll", *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


def test_prints_what_is_new(binary, polled):
    web = polled(lambda _, count: Answer({"txs": [{"id": count}, {"id": count + 1}]}))
    done = run(binary, web.url, "--records", "$.txs", "--key", "$.id", "--every", "50ms", "--polls", 3, "--to", "-")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2, 3, 4]
    assert "6 records seen: 4 sent, 2 repeated" in done.stderr


def test_remembers_from_run_to_run_where_told(binary, polled, tmp_path):
    web = polled(lambda _, count: Answer([{"id": 1}]))
    state = ("--state", tmp_path / "state")
    for expected in (1, 0):
        done = run(binary, web.url, "--key", "$.id", "--polls", 1, "--to", "-", *state)
        assert len(done.stdout.splitlines()) == expected, done.stderr


def test_sends_to_a_server(open_server, polled):
    stream = Stream(open_server, "polled-from-outside")
    web = polled(lambda _, count: Answer([{"id": 1}, {"id": 2}]))
    done = run(open_server.binary, web.url, "--key", "$.id", "--polls", 2, "--every", "50ms",
               "--to", "stream:polled-from-outside", "--endpoint-url", open_server.url,
               env=without_settings(open_server.client_environment()))
    assert done.returncode == 0, done.stderr
    assert stream.values() == [{"id": 1}, {"id": 2}]


def test_says_what_is_wrong_and_ends_with_1(binary, polled):
    web = polled(lambda _, count: Answer(b"no", status=404))
    done = run(binary, web.url, "--polls", 1, "--to", "-")
    assert done.returncode == 1 and "HTTP 404" in done.stderr
    inwards = polled(lambda _, count: Answer(status=302, headers={"Location": "http://169.254.169.254/"}))
    done = run(binary, inwards.url, "--polls", 1, "--redirects", 1, "--to", "-")
    assert done.returncode == 1 and "not a public address" in done.stderr


def test_ends_when_told(binary, polled):
    web = polled(lambda _, count: Answer([]))
    running = subprocess.Popen([binary, "poll", web.url, "--to", "-"], stderr=subprocess.PIPE)
    eventually(lambda: web.requests or running.poll() is not None)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.wait(60) in (0, -signal.SIGINT)
    running.stderr.close()

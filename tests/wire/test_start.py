"""What a person sees of starting and stopping a server."""

import fcntl
import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

import pytest
from support.patience import patient
from support.server import Server
from support.waiting import eventually

RESIDENT_BYTES_MAX = 60 << 20


def health(server):
    with urllib.request.urlopen(f"{server.url}/_millrace/health", timeout=60) as answer:
        return answer.status


def run(binary, *arguments, **options):
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


def test_it_prints_one_line_that_says_where_and_how(server_factory):
    server = server_factory(durability="os")
    assert re.fullmatch(r"millrace ready at http://127\.0\.0\.1:\d+ auth=sign durability=os \(a power cut can lose "
                        rf"acknowledged writes\) data={re.escape(str(server.data))}\n", server.ready_line)
    assert health(server) == 200


def test_without_keys_the_line_says_how_to_make_one(binary, tmp_path):
    server = Server(tmp_path, binary, auth="off")
    server.auth = "sign"
    server.start()
    assert "keys create" in server.ready_line
    assert server.stop() == 0


def test_an_idle_server_is_small(server_factory):
    server = server_factory()
    assert health(server) == 200
    assert server.resident_bytes() < patient(RESIDENT_BYTES_MAX)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_cleanly(server_factory, how):
    server = server_factory()
    assert server._end(how) == 0
    with pytest.raises(OSError):  # URLError is one
        health(server)


def test_sigterm_lets_requests_under_way_finish(server_factory):
    server = server_factory()
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    written, lost, stop = [0] * 4, [], threading.Event()

    def write(number):
        client = server.client("kinesis")
        while not stop.is_set():
            try:
                client.put_record(StreamName="s", Data=b"x" * 1000, PartitionKey=str(number))
                written[number] += 1
            except Exception as error:  # noqa: BLE001: any failure is looked at below
                lost.append(error)
                return

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    eventually(lambda: min(written) > 0)
    assert server.stop() == 0
    stop.set()
    for writer in writers:
        writer.join()
    # A refused or closed connection is how a client learns that the server is gone; an error answer is not.
    assert all("ClientError" not in type(error).__name__ for error in lost), lost


def test_a_second_server_on_the_same_directory_is_refused(server_factory, binary):
    server = server_factory()
    second = run(binary, "serve", "--data", server.data, "--listen", "127.0.0.1:0")
    assert second.returncode == 1
    assert "in use by another server" in second.stderr and str(server.process.pid) in second.stderr


def test_what_is_left_of_a_killed_server_is_waited_for(server_factory):
    """A child that it was just starting may hold its lock for a moment."""
    server = server_factory()
    server.kill()
    with open(server.data / "lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = subprocess.Popen(["sleep", "0.3"], pass_fds=[lock.fileno()])
    server.start()
    child.wait()


def test_a_port_that_is_taken_is_said(server_factory, binary, tmp_path):
    server = server_factory()
    second = run(binary, "serve", "--data", tmp_path / "other", "--listen", f"127.0.0.1:{server.port}")
    assert second.returncode == 1
    assert str(server.port) in second.stderr


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_auth_off_is_refused_off_loopback(binary, tmp_path, listen):
    done = run(binary, "serve", "--data", tmp_path / "d", "--auth", "off", "--listen", listen)
    assert done.returncode == 2
    assert "auth off is refused" in done.stderr and "keys create" in done.stderr
    assert not (tmp_path / "d").exists()


def test_a_setting_out_of_bounds_says_what_is_allowed(binary, tmp_path):
    done = run(binary, "serve", "--data", tmp_path / "d", "--header-bytes-max", "12")
    assert done.returncode == 2
    assert "header-bytes-max" in done.stderr and "1 KiB to 1 MiB" in done.stderr


def test_file_environment_and_command_line_in_that_order(binary, tmp_path):
    (tmp_path / "millrace.conf").write_text("auth = maybe\n")
    done = run(binary, "serve", "--config", tmp_path / "millrace.conf")
    assert done.returncode == 2 and "line 1" in done.stderr and "off or sign" in done.stderr
    (tmp_path / "millrace.conf").write_text(f"data = {tmp_path}/file\nlisten = 127.0.0.1:0\n")
    server = Server(tmp_path, binary, auth="off", environment={"MILLRACE_DURABILITY": "os"})
    server.command = lambda: [str(binary), "serve", "--config", str(tmp_path / "millrace.conf"), "--auth", "off"]
    server.start()
    assert f"data={tmp_path}/file" in server.ready_line
    assert "durability=os" in server.ready_line
    assert "auth=off" in server.ready_line
    assert server.stop() == 0


def test_limits_reach_the_server(server_factory):
    server = server_factory(extra=["--header-bytes-max", "2KiB"])
    request = urllib.request.Request(f"{server.url}/_millrace/health", headers={"X-Padding": "p" * 4096})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 431
    assert health(server) == 200


def test_keys_are_readable_by_their_owner_alone(server_factory):
    server = server_factory(start=False)
    for path in server.data.glob("keys*"):
        assert os.stat(path).st_mode & 0o077 == 0, path


def test_the_configuration_document_is_what_the_program_prints(binary):
    import pathlib
    document = pathlib.Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
    printed = run(binary, "settings").stdout
    assert document.read_text() == printed, "stale: build/millrace settings > docs/configuration.md"

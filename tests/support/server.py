"""One Millrace server process: how tests start, kill and address it."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

import boto3
import botocore.config

from support.patience import patient

START_SECONDS_MAX = patient(30)
STOP_SECONDS_MAX = patient(30)


def binary_path() -> pathlib.Path:
    default = pathlib.Path(__file__).resolve().parents[2] / "build" / "millrace"
    return pathlib.Path(os.environ.get("MILLRACE_BINARY", default))


def without_settings(environment):
    """Settings of the server that somebody has exported are no business of a test's server."""
    return {name: value for name, value in environment.items() if not name.startswith("MILLRACE_")}


class Server:
    """start() returns once the ready line was printed. The data directory outlives the process, so that restart()
    after kill() is a crash and its recovery."""

    region = "us-east-1"

    def __init__(self, directory, binary=None, auth="sign", durability="fsync", extra=(), environment=None,
                 listen="127.0.0.1:0"):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data = self.directory / "data"
        self.binary = pathlib.Path(binary or binary_path())
        self.auth = auth
        self.durability = durability
        self.extra = list(extra)
        self.environment = dict(environment or {})
        self.listen = listen
        self.process = None
        self.ready_line = ""
        self.url = ""
        self.port = 0
        self.access_key = "unsigned"
        self.secret_key = "unsigned"
        if auth != "off":
            self.create_keys()

    # -- life ---------------------------------------------------------------------------------------------------

    def create_keys(self, *arguments):
        """Runs `millrace keys create`; the server's clients sign with the newest. Returns what it printed."""
        printed = subprocess.run(
            [self.binary, "keys", "create", "--data", self.data, "--json", *arguments],
            check=True, capture_output=True, text=True, timeout=patient(30)).stdout
        keys = json.loads(printed)
        self.access_key = keys["AccessKeyId"]
        self.secret_key = keys["SecretAccessKey"]
        return keys

    def command(self):
        return [str(self.binary), "serve", "--data", str(self.data), "--listen", self.listen, "--auth", self.auth,
                "--durability", self.durability, *map(str, self.extra)]

    def start(self):
        assert self.process is None, "already running"
        self.errors = open(self.directory / "stderr.log", "ab")
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=self.errors,
                                        env={**without_settings(os.environ), **self.environment})
        self.ready_line = self._read_line(START_SECONDS_MAX)
        found = re.search(r"(https?)://([^\s]+):(\d+)", self.ready_line)
        if not found:
            code = self.process.poll()
            self.kill()
            raise AssertionError(f"no ready line (exit {code}): {self.ready_line!r}\n{self.log()}")
        self.port = int(found.group(3))
        # Where it listens on a wildcard, tests still call it by the loopback address.
        host = "127.0.0.1" if found.group(2) in ("0.0.0.0", "[::]") else found.group(2)
        self.url = f"{found.group(1)}://{host}:{self.port}"
        return self

    def _read_line(self, seconds):
        deadline = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                break
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                break
            line += piece
        return line.decode()

    def kill(self):
        """kill -9: what a power cut leaves of a process."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how):
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(how)
        try:
            code = process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"did not end within {STOP_SECONDS_MAX} s of signal {how}\n{self.log()}") from None
        finally:
            process.stdout.close()
            self.errors.close()
        return code

    def restart(self):
        self.stop()
        return self.start()

    def finish(self):
        """For fixtures: the server must still be alive and stop cleanly, or the test that broke it gets to know."""
        if self.process is None:
            return
        code = self.process.poll()
        if code is not None:
            log = self.log()
            self._end(signal.SIGKILL)
            raise AssertionError(f"the server had died with exit code {code}\n{log}")
        code = self.stop()
        assert code == 0, f"the server stopped with exit code {code}\n{self.log()}"

    def log(self) -> str:
        path = self.directory / "stderr.log"
        return path.read_text(errors="replace")[-8000:] if path.exists() else ""

    def resident_bytes(self, which="VmRSS") -> int:
        """Now, or at most so far ("VmHWM")."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(which + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {which}")

    # -- clients ------------------------------------------------------------------------------------------------

    def client(self, service, config=None, **arguments):
        """A boto3 client. Retries are off, so that a test sees what the server answered; pass config= to change."""
        base = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=patient(60),
                                      connect_timeout=patient(5))
        arguments = {"endpoint_url": self.url, "region_name": self.region, "aws_access_key_id": self.access_key,
                     "aws_secret_access_key": self.secret_key, **arguments}
        return boto3.session.Session().client(service, config=base.merge(config) if config else base, **arguments)

    def client_environment(self):
        """The environment that makes any AWS tool a client of this server."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**clean, "AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_DEFAULT_REGION": self.region, "AWS_REGION": self.region, "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1", "MILLRACE_URL": self.url}

"""What the examples share: the server they talk to, how they wait, tell, and say what went wrong."""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, NoCredentialsError

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
KEYS = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as `millrace keys create --data DIR` of that server prints them"
AGAIN = "an earlier run left it: --again removes it, where the example has that option; else take a server with a fresh --data, or no --url"
HINTS = {
    "ResourceInUseException": AGAIN,
    "ResourceConflictException": AGAIN,
    "UnrecognizedClientException": KEYS,
    "InvalidSignatureException": KEYS,
}

THROUGH_A_RESTART = Config(retries={"mode": "standard", "max_attempts": 8})  # of the server: half a minute


def add_server_options(parser):
    parser.add_argument("--url", default=os.environ.get("AWS_ENDPOINT_URL"),
                        help="a running server's endpoint (AWS_ENDPOINT_URL); without one, the example starts its own")
    parser.add_argument("--binary", default=str(REPOSITORY / "build" / "millrace"), help="the server to start otherwise")


@contextlib.contextmanager
def clients(options, *arguments):
    """Gives client(service) and the URL of the server that `options` name; one of its own gets `arguments`, too."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    with contextlib.ExitStack() as stack:
        url = options.url or stack.enter_context(own_server(options.binary, *arguments))
        made = {}

        def client(service):
            if service not in made:
                made[service] = boto3.client(service, endpoint_url=url, config=THROUGH_A_RESTART)
            return made[service]

        yield client, url


@contextlib.contextmanager
def own_server(binary, *arguments):
    """A server on a fresh directory, gone at the end with all it kept; gives its URL and sets the keys."""
    if not os.access(binary, os.X_OK):
        sys.exit(f"there is no server at {binary}: run ./dev build first, or name one by --binary")
    with tempfile.TemporaryDirectory(prefix="millrace-example-") as data:
        made = subprocess.run([binary, "keys", "create", "--data", data, "--json"], check=True, capture_output=True)
        keys = json.loads(made.stdout)
        os.environ["AWS_ACCESS_KEY_ID"] = keys["AccessKeyId"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = keys["SecretAccessKey"]
        server = subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0", *arguments],
                                  stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
        try:
            found = re.search(r"https?://\S+:\d+", server.stdout.readline())
            if not found:
                sys.exit("the server did not start")
            yield found.group(0)
        finally:
            server.terminate()
            server.wait()


def end_with_parent():
    """Also where the parent is killed, and ends nothing by itself any more."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def command(main):
    """Calls main(). What its user can mend is a sentence rather than a traceback; Ctrl-C and SIGTERM leave nothing behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except NoCredentialsError:
        sys.exit(f"the server that --url or AWS_ENDPOINT_URL names wants keys: {KEYS}")
    except (ConnectionError, HTTPClientError) as error:
        sys.exit(f"{error}: is `millrace serve` running there? Without --url and AWS_ENDPOINT_URL the example starts its own")
    except ClientError as error:
        hint = HINTS.get(error.response["Error"]["Code"])
        sys.exit(f"{error}" + (f"\n{hint}" if hint else ""))


def wait_until(what, done, seconds, pause=0.2, why=lambda: ""):
    """Ends the program where `done` does not come true; why() may tell the reason."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"not within {seconds} s: {what}\n{why()}".rstrip())
        time.sleep(pause)


def sayer():
    """say(text) prints it with the seconds since now."""
    began = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    return say

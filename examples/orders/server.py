"""What the examples share: a server of their own, and how they wait and tell."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def own_server(binary, *arguments):
    """A server on a fresh directory, gone at the end with all it kept; gives its URL and sets the keys."""
    with tempfile.TemporaryDirectory(prefix="millrace-example-") as data:
        made = subprocess.run([binary, "keys", "create", "--data", data, "--json"], check=True, capture_output=True)
        keys = json.loads(made.stdout)
        os.environ["AWS_ACCESS_KEY_ID"] = keys["AccessKeyId"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = keys["SecretAccessKey"]
        server = subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0", *arguments],
                                  stdout=subprocess.PIPE, text=True)
        try:
            found = re.search(r"https?://\S+:\d+", server.stdout.readline())
            if not found:
                sys.exit("the server did not start")
            yield found.group(0)
        finally:
            server.terminate()
            server.wait()


def wait_until(what, done, seconds, pause=0.2):
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"after {seconds} s not all {what} have arrived")
        time.sleep(pause)


def sayer():
    """say(text) prints it with the seconds since now."""
    began = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    return say

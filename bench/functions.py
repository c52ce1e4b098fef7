"""./dev bench functions: what calling a function costs, warm and cold, beside what this machine needs for less.

No peer runs here: the other local servers run functions in Docker containers."""

import base64
import re
import shutil
import statistics
import subprocess
import sys
import time

import peers
import prepare
from common import ROOT, load
from support.functions import NODE, PYTHON, create

BOOTSTRAP = ROOT / "build" / "millrace-bench-bootstrap"
COLD_STARTS = 15
EVENT = {"a": 1}


def request(port, name, keys):
    return prepare.rest_request(port, "lambda", f"/2015-03-31/functions/{name}/invocations", EVENT, keys)


def median_ms(measure):
    return 1000 * statistics.median(measure() for _ in range(COLD_STARTS))


def timed(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def cold_start(client, name):
    """(what the caller waits, what the log calls Init Duration), each in seconds; a new revision has no environment."""
    client.update_function_configuration(FunctionName=name, Description=str(time.monotonic_ns()))
    begin = time.monotonic()
    answer = client.invoke(FunctionName=name, LogType="Tail")
    waited = time.monotonic() - begin
    log = base64.b64decode(answer["LogResult"]).decode()
    return waited, float(re.search(r"Init Duration: ([\d.]+) ms", log)[1]) / 1000


def make_all(client):
    create(client, "provided", {"bootstrap": BOOTSTRAP.read_bytes()}, Runtime="provided.al2023")
    create(client, "python", "def handler(event, context):\n    return {'ok': True}\n")
    create(client, "node", {"index.js": "exports.handler = async () => ({ ok: true });\n"}, Runtime=NODE, Handler="index.handler")
    return ["provided", "python", "node"]


def run(work, seconds):
    warm, cold = [], []
    for auth in ("off", "sign"):
        with peers.Millrace(work / f"millrace-{auth}", auth) as server:
            client = server.server.client("lambda")
            names = make_all(client)
            keys = server.keys if auth == "sign" else None
            word = "signed" if auth == "sign" else "unsigned"
            for name in names:
                client.invoke(FunctionName=name)
                files = prepare.write_all(work, f"{name}-{word}", [request(server.port, name, keys)])
                for connections in (1, 16):
                    figures = load(server.port, files, connections=connections, seconds=seconds)
                    warm.append((f"Invoke, {name}, {word}", connections, figures))
            if auth == "off":
                for name in names:
                    starts = [cold_start(client, name) for _ in range(COLD_STARTS)]
                    cold.append((f"first call of an empty {name} function",
                                 *(1000 * statistics.median(each) for each in zip(*starts))))
                health = prepare.write_all(work, "health", [prepare.plain_get(server.port, "/_millrace/health")])
                warm.append(("the HTTP server alone: GET /_millrace/health", 16,
                             load(server.port, health, connections=16, seconds=seconds)))
    python = shutil.which(PYTHON) or sys.executable
    for what, command in ((f"`{PYTHON} -c pass` alone", [python, "-c", "pass"]), ("`node -e 0` alone", ["node", "-e", "0"])):
        cold.append((what, median_ms(lambda: timed(lambda: subprocess.run(command, check=True))), None))
    lines = [f"Events of {len(str(EVENT))} bytes, {seconds} s a row after 1 s of warm-up, client on the same cores.", "",
             "| warm | connections | calls/s | p50 ms | p99 ms |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [f"| {what} | {connections} | {figures['records_per_s']:,.0f} | {figures['p50_ms']:.2f} | {figures['p99_ms']:.2f} |"
              for what, connections, figures in warm]
    lines += ["", f"| cold, median of {COLD_STARTS} | the caller waits, ms | of it Init Duration, ms |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {waited:.0f} | {'' if init is None else f'{init:.0f}'} |" for what, waited, init in cold]
    return lines

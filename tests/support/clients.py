"""Clients that are processes of their own: Debian's AWS CLI, curl, and scripts for the JavaScript SDK."""

import json
import pathlib
import subprocess
import tempfile

from support.patience import patient

NODE_MODULES = pathlib.Path(__file__).resolve().parents[2] / ".deps" / "clients" / "node_modules"
AWS = "/usr/bin/aws"


class AwsCliError(Exception):
    pass


class AwsCli:
    def __init__(self, server):
        self.server = server

    def run(self, *arguments, **options) -> subprocess.CompletedProcess:
        """The finished process, whatever its exit code."""
        environment = {**self.server.client_environment(), **options.pop("environment", {})}
        return subprocess.run([AWS, "--endpoint-url", self.server.url, *map(str, arguments)], capture_output=True,
                              text=True, timeout=patient(120), env=environment, **options)

    def __call__(self, *arguments, **options):
        """Parsed JSON where the CLI printed JSON, else its text."""
        done = self.run(*arguments, **options)
        if done.returncode != 0:
            raise AwsCliError(f"aws {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        text = done.stdout.strip()
        return json.loads(text) if text.startswith(("{", "[")) else text


class Curl:
    """curl(url, "-d", "{}") -> (status, body, parsed where it is JSON). `sign`: a service's name, and curl signs."""

    def __init__(self, server):
        self.server = server

    def __call__(self, url: str, *arguments, sign=None, access=None, secret=None):
        if url.startswith("/"):
            url = self.server.url + url
        signing = ["--aws-sigv4", f"aws:amz:{self.server.region}:{sign}",
                   "--user", f"{access or self.server.access_key}:{secret or self.server.secret_key}"] if sign else []
        done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *signing, *arguments, url], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body) if body.startswith(("{", "[")) else body

    def call(self, service: str, target: str, request: dict):
        """An operation of the JSON protocols: `target` is the X-Amz-Target."""
        return self("/", "-H", f"X-Amz-Target: {target}", "-H", "Content-Type: application/x-amz-json-1.1", "-d",
                    json.dumps(request), sign=service)


class NodeError(Exception):
    pass


NODE_PRELUDE = """
const assert = require("node:assert/strict");
const endpoint = process.env.MILLRACE_URL;
const eventually = async (check, seconds = 60) => {
  for (const end = Date.now() + seconds * 1000;;) {
    const found = await check();
    if (found) return found;
    assert(Date.now() < end, `still not so after ${seconds} s: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
"""


class Node:
    def __init__(self, server):
        self.server = server

    def __call__(self, script: str, argument=None, environment=None):
        """Runs a CommonJS script; it may use `await` at its top, finds `argument`, `endpoint`, `assert` and
        `eventually(check)` as constants, and returns a value, which comes back parsed."""
        wrapped = (f"{NODE_PRELUDE}const argument = {json.dumps(argument)};\n"
                   f"(async () => {{\n{script}\n}})().then(\n"
                   "  (value) => { process.stdout.write(JSON.stringify(value ?? null)); process.exit(0); },\n"
                   "  (error) => { console.error(error); process.exit(1); });\n")
        with tempfile.NamedTemporaryFile("w", suffix=".cjs") as file:
            file.write(wrapped)
            file.flush()
            done = subprocess.run(["node", file.name], capture_output=True, text=True, timeout=patient(120),
                                  env={**self.server.client_environment(), "NODE_PATH": str(NODE_MODULES),
                                       **(environment or {})})
        if done.returncode != 0:
            raise NodeError(f"node: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)

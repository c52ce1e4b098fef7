"""Clients that are processes of their own: Debian's AWS CLI and scripts for the JavaScript SDK."""

import json
import pathlib
import subprocess
import tempfile

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
                              text=True, timeout=120, env=environment, **options)

    def __call__(self, *arguments, **options):
        """Parsed JSON where the CLI printed JSON, else its text."""
        done = self.run(*arguments, **options)
        if done.returncode != 0:
            raise AwsCliError(f"aws {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        text = done.stdout.strip()
        return json.loads(text) if text.startswith(("{", "[")) else text


class NodeError(Exception):
    pass


class Node:
    def __init__(self, server):
        self.server = server

    def __call__(self, script: str, argument=None, environment=None):
        """Runs a CommonJS script; it may use `await` at its top, finds `argument` and `endpoint` as constants, and
        returns a value, which comes back parsed."""
        wrapped = (f"const argument = {json.dumps(argument)};\nconst endpoint = process.env.MILLRACE_URL;\n"
                   f"(async () => {{\n{script}\n}})().then(\n"
                   "  (value) => { process.stdout.write(JSON.stringify(value ?? null)); process.exit(0); },\n"
                   "  (error) => { console.error(error); process.exit(1); });\n")
        with tempfile.NamedTemporaryFile("w", suffix=".cjs") as file:
            file.write(wrapped)
            file.flush()
            done = subprocess.run(["node", file.name], capture_output=True, text=True, timeout=120,
                                  env={**self.server.client_environment(), "NODE_PATH": str(NODE_MODULES),
                                       **(environment or {})})
        if done.returncode != 0:
            raise NodeError(f"node: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)

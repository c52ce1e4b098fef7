"""Packages of functions, made in memory, and what a test says again and again about functions."""

import io
import json
import pathlib
import zipfile

ROLE = "arn:aws:iam::000000000000:role/functions"
PYTHON = "python3.11"
NODE = "nodejs20.x"


def package(files) -> bytes:
    """{"app.py": text or bytes} as a zip; files are executable, as `bootstrap` must be."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 11, 21, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()


def tree_package(prefix, folder, skip=lambda path: False) -> bytes:
    """A folder's files under `prefix`, as a zip: for layers."""
    folder = pathlib.Path(folder)
    return package({f"{prefix}/{path.relative_to(folder)}": path.read_bytes()
                    for path in sorted(folder.rglob("*")) if path.is_file() and not skip(path)})


def create(client, name, source="def handler(event, context):\n    return event\n", **options):
    """A Python function whose handler is `handler` in app.py; a dict of files makes another one."""
    files = source if isinstance(source, dict) else {"app.py": source}
    options = {"Runtime": PYTHON, "Handler": "app.handler", "Role": ROLE, "Timeout": 20, **options}
    return client.create_function(FunctionName=name, Code={"ZipFile": package(files)}, **options)


def call(client, name, event=None, **options):
    """What the function returned; an AssertionError where it failed."""
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), **options)
    payload = answer["Payload"].read()
    assert "FunctionError" not in answer, payload
    return json.loads(payload)

"""Fixtures for tests that drive a real server process with real clients. Nothing here imports Millrace.

server           one process for a test module, signed requests, fsync, on a port of its own and a fresh directory
module_path      a directory for what a module keeps open
server_factory   makes more of them in a test: start, kill (-9), stop (SIGTERM), restart on the same directory
boto, aws_cli, node, curl   clients of `server`: a boto3 client factory, Debian's AWS CLI, a Node script, curl
retail_csv       the real UK Online Retail file, or a skip that says so

The binary is build/millrace, or what MILLRACE_BINARY names.
"""

import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.clients import AwsCli, Curl, Node  # noqa: E402
from support.server import Server, binary_path  # noqa: E402

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


def pytest_report_header(config):
    return f"millrace binary: {binary_path()}"


@pytest.fixture(scope="session")
def binary() -> pathlib.Path:
    path = binary_path()
    if not path.exists():
        pytest.fail(f"{path} is not built: run ./dev build, or set MILLRACE_BINARY")
    return path


@pytest.fixture(scope="module")
def module_path(tmp_path_factory, request):
    """A directory for a module's own server. Like tmp_path (pytest.ini), it is left for reading only where a test of the
    module failed: each server has allocated some hundred megabytes, and there are hundreds of servers in a run."""
    failed_before = request.session.testsfailed
    directory = tmp_path_factory.mktemp("module")
    yield directory
    if request.session.testsfailed == failed_before:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def server(binary, module_path, request):
    """A running server for the whole module, with the module's SERVER_OPTIONS, if it has any, on its command line; a test
    that breaks it on purpose takes server_factory instead."""
    running = Server(module_path, binary, extra=getattr(request.module, "SERVER_OPTIONS", ()))
    running.start()
    yield running
    running.finish()


@pytest.fixture
def server_factory(binary, tmp_path):
    """server_factory(auth="sign", durability="fsync", extra=[...]) -> a started Server in a directory of its own."""
    made = []

    def make(start: bool = True, **options) -> Server:
        made.append(Server(tmp_path / f"server{len(made)}", binary, **options))
        if start:
            made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.finish()


@pytest.fixture
def boto(server):
    """boto("kinesis") -> a boto3 client of `server` with its keys; keyword arguments go to boto3's client()."""
    return server.client


@pytest.fixture
def aws_cli(server) -> AwsCli:
    """aws_cli("kinesis", "list-streams") -> parsed JSON; raises AwsCliError with the output where it fails."""
    return AwsCli(server)


@pytest.fixture
def node(server) -> Node:
    """node(script_text, {...}) -> what the script printed, parsed as JSON; the SDK v3 packages can be required."""
    return Node(server)


@pytest.fixture
def curl(server) -> Curl:
    """curl("/path", "-X", "PUT", sign="scheduler") -> (status, body)."""
    return Curl(server)


@pytest.fixture(scope="session")
def retail_csv() -> pathlib.Path:
    """The real file lies beside the checkout: ../shared/data/online_retail.csv.zst, or where MILLRACE_TEST_FILES points."""
    folder = pathlib.Path(os.environ.get("MILLRACE_TEST_FILES", REPOSITORY.parent / "shared" / "data"))
    path = folder / "online_retail.csv.zst"
    if not path.exists():
        pytest.skip(f"the real retail file is not at {path}: tests on it are left out")
    return path


def pytest_collection_modifyitems(config, items):
    if os.environ.get("MILLRACE_LONG") == "1":
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: ./dev test --long runs it"))

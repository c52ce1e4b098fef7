"""Functions where bubblewrap does not work: below a data directory that it has made itself, as root and as a user."""

import os
import pathlib
import tempfile

import pytest

from support.functions import call, create, package
from support.server import Server

PYTHON = pathlib.Path("/usr/bin/python3")

LOOKS = """
import os, words
def handler(event, context):
    seen = []
    for folder in event:
        try:
            seen += os.listdir(folder)
        except PermissionError:
            pass
    return [words.greeting, os.geteuid() == 0, seen]
"""


@pytest.fixture
def bare(binary):
    """Not below pytest's own folder, which other user ids may not enter. Its data directory has a space in its name."""
    with tempfile.TemporaryDirectory(prefix="millrace-bare-") as folder:
        os.chmod(folder, 0o755)
        path = pathlib.Path(folder, "path")
        path.mkdir()
        (path / "python3").symlink_to(PYTHON)
        (path / "bwrap").symlink_to("/bin/false")  # as in a container that may not make namespaces
        server = Server(pathlib.Path(folder, "a server"), binary, environment={"PATH": str(path)})
        (server.data / "spool").mkdir(parents=True)  # as an older server made it, below a closed folder
        os.chmod(server.data, 0o700)
        yield server.start()
        server.finish()


@pytest.mark.skipif(not PYTHON.exists(), reason="no python3 but in home directories")
def test_functions_run_and_what_is_kept_is_closed_to_others(bare):
    functions = bare.client("lambda")
    layer = functions.publish_layer_version(
        LayerName="words", Content={"ZipFile": package({"python/words.py": "greeting = 'hello'\n"})})
    create(functions, "looks", LOOKS, Layers=[layer["LayerVersionArn"]])
    kept = [bare.data, *(each for each in bare.data.iterdir() if each.is_dir())]
    greeting, root, seen = call(functions, "looks", [str(each) for each in kept])
    assert (greeting, root) == ("hello", False)
    if os.geteuid() == 0:  # a user's functions are that user
        assert seen == []
    assert [str(each) for each in kept if each.stat().st_mode & 0o006] == []

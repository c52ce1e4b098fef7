"""The blockchain example runs by its one command and archives every transaction exactly once."""

import os
import pathlib
import subprocess

from support.server import without_settings

RUN = pathlib.Path(__file__).resolve().parents[2] / "examples" / "blockchain" / "run"


def test_blockchain(binary):
    environment = {name: value for name, value in os.environ.items() if name == "MILLRACE_TEST_FILES"}
    environment |= {name: value for name, value in without_settings(os.environ).items() if not name.startswith("AWS_")}
    done = subprocess.run([RUN, "--transactions", "150", "--step", "25", "--every", "200ms", "--binary", binary],
                          capture_output=True, text=True, timeout=170, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every figure agrees" in done.stdout

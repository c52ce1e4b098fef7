"""The example of the retail file over a REST API runs by its one command and agrees with its own count."""

import os
import pathlib
import subprocess

from support.server import without_settings

RUN = pathlib.Path(__file__).resolve().parents[2] / "examples" / "retail-api" / "run"


def example(binary, *arguments):
    environment = {name: value for name, value in without_settings(os.environ).items() if not name.startswith("AWS_")}
    done = subprocess.run([RUN, *arguments, "--binary", binary], capture_output=True, text=True, timeout=300,
                          env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every figure agrees" in done.stdout
    return done.stdout


def test_retail_api_on_rows_that_are_made_up(binary):
    assert "made up" in example(binary, "--rows", "600", "--made-up")


def test_retail_api_on_the_real_file(binary, retail_csv):
    told = example(binary, "--rows", "1000", "--together", "50", "--csv", str(retail_csv))
    assert str(retail_csv) in told and "50 at a time" in told

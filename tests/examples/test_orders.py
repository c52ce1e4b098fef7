"""The orders example runs by its one command and agrees with its own count, also where a run before it was cut short."""

import os
import pathlib
import subprocess

from support.patience import patient
from support.server import without_settings

RUN = pathlib.Path(__file__).resolve().parents[2] / "examples" / "orders" / "run"


def test_orders(binary):
    environment = {name: value for name, value in without_settings(os.environ).items() if not name.startswith("AWS_")}
    done = subprocess.run([RUN, "--orders", "600", "--binary", binary], capture_output=True, text=True, timeout=300,
                          env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every figure agrees" in done.stdout


def test_after_a_run_that_was_killed(server):
    environment = server.client_environment()
    command = [RUN, "--orders", "100", "--url", server.url]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert any("posted" in line for line in run.stdout)
    run.kill()
    run.communicate()
    refused = subprocess.run(command, capture_output=True, text=True, timeout=patient(60), env=environment)
    assert refused.returncode == 1
    assert "--again" in refused.stderr and "Traceback" not in refused.stderr
    done = subprocess.run([*command, "--again"], capture_output=True, text=True, timeout=patient(120), env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every figure agrees" in done.stdout

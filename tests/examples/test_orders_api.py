"""The example of orders over a REST API runs by its one command and agrees with its own count."""

import os
import pathlib
import subprocess

from support.server import without_settings

RUN = pathlib.Path(__file__).resolve().parents[2] / "examples" / "orders-api" / "run"


def test_orders_api(binary):
    environment = {name: value for name, value in without_settings(os.environ).items() if not name.startswith("AWS_")}
    done = subprocess.run([RUN, "--orders", "400", "--binary", binary], capture_output=True, text=True, timeout=300,
                          env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every figure agrees" in done.stdout

"""How much longer than usual this run waits before it calls a thing too slow. `./dev test --long` sets it for servers
under the thread sanitizer, which are ten times slower. It stretches bounds alone: no test sleeps by it."""

import os

FACTOR = float(os.environ.get("MILLRACE_TEST_PATIENCE", "1"))


def patient(seconds):
    return seconds * FACTOR

"""How much longer than usual this run waits before it calls a thing too slow, and too large. `./dev test --long` sets it
for servers under the thread sanitizer, which are ten times slower and some times larger. It stretches bounds alone: no test
sleeps by it."""

import os

FACTOR = float(os.environ.get("MILLRACE_TEST_PATIENCE", "1"))


def patient(bound):
    return bound * FACTOR

"""Waiting for what a server does in its own time: for the condition, never for a time that should be enough."""

import time

from support.patience import patient

SECONDS_MAX = 60  # far beyond what anything takes: a loaded machine must not fail a test
STEP_SECONDS = 0.02


def eventually(check, seconds=SECONDS_MAX, tell=lambda: ""):
    """What check() returns once that is true; an exception of it means "not yet". After `seconds` the last exception, or
    an AssertionError with the last value and what tell() says."""
    deadline = time.monotonic() + patient(seconds)
    while True:
        late = time.monotonic() > deadline  # looked at before: however slow check() is, it is called once at the end
        try:
            found = check()
            if found:
                return found
        except Exception:
            if late:
                raise
            found = None
        assert not late, f"still not so after {seconds} s: {found!r} {tell()}"
        time.sleep(STEP_SECONDS)


def never(check, seconds=0.3):
    """Fails where check() becomes true within `seconds`, which is so short because a slow machine can only hide the
    fault that this looks for: it fails nothing that is sound. Where something else can be waited for that comes behind
    what must not come, wait for that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        assert not found, f"this must not be: {found!r}"
        time.sleep(STEP_SECONDS)

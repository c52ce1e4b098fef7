"""Athena has no waiter: its clients poll."""

import time

from support.patience import patient


def wait(athena, execution_id):
    """The ended execution."""
    deadline = time.monotonic() + patient(60)
    while True:
        execution = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return execution
        assert time.monotonic() < deadline, execution
        time.sleep(0.02)

"""Athena has no waiter: its clients poll."""

from support.waiting import eventually


def wait(athena, execution_id):
    """The ended execution."""
    def ended():
        execution = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        return execution["Status"]["State"] not in ("QUEUED", "RUNNING") and execution

    return eventually(ended)

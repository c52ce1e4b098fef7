"""A lake with one table in it, shared by the tests of this folder."""

import json

import pytest

from support.athena import wait


@pytest.fixture(scope="module")
def lake(server):
    """Bucket `lake`, database `shop`, and `orders`: NDJSON, partitioned by day, two partitions of three rows."""
    s3, glue = server.client("s3"), server.client("glue")
    s3.create_bucket(Bucket="lake")
    glue.create_database(DatabaseInput={"Name": "shop"})
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "customer", "Type": "string"},
               {"Name": "amount", "Type": "decimal(10,2)"}]
    storage = {"Columns": columns, "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
               "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
               "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}}
    glue.create_table(DatabaseName="shop", TableInput={
        "Name": "orders", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": "day", "Type": "string"}],
        "StorageDescriptor": {**storage, "Location": "s3://lake/orders/"}})
    for number, day in enumerate(["2026-01-01", "2026-01-02"]):
        rows = [{"id": 3 * number + i, "customer": "ann" if i else None, "amount": f"{i}.50"} for i in range(3)]
        s3.put_object(Bucket="lake", Key=f"orders/day={day}/rows.json",
                      Body="\n".join(map(json.dumps, rows)).encode())
        glue.create_partition(DatabaseName="shop", TableName="orders", PartitionInput={
            "Values": [day], "StorageDescriptor": {**storage, "Location": f"s3://lake/orders/day={day}/"}})
    return server


@pytest.fixture
def run(lake):
    """run(sql, ...) -> the ended execution, whatever its state; keyword arguments go to StartQueryExecution."""
    athena = lake.client("athena")

    def run_(sql, **arguments):
        arguments.setdefault("ResultConfiguration", {"OutputLocation": "s3://lake/results/"})
        arguments.setdefault("QueryExecutionContext", {"Database": "shop"})
        started = athena.start_query_execution(QueryString=sql, **arguments)
        return wait(athena, started["QueryExecutionId"])

    return run_


@pytest.fixture
def rows(lake, run):
    """rows(sql) -> the rows without their header, as lists of text or None; fails where the query failed."""
    athena = lake.client("athena")

    def rows_(sql, **arguments):
        execution = run(sql, **arguments)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        found = []
        for page in athena.get_paginator("get_query_results").paginate(
                QueryExecutionId=execution["QueryExecutionId"]):
            found += [[value.get("VarCharValue") for value in row["Data"]] for row in page["ResultSet"]["Rows"]]
        return found[1:] if execution["StatementType"] == "DML" else found

    return rows_

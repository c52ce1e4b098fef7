"""SQL through Athena's API: what comes back, what is scanned, what is refused."""

import csv
import io

import botocore.exceptions
import pytest
from support.athena import wait
from support.clients import AwsCli


def test_a_table_is_queried_with_its_types_and_nulls(rows):
    assert rows("SELECT id, customer, amount, day FROM orders ORDER BY id LIMIT 2") == [
        ["0", None, "0.50", "2026-01-01"], ["1", "ann", "1.50", "2026-01-01"]]


def test_figures_are_computed_not_canned(rows):
    assert rows("SELECT day, count(*) n, sum(amount) total FROM orders GROUP BY day ORDER BY day") == [
        ["2026-01-01", "3", "4.50"], ["2026-01-02", "3", "4.50"]]


def test_a_partition_that_the_filter_excludes_is_not_read(run):
    everything = run("SELECT count(id) FROM orders")["Statistics"]["DataScannedInBytes"]
    one_day = run("SELECT count(id) FROM orders WHERE day = '2026-01-02'")["Statistics"]["DataScannedInBytes"]
    assert 0 < one_day < everything


def test_the_result_lies_in_s3_as_athena_writes_it(lake, run):
    execution = run("SELECT id, customer FROM orders WHERE day = '2026-01-01' ORDER BY id")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://lake/results/{execution['QueryExecutionId']}.csv"
    key = location.removeprefix("s3://lake/")
    s3 = lake.client("s3")
    text = s3.get_object(Bucket="lake", Key=key)["Body"].read().decode()
    assert text == '"id","customer"\n"0",\n"1","ann"\n"2","ann"\n'
    assert list(csv.reader(io.StringIO(text)))[0] == ["id", "customer"]
    assert s3.head_object(Bucket="lake", Key=key + ".metadata")["ContentLength"] > 0


def test_results_come_in_pages_that_join_without_a_seam(lake, run):
    athena = lake.client("athena")
    execution = run("SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n")
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    pages = list(athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=execution["QueryExecutionId"], PaginationConfig={"PageSize": 1000}))
    values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert values == ["n"] + [str(n) for n in range(1, 2501)]
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]


def test_parameters_take_the_place_of_question_marks(rows):
    assert rows("SELECT count(*) FROM orders WHERE day = ? AND id >= ?", ExecutionParameters=["'2026-01-02'", "4"]) == [
        ["2"]]


def test_hive_ddl_makes_a_table_that_queries_find(rows, lake):
    lake.client("s3").put_object(Bucket="lake", Key="raw/a.csv", Body=b"id,name\n1,ann\n2,bob\n")
    rows("""CREATE EXTERNAL TABLE people (id int, name string)
            ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE LOCATION 's3://lake/raw/'
            TBLPROPERTIES ('skip.header.line.count'='1')""")
    assert rows("SELECT name FROM people WHERE id = 2") == [["bob"]]
    assert ["people"] in rows("SHOW TABLES IN shop")
    assert lake.client("glue").get_table(DatabaseName="shop", Name="people")["Table"]["Name"] == "people"
    rows("DROP TABLE people")


def test_msck_repair_registers_what_lies_in_the_location(rows, lake):
    for country in ("ch", "de"):
        lake.client("s3").put_object(Bucket="lake", Key=f"sales/country={country}/x.csv", Body=b"7\n")
    rows("""CREATE EXTERNAL TABLE "sales-2026" (n int) PARTITIONED BY (country string)
            ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/sales/'""".replace('"', "`"))
    assert rows('SELECT count(*) FROM "sales-2026"') == [["0"]]
    rows("MSCK REPAIR TABLE `sales-2026`")
    assert rows('SELECT country, sum(n) FROM "sales-2026" GROUP BY country ORDER BY country') == [
        ["ch", "7"], ["de", "7"]]


@pytest.mark.parametrize("sql, says", [
    ("SELECT nothing FROM orders", "nothing"),
    ("SELECT * FROM missing", "missing"),
    ("SELECT CAST('x' AS integer)", "x"),
    ("SELECT 1/0", "DIVISION_BY_ZERO"),
])
def test_a_wrong_query_fails_with_its_reason(run, sql, says):
    execution = run(sql)
    assert execution["Status"]["State"] == "FAILED"
    assert says in execution["Status"]["StateChangeReason"]
    assert execution["Status"]["AthenaError"]["ErrorCategory"] == 2


def test_what_is_no_statement_is_refused_at_once_as_athena_does(run):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        run("SELEKT 1")
    assert raised.value.response["Error"]["Code"] == "InvalidRequestException"
    assert "mismatched input 'SELEKT'" in raised.value.response["Error"]["Message"]


@pytest.mark.parametrize("sql", [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO '/tmp/millrace-escaped.csv'",
    "ATTACH '/tmp/millrace-escaped.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '100GB'",
    "PRAGMA database_list",
    "SELECT * FROM duckdb_settings()",
    "SELECT getenv('HOME')",
    "SELECT 1; SELECT 2",
])
def test_hostile_sql_is_refused_and_harms_nobody(run, rows, sql):
    try:
        assert run(sql)["Status"]["State"] == "FAILED"
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidRequestException"
    assert rows("SELECT count(*) FROM orders") == [["6"]]


def test_an_endless_query_is_stopped_and_the_next_one_runs(lake, rows):
    athena = lake.client("athena")
    started = athena.start_query_execution(
        QueryString="SELECT count(*) FROM UNNEST(sequence(1, 100000)) a(x) CROSS JOIN UNNEST(sequence(1, 100000)) b(y) "
                    "CROSS JOIN UNNEST(sequence(1, 100000)) c(z) WHERE x * y + z = 7",
        ResultConfiguration={"OutputLocation": "s3://lake/results/"})["QueryExecutionId"]
    athena.stop_query_execution(QueryExecutionId=started)
    assert wait(athena, started)["Status"]["State"] == "CANCELLED"
    assert rows("SELECT 1") == [["1"]]


def test_the_state_of_a_query_outlives_the_server(server_factory):
    server = server_factory()
    server.client("s3").create_bucket(Bucket="results")
    athena = server.client("athena")
    done = athena.start_query_execution(QueryString="SELECT 41 + 1 AS answer",
                                        ResultConfiguration={"OutputLocation": "s3://results/"})["QueryExecutionId"]
    assert wait(athena, done)["Status"]["State"] == "SUCCEEDED"
    server.kill()
    server.start()
    athena = server.client("athena")
    assert athena.get_query_execution(QueryExecutionId=done)["QueryExecution"]["Status"]["State"] == "SUCCEEDED"
    found = athena.get_query_results(QueryExecutionId=done)["ResultSet"]
    assert [[value["VarCharValue"] for value in row["Data"]] for row in found["Rows"]] == [["answer"], ["42"]]
    assert found["ResultSetMetadata"]["ColumnInfo"][0]["Name"] == "answer"
    assert done in athena.list_query_executions()["QueryExecutionIds"]


def test_awswrangler_reads_a_query_into_a_frame(lake, monkeypatch):
    import awswrangler
    import boto3
    for service in ("ATHENA", "S3", "GLUE", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", lake.url)
    session = boto3.Session(aws_access_key_id=lake.access_key, aws_secret_access_key=lake.secret_key,
                            region_name=lake.region)
    frame = awswrangler.athena.read_sql_query("SELECT id, amount FROM orders ORDER BY id", database="shop",
                                              ctas_approach=False, s3_output="s3://lake/wrangler/",
                                              boto3_session=session)
    assert frame["id"].tolist() == list(range(6))


def test_the_aws_cli_starts_and_reads_a_query(lake, run):
    cli = AwsCli(lake)
    started = cli("athena", "start-query-execution", "--query-string", "SELECT 'ok' AS said",
                  "--result-configuration", "OutputLocation=s3://lake/cli/")
    assert wait(lake.client("athena"), started["QueryExecutionId"])["Status"]["State"] == "SUCCEEDED"
    found = cli("athena", "get-query-results", "--query-execution-id", started["QueryExecutionId"])
    assert found["ResultSet"]["Rows"][1]["Data"] == [{"VarCharValue": "ok"}]

"""`millrace demo` as a person runs it: it checks its own figures, and these tests check that it can fail."""

import json
import os
import subprocess

import pytest
from support.athena import wait
from support.server import Server


def demo(binary, *arguments):
    done = subprocess.run([binary, "demo", *map(str, arguments)], capture_output=True, text=True, timeout=170)
    return done.returncode, done.stdout + done.stderr


def test_generated_orders(binary, tmp_path):
    code, text = demo(binary, "--rows", 20000, "--data", tmp_path / "demo")
    assert code == 0, text
    assert "20,000 records acknowledged" in text
    assert text.count("equal to DuckDB on the CSV") == 9
    assert "Every figure agrees" in text
    assert "aws --endpoint-url" in text


def test_the_lines_that_it_ends_with_work(binary, tmp_path):
    code, text = demo(binary, "--rows", 3000, "--data", tmp_path / "demo")
    assert code == 0, text
    lines = text[text.index("To go on with it"):].replace("\\\n", " ").splitlines()
    server = Server(tmp_path, binary, auth="off")  # made without keys of its own: it takes the demo's
    server.auth, server.data = "sign", tmp_path / "demo" / "server"
    export = next(line for line in lines if line.strip().startswith("export "))
    for word in export.split()[1:]:
        name, value = word.split("=", 1)
        if name == "AWS_ACCESS_KEY_ID":
            server.access_key = value
        if name == "AWS_SECRET_ACCESS_KEY":
            server.secret_key = value
    server.start()
    try:
        outputs, query = [], ""
        for line in (line.strip() for line in lines):
            if line.startswith("aws "):
                command = line.replace("http://127.0.0.1:4566", server.url).replace("ID-FROM-ABOVE", query)
                done = subprocess.run(["bash", "-c", command.replace("aws ", "/usr/bin/aws ", 1)], capture_output=True,
                                      text=True, timeout=60, env=server.client_environment())
                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
                outputs.append(done.stdout)
                if "start-query-execution" in command:
                    query = json.loads(done.stdout)["QueryExecutionId"]
                    ended = wait(server.client("athena"), query)["Status"]
                    assert ended["State"] == "SUCCEEDED", ended
        assert len(outputs) == 4
        assert ".parquet" in outputs[0] and "retail-orders" in outputs[1] and "United Kingdom" in outputs[3]
    finally:
        assert server.stop() == 0


def test_the_real_file(binary, retail_csv, tmp_path):
    code, text = demo(binary, "--csv", retail_csv, "--data", tmp_path / "demo")
    assert code == 0, text
    assert "541,909 records acknowledged" in text
    assert "Latin-1" in text
    # Known of the published set, beside what DuckDB says.
    assert "541909  |  25900  |  9288  |  135080" in text
    assert "United Kingdom  |  8187806.364" in text


def test_a_directory_that_no_demo_made_is_left_alone(binary, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    code, text = demo(binary, "--rows", 10, "--data", tmp_path / "mine")
    assert code == 1 and "no demo made it" in text
    assert os.listdir(tmp_path / "mine") == ["thesis.txt"]


@pytest.mark.parametrize("damage, words", [
    ("536365,1,A,many,12/1/2010 8:26,1,1,EIRE\r\n", "line 2"),
    ("536365,1,A\r\n", "line 2"),
])
def test_a_csv_that_does_not_fit_is_refused(binary, tmp_path, damage, words):
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
    (tmp_path / "bad.csv").write_text(header + damage, newline="")
    code, text = demo(binary, "--csv", tmp_path / "bad.csv", "--data", tmp_path / "demo")
    assert code != 0 and words in text, text

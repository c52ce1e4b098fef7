"""`millrace demo` as a person runs it: it checks its own figures, and these tests check that it can fail."""

import os
import subprocess

import pytest
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


def test_the_data_it_leaves_goes_on_living(binary, tmp_path):
    code, text = demo(binary, "--rows", 3000, "--data", tmp_path / "demo")
    assert code == 0, text
    server = Server(tmp_path, binary, auth="off")
    server.data = tmp_path / "demo" / "server"
    server.auth = "sign"
    line = next(line for line in text.splitlines() if "AWS_ACCESS_KEY_ID=" in line)
    words = dict(word.split("=", 1) for word in line.split() if "=" in word)
    server.access_key, server.secret_key = words["AWS_ACCESS_KEY_ID"], words["AWS_SECRET_ACCESS_KEY"]
    server.start()
    try:
        keys = [entry["Key"] for entry in server.client("s3").list_objects_v2(Bucket="retail-lake")["Contents"]]
        assert any(key.startswith("orders/dt=") for key in keys)
        table = server.client("glue").get_table(DatabaseName="retail", Name="orders")["Table"]
        assert table["PartitionKeys"][0]["Name"] == "dt"
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

"""The generator: what a table may name, what it refuses, and that what it writes does not change by itself."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from cxx import Types, header  # noqa: E402
from model import GenerationError, Model, operations_in  # noqa: E402
from tables import Tables, over_bytes  # noqa: E402


def table(tmp_path, text):
    path = tmp_path / "operations.cc"
    path.write_text(text)
    return operations_in(path)


def test_rows_are_read_and_comments_are_not(tmp_path):
    assert table(tmp_path, "MILLRACE_OPERATION(A, worker, read)\n// MILLRACE_OPERATION(B, raw)\nMILLRACE_OPERATION(\n  C,") == [
        "A",
        "C",
    ]
    with pytest.raises(GenerationError, match="twice: A"):
        table(tmp_path, "MILLRACE_OPERATION(A, worker) MILLRACE_OPERATION(A, raw)")


def test_what_the_model_does_not_have_is_named():
    with pytest.raises(GenerationError, match="no operations Nonsense"):
        Model("kinesis", ["ListStreams", "Nonsense"])
    with pytest.raises(GenerationError, match="no service 'nonsense'"):
        Model("nonsense", [])


def test_event_streams_of_restful_protocols_are_refused():
    with pytest.raises(GenerationError, match="event streams"):
        model = Model("s3", ["SelectObjectContent"])
        header(model, Types(model), "")


def test_events_of_an_answer_are_no_field():
    model = Model("kinesis", ["SubscribeToShard"])
    assert "EventStream" not in header(model, Types(model), "")
    assert "SubscribeToShardEvent" not in model.nested


def test_only_what_is_served_is_generated():
    model = Model("kinesis", ["ListStreams"])
    text = header(model, Types(model), "// note")
    assert "struct ListStreamsInput {" in text and "struct StreamSummary {" in text
    assert "PutRecord" not in text
    assert "std::optional<int32_t> Limit;" in text  # optional
    assert "    std::vector<std::string> StreamNames;" in text  # required
    source = Tables(model, Types(model)).source("// note", "x/shapes.h")
    assert '"PutRecord"' in source  # its name and route, for the 501


def test_streamed_payloads_have_no_field():
    model = Model("s3", ["PutObject", "GetObject"])
    text = header(model, Types(model), "")
    assert " Body;" not in text and "std::string Bucket;" in text


@pytest.mark.parametrize("service, operations", [("kinesis", ["PutRecords"]), ("glue", ["CreateTable"]), ("s3", ["PutObject"])])
def test_the_same_input_gives_the_same_text(service, operations):
    def generate():
        model = Model(service, operations)
        types = Types(model)
        return header(model, types, "//"), Tables(model, types).source("//", "shapes.h")

    assert generate() == generate()


def test_patterns_over_code_points_become_patterns_over_bytes():
    assert over_bytes(r"[\u0009\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF]*") == r"[\x09\x20-\xff\xff-\xff]*"
    assert over_bytes(r"[\p{L}_]+") == r"[a-zA-Z\x80-\xff_]+"
    assert over_bytes(r"[a-zA-Z0-9_.-]+") == r"[a-zA-Z0-9_.-]+"

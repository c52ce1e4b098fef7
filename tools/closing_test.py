"""The closing lines of ./dev test name what failed, however long the reason is."""

import os
import pathlib
import subprocess
import sys

CLOSING = pathlib.Path(__file__).parent / "dev" / "closing.sh"

FAILING = '''
import pytest

@pytest.fixture
def broken():
    raise RuntimeError("no fixture")

def test_wrong():
    assert [str(i) for i in range(50)] == ["many", "lines", "of", "reason"]

@pytest.mark.parametrize("what", ["a - b.py - c"])
def test_parameters(what):
    assert not what, "first line\\nFAILED is no name\\nlast line"

def test_not_set_up(broken):
    pass

def test_good():
    pass
'''

OF_OTHERS = """
[ RUN      ] Limits.a_slow_body
[  FAILED  ] Limits.a_slow_body (12 ms)
[  FAILED  ] All/Running.Calls/1, where GetParam() = false (500 ms)
[  PASSED  ] 12 tests.
[  FAILED  ] 2 tests, listed below:
[  FAILED  ] Limits.a_slow_body
[  FAILED  ] All/Running.Calls/1, where GetParam() = false
The following tests FAILED:
\t  3 - mr_http_test (Failed)
\t 12 - mr_function_test (Timeout)
FAILED: src/http/CMakeFiles/mr_http.dir/server.cc.o
fuzz: arns_fuzz ran 4 s
fuzz: vtl_fuzz FAILED; its input is in build/test-logs
"""


def failed_in(path):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", f'source "{CLOSING}"; failed_in "{path}"'], check=True,
                          capture_output=True, text=True)
    return done.stdout.splitlines()


def test_tests_in_python_are_named_without_their_reasons(tmp_path):
    (tmp_path / "test_it.py").write_text(FAILING)
    ran = subprocess.run([sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "test_it.py"], cwd=tmp_path,
                         capture_output=True, text=True, env={**os.environ, "CI": "true"})  # CI: reasons in full
    (tmp_path / "log").write_text(ran.stdout)
    assert sorted(failed_in(tmp_path / "log")) == [
        "ERROR test_it.py::test_not_set_up", "FAILED test_it.py::test_parameters[a - b.py - c]",
        "FAILED test_it.py::test_wrong"], ran.stdout


def test_other_runners_failures_are_named_once(tmp_path):
    (tmp_path / "log").write_text(OF_OTHERS)
    assert failed_in(tmp_path / "log") == [
        "FAILED Limits.a_slow_body", "FAILED All/Running.Calls/1", "FAILED 3 - mr_http_test (Failed)",
        "FAILED 12 - mr_function_test (Timeout)", "FAILED: src/http/CMakeFiles/mr_http.dir/server.cc.o",
        "fuzz: vtl_fuzz FAILED; its input is in build/test-logs"]


def test_what_passed_names_nothing(tmp_path):
    (tmp_path / "log").write_text("== 780 passed in 700 s ==\n")
    assert failed_in(tmp_path / "log") == []

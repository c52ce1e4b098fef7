"""Each rule of check_tree.py, seen to find what it is for and to leave the rest alone."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from check_tree import Tree, findings  # noqa: E402

TABLE = """# Architecture

| module (src/) | why it exists | may use |
| --- | --- | --- |
| base | bytes | - |
| http | a server | base |
| log | records | base |
| aws | protocols | http, base |
| service/a | one | aws, log, base |
| service/b | another | aws, base |
| cli | wiring | all |

Text after it.
"""

GOOD = {
    "docs/ARCHITECTURE.md": TABLE,
    "src/base/x.h": "#pragma once\n",
    "src/base/CMakeLists.txt": "",
    "src/http/server.h": "#pragma once\n",
    "src/log/log.h": '#pragma once\n#include "src/base/x.h"\n',
    "src/log/CMakeLists.txt": "",
    "src/log/log.cc": '#include "src/log/log.h"\n',
    "src/aws/call.h": '#pragma once\n#include "src/http/server.h"\n',
    "src/service/a/a.h": '#pragma once\n#include "src/log/log.h"\n',
    "src/service/b/b.h": '#pragma once\n#include "src/aws/call.h"\n',
    "src/cli/serve.h": '#pragma once\n#include "src/service/a/a.h"\n#include "src/log/log.h"\n',
}


def check(**changes):
    """Findings as text, with files of GOOD replaced: name them with '__' for '/' and '_dot_' for '.'."""
    files = dict(GOOD)
    for name, text in changes.items():
        files[name.replace("__", "/").replace("_dot_", ".")] = text
    return [str(finding) for finding in findings(Tree(files))]


def only(found, *words):
    assert len(found) == 1, found
    for word in words:
        assert word in found[0], found[0]


def test_a_good_tree_is_clean():
    assert check() == []


def test_an_arrow_that_the_table_lacks_is_found_with_its_line():
    only(check(src__service__b__b_dot_h='#pragma once\n\n#include "src/log/log.h"\n'),
         "src/service/b/b.h:3:", "may not use log")


def test_an_engine_never_uses_http_even_if_the_table_says_so():
    table = TABLE.replace("| log | records | base |", "| log | records | http, base |")
    only(check(docs__ARCHITECTURE_dot_md=table, src__log__log_dot_cc='#include "src/http/server.h"\n'),
         "src/log/log.cc:1:", "an engine never uses")


def test_a_service_never_uses_another_even_if_the_table_says_so():
    table = TABLE.replace("| service/b | another | aws, base |", "| service/b | another | service/a, aws |")
    only(check(docs__ARCHITECTURE_dot_md=table, src__service__b__b_dot_h='#pragma once\n#include "src/service/a/a.h"\n'),
         "a service never uses another")


def test_a_test_may_make_what_its_module_is_handed():
    include = '#include "src/http/server.h"\n#include "src/log/log.h"\n'
    only(check(src__service__b__b_test_dot_cc=include, src__service__b__CMakeLists_dot_txt=""),
         "src/service/b/b_test.cc:2:", "may not use log")


def test_an_include_of_nothing_is_found():
    only(check(src__log__log_dot_cc='#include "src/log/gone.h"\n'), "src/log/gone.h", "does not exist")


def test_modules_and_table_agree():
    only(check(src__extra__x_dot_h="#pragma once\n"), "src/extra", "not in the module table")
    only(check(docs__ARCHITECTURE_dot_md=TABLE.replace("| cli |", "| ml | later | base |\n| cli |")),
         "docs/ARCHITECTURE.md:11", "module ml is not in src/")
    only(check(docs__ARCHITECTURE_dot_md=TABLE.replace("| http, base |", "| htpp, base |"))[:1], "htpp")
    assert "no module table" in check(docs__ARCHITECTURE_dot_md="# nothing\n")[0]


def test_headers_guard_themselves():
    only(check(src__base__x_dot_h="int x;\n"), "src/base/x.h:1:", "#pragma once")


def test_long_files_are_found():
    only(check(src__log__log_dot_cc="int x;\n" * 901), "src/log/log.cc:901:", "901 lines")
    assert check(src__log__log_dot_cc="int x;\n" * 900) == []


def test_files_that_nobody_builds_are_found():
    only(check(src__http__lost_dot_cc="int x;\n"), "src/http/lost.cc", "CMakeLists.txt")
    only(check(src__log__lost_dot_cpp="int x;\n"), "src/log/lost.cpp", "rename")


def test_tests_that_do_not_run_are_found():
    only(check(src__log__log_test_dot_cc="\n// TEST(Log, Appends) {\n"), "src/log/log_test.cc:2:", "commented-out")
    only(check(src__log__log_test_dot_cc="TEST(Log, DISABLED_Appends) {\n"), "disabled")
    only(check(tests__test_a_dot_py="# def test_it():\n"), "commented-out")
    only(check(tests__test_a_dot_py="@pytest.mark.skip(reason='x')\n"), "always skipped")
    assert check(tests__test_a_dot_py="@pytest.mark.skipif(gone, reason='no file')\n# default\n") == []


def test_paths_in_documents_exist():
    only(check(README_dot_md="see src/log/log.cc\nand docs/GONE.md\n"), "README.md:2:", "docs/GONE.md")
    assert check(README_dot_md="src/log/ and src/log, src/*/x, src/service/NAME/errors.cc, `src/log/log`\n") == []


def test_the_program_says_what_it_found_and_fails(tmp_path):
    (tmp_path / "tools").mkdir()
    source = pathlib.Path(__file__).with_name("check_tree.py")
    (tmp_path / "tools" / "check_tree.py").write_text(source.read_text())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ARCHITECTURE.md").write_text(TABLE)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    done = subprocess.run([sys.executable, tmp_path / "tools" / "check_tree.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "findings" in done.stdout

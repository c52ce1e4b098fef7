"""What lies in packages and layers, and where code finds it."""

import io
import zipfile

import pytest
from botocore.exceptions import ClientError

from support.functions import NODE, call, create, package


@pytest.fixture
def functions(boto):
    return boto("lambda")


def test_names_of_any_letters_are_kept(functions):
    files = {"app.py": "import os\ndef handler(event, context):\n    return sorted(os.listdir('wörter')), open('wörter/日本語.txt').read()\n",
             "wörter/日本語.txt": "text", "wörter/é": ""}
    create(functions, "letters", files)
    assert call(functions, "letters") == [["é", "日本語.txt"], "text"]


def test_a_name_that_is_a_folder_and_a_file_is_the_packages_fault(functions):
    for names in (["a/b", "a"], ["a", "a/b"]):
        with pytest.raises(ClientError) as refused:
            create(functions, "both", dict.fromkeys(["app.py", *names], "x"))
        error = refused.value.response["Error"]
        assert error["Code"] == "InvalidParameterValueException"
        assert error["Message"].startswith("Could not unzip uploaded file.") and "a file and a folder" in error["Message"]


def test_es_modules_are_found_in_layers(functions):
    def layer(name, files):
        return functions.publish_layer_version(LayerName=name, Content={"ZipFile": package(files)})["LayerVersionArn"]

    layers = [layer("plain", {"nodejs/node_modules/plain/index.js": "module.exports = 'plain';"}),
              layer("scoped", {"nodejs/node20/node_modules/@a/b/package.json":
                               '{"type": "module", "exports": {"./sub": "./made.js"}}',
                               "nodejs/node20/node_modules/@a/b/made.js":
                               "import plain from 'plain'; export const name = 'scoped and ' + plain;"})]
    source = """
import plain from 'plain';
import { name } from '@a/b/sub';
export const handler = async (event) => event === 'absent' ? (await import('absent')).name : [plain, name];
"""
    create(functions, "modules", {"index.mjs": source}, Runtime=NODE, Handler="index.handler", Layers=layers)
    assert call(functions, "modules") == ["plain", "scoped and plain"]
    answer = functions.invoke(FunctionName="modules", Payload=b'"absent"')["Payload"].read()
    assert b"Cannot find package 'absent'" in answer


def test_wrapper_scripts_start_the_interpreter(functions):
    wrapper = """#!/bin/bash
args=("$@")
export WRAPPED="$(basename "${args[0]}")"
exec "${args[@]:0:$#-1}" $EXTRA "${args[@]: -1}"
"""
    layer = functions.publish_layer_version(LayerName="wrapper", Content={"ZipFile": package({"wrap": wrapper})})
    options = {"Layers": [layer["LayerVersionArn"]]}

    def variables(extra):
        return {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap", "EXTRA": extra}}}

    source = "import os, sys\ndef handler(event, context):\n    return os.environ['WRAPPED'][:7], sys.flags.optimize, sys.path[0]\n"
    create(functions, "wrapped", source, **options, **variables("-OO"))
    assert call(functions, "wrapped") == ["python3", 2, "/var/task"]
    source = "exports.handler = async () => [process.env.WRAPPED, process.execArgv.includes('--no-warnings')];"
    create(functions, "wrapped-node", {"index.js": source}, Runtime=NODE, Handler="index.handler", **options,
           **variables("--no-warnings"))
    assert call(functions, "wrapped-node") == ["node", True]


def test_named_tuples_are_objects(functions):
    source = """
import collections
Point = collections.namedtuple("Point", "x y")
def handler(event, context):
    return {"plain": (1, 2), "one": Point(1, b"2"), "more": [Point(3, Point(4, 5))]}
"""
    create(functions, "tuples", source)
    assert call(functions, "tuples") == {"plain": [1, 2], "one": {"x": 1, "y": "2"}, "more": [{"x": 3, "y": {"x": 4, "y": 5}}]}


def test_a_full_tmp_says_so_to_any_program(functions):
    source = """
import subprocess
def handler(event, context):
    done = subprocess.run("head -c 600000000 /dev/zero > /tmp/big", shell=True, capture_output=True, text=True)
    return done.returncode, done.stderr
"""
    create(functions, "full", source)
    status, said = call(functions, "full")
    assert status == 1 and "No space left on device" in said

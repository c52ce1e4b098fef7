"""Parses each Python file named: a syntax error is found before anything runs, and no cache is written."""

import ast
import pathlib
import sys

failed = False
for name in sys.argv[1:]:
    try:
        ast.parse(pathlib.Path(name).read_text(), name)
    except SyntaxError as error:
        print(f"{name}:{error.lineno}: {error.msg}")
        failed = True
sys.exit(failed)

"""The tree checks itself. Prints FILE:LINE: what is wrong, and what to do; exits 1 where it found anything.

The module table of docs/ARCHITECTURE.md says which module may include which; every #include "src/..." is held to it.
Beside that: modules that are in the table and not in src/, or the reverse; headers without #pragma once; sources over
900 lines; C++ files that no build rule picks up; tests that are commented out or switched off; paths named in documents
that do not exist.
"""

import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass

LINES_MAX = 900
SOURCE_ENDINGS = (".cc", ".h")
TEST_ENDINGS = ("_test.cc", "_fuzz.cc", "_bench.cc")
ALL = "all"


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """The files to check, by path from the root. Tests hand over a dictionary; main() reads what git knows."""

    def __init__(self, files, exists=None):
        self.files = files
        self.exists = exists or self._exists
        self.folders = {str(parent) for path in files for parent in pathlib.PurePosixPath(path).parents}

    def _exists(self, path):
        return path in self.files or path.rstrip("/") in self.folders

    @staticmethod
    def of_repository(root):
        listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
                                check=True, capture_output=True, text=True).stdout.splitlines()
        files = {}
        for path in listed:
            if (root / path).is_file():
                files[path] = (root / path).read_text(errors="replace")
        return Tree(files)


# -- modules ------------------------------------------------------------------------------------------------------

def module_table(tree):
    """{module: set of modules it may use, or ALL}, and {module: line}, from docs/ARCHITECTURE.md."""
    uses, lines = {}, {}
    inside = False
    for number, line in enumerate(tree.files.get("docs/ARCHITECTURE.md", "").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0].startswith("module"):
            inside = True
        elif inside and line.startswith("|") and not set(line) <= set("|- "):
            names = [name.strip() for name in cells[0].split(",")]
            allowed = ALL if cells[2] == ALL else {name.strip() for name in cells[2].split(",")} - {"-", ""}
            for name in names:
                uses[name], lines[name] = allowed, number
        elif inside and not line.startswith("|"):
            break
    return uses, lines


def module_of(path):
    """"service/kinesis" for src/service/kinesis/streams.cc; None outside src/ and for files directly in it."""
    parts = path.split("/")
    if parts[0] != "src" or len(parts) < 3:
        return None
    if parts[1] == "service":
        return "/".join(parts[1:3]) if len(parts) > 3 else None
    return parts[1]


def check_modules(tree):
    uses, lines = module_table(tree)
    if not uses:
        yield Finding("docs/ARCHITECTURE.md", 1, "no module table (| module (src/) | why it exists | may use |): add it")
        return
    present = {module_of(path) for path in tree.files if path.startswith("src/")} - {None}
    for module in sorted(present - uses.keys()):
        yield Finding(f"src/{module}", 1, "not in the module table: add a row to docs/ARCHITECTURE.md saying why it exists")
    for module in sorted(uses.keys() - present):
        yield Finding("docs/ARCHITECTURE.md", lines[module], f"module {module} is not in src/: remove the row or add it")
    for module, allowed in uses.items():
        for used in sorted(set() if allowed == ALL else allowed):
            if used not in uses:
                yield Finding("docs/ARCHITECTURE.md", lines[module], f"{module} may use {used}, which has no row: fix it")


def reachable(uses, module):
    """What a module may use, and what those may use: a test may make the real thing that its module is handed."""
    found, waiting = set(), [module]
    while waiting:
        allowed = uses.get(waiting.pop(), set())
        for used in (uses.keys() if allowed == ALL else allowed) - found:
            found.add(used)
            waiting.append(used)
    return found


# Drawn by convenience first, so they are refused even where the table would allow them.
def forbidden_whatever_the_table_says(user, used):
    outer = {"http", "aws", "cli", "main", "console"}
    if user.startswith("service/") and used.startswith("service/"):
        return "a service never uses another: what both need belongs to an engine"
    engine = not user.startswith("service/") and user not in outer
    if engine and user not in ("function", "gateway", "source", "target") and (used in outer or used.startswith("service/")):
        return "an engine never uses http, aws or a service: hand the value or a callback over"
    return None


def check_includes(tree):
    uses, _ = module_table(tree)
    for path, text in sorted(tree.files.items()):
        user = module_of(path)
        if user is None or not path.endswith(SOURCE_ENDINGS) or user not in uses:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*["<](src/[^">]+)[">]', line)
            if not found:
                continue
            if not tree.exists(found[1]):
                yield Finding(path, number, f"includes {found[1]}, which does not exist: fix the path")
                continue
            used = module_of(found[1])
            if used is None or used == user:
                continue
            reason = forbidden_whatever_the_table_says(user, used)
            if path.endswith(TEST_ENDINGS) and used in reachable(uses, user):
                continue
            if reason:
                yield Finding(path, number, f"{user} includes {found[1]}: {reason}")
            elif uses[user] != ALL and used not in uses[user]:
                yield Finding(path, number, f"{user} includes {found[1]}, but may not use {used}: move what it needs, or "
                                            "change the table in docs/ARCHITECTURE.md and say why")


# -- sources ------------------------------------------------------------------------------------------------------

def check_sources(tree):
    for path, text in sorted(tree.files.items()):
        lines = text.splitlines()
        if path.endswith(SOURCE_ENDINGS) and len(lines) > LINES_MAX:
            yield Finding(path, LINES_MAX + 1, f"{len(lines)} lines, over {LINES_MAX}: split it by case")
        if path.endswith(".h") and "#pragma once" not in lines:
            yield Finding(path, 1, "no #pragma once: add it after the opening comment")
        if path.endswith((".cpp", ".cxx", ".hpp", ".c")) and path.startswith(("src/", "bench/")):
            yield Finding(path, 1, "the build picks up .cc and .h alone: rename it")


def check_built(tree):
    """src/A/CMakeLists.txt with a module line picks up everything below; a folder without one is built by nobody."""
    rules = {str(pathlib.PurePosixPath(path).parent) for path in tree.files if path.endswith("CMakeLists.txt")}
    for path in sorted(tree.files):
        if path.startswith("src/") and path.endswith(".cc"):
            parents = {str(parent) for parent in pathlib.PurePosixPath(path).parents} - {"src", "."}
            if not parents & rules:
                yield Finding(path, 1, "no CMakeLists.txt above it builds it: add one, or move the file")


SWITCHED_OFF = (
    (re.compile(r"^\s*//\s*(TEST|TEST_F|TEST_P|TYPED_TEST)\s*\("), "a commented-out test"),
    (re.compile(r"\bTEST(_F|_P)?\s*\(\s*\w+\s*,\s*DISABLED_"), "a disabled test"),
    (re.compile(r"^\s*#\s*(async\s+)?def test_"), "a commented-out test"),
    (re.compile(r"^\s*@pytest\.mark\.skip\b(?!if)"), "a test that is always skipped"),
    (re.compile(r"^\s*@pytest\.mark\.xfail"), "a test that is allowed to fail"),
    (re.compile(r"^\s*#\s*if\s+0\b"), "code behind #if 0"),
)


def check_tests(tree):
    for path, text in sorted(tree.files.items()):
        if not path.endswith((".cc", ".py", ".h")) or path.startswith("tools/check_tree"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, what in SWITCHED_OFF:
                if pattern.search(line):
                    yield Finding(path, number, f"{what}: make it run, or delete it")


# -- documents ----------------------------------------------------------------------------------------------------

# A path in a document: begins with one of our folders and has no wildcard or placeholder in it.
NAMED = re.compile(r"(?<![\w/.-])((?:src|docs|tools|tests|deps|bench|cmake)/[\w./+-]*[\w/])")


def check_documents(tree):
    for path, text in sorted(tree.files.items()):
        if not path.endswith(".md"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for found in NAMED.finditer(line):
                name = found[1]
                after = line[found.end():found.end() + 1]
                if after in ("*", "{", "<", "$") or re.search(r"\b(NAME|X|NNN)\b", name):
                    continue
                stem_known = any(tree.exists(name + ending) for ending in ("", ".h", ".cc", ".py"))
                below = str(pathlib.PurePosixPath(path).parent / name)
                if not stem_known and not tree.exists(below):
                    yield Finding(path, number, f"names {name}, which does not exist: fix the path")


CHECKS = (check_modules, check_includes, check_sources, check_built, check_tests, check_documents)


def findings(tree):
    return [finding for check in CHECKS for finding in check(tree)]


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    found = findings(Tree.of_repository(root))
    for finding in found:
        print(finding)
    print(f"check_tree: {len(found)} findings" if found else "check_tree: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""A service's public API model (botocore's service-2.json.gz), cut down to the operations that we serve."""

import glob
import gzip
import json
import os
import re

ROW = re.compile(r"MILLRACE_OPERATION\(\s*(\w+)\s*,")


class GenerationError(Exception):
    """The table or the model asks for something that the generator does not do; the message says what."""


def botocore_data_directory():
    import botocore

    return os.path.join(os.path.dirname(botocore.__file__), "data")


def operations_in(path):
    """The names in an operations.cc, in its order."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"//[^\n]*", "", file.read())
    names = ROW.findall(text)
    if len(names) != len(set(names)):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise GenerationError(f"{path}: rows appear twice: {', '.join(twice)}")
    return names


class Model:
    def __init__(self, service, operations):
        versions = sorted(glob.glob(os.path.join(botocore_data_directory(), service, "*", "service-2.json.gz")))
        if not versions:
            raise GenerationError(f"botocore has no service {service!r}")
        with gzip.open(versions[-1]) as file:
            raw = json.load(file)
        self.service = service
        self.metadata = raw["metadata"]
        self.shapes = raw["shapes"]
        self.all_operations = raw["operations"]
        unknown = [name for name in operations if name not in self.all_operations]
        if unknown:
            raise GenerationError(f"{service} has no operations {', '.join(unknown)}: correct its operations.cc")
        self.served = operations
        # C++ struct name -> model shape name, for the top of each operation: always XInput and XOutput.
        self.tops = {}
        for name in operations:
            operation = self.all_operations[name]
            self.tops[f"{name}Input"] = operation.get("input", {}).get("shape")
            self.tops[f"{name}Output"] = operation.get("output", {}).get("shape")
        self.nested = self._reachable()
        clash = set(self.tops) & {n for n in self.nested if self.shapes[n]["type"] == "structure"}
        clash = {n for n in clash if self.tops[n] != n}
        if clash:
            raise GenerationError(f"{service}: struct names clash: {', '.join(sorted(clash))}")

    def shape(self, name):
        return self.shapes[name]

    def children(self, name):
        """Shape names that a shape refers to, without payloads that stream."""
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            return [m["shape"] for m_name, m in shape["members"].items() if not self.streams(shape, m_name)]
        if kind == "list":
            return [shape["member"]["shape"]]
        if kind == "map":
            return [shape["key"]["shape"], shape["value"]["shape"]]
        return []

    def streams(self, shape, member_name):
        """Is this member the payload that comes as a stream of bytes, or an answer's stream of events?"""
        member = shape["members"][member_name]
        target = self.shapes[member["shape"]]
        if target.get("eventstream"):
            if self.metadata["protocol"] not in ("json", "rest-json") or not self.answers(shape):
                raise GenerationError(f"{self.service}: event streams are served in answers of the JSON protocols alone "
                                      f"({member['shape']})")
            return True
        if shape.get("payload") != member_name:
            return False
        return bool(member.get("streaming") or target.get("streaming"))

    def answers(self, shape):
        """Is it the answer of an operation?"""
        outputs = (operation.get("output", {}).get("shape") for operation in self.all_operations.values())
        return any(name and self.shapes[name] is shape for name in outputs)

    def streams_events(self, shape):
        """The generated struct has no field for the events: the handler's source writes them."""
        return any(self.shapes[member["shape"]].get("eventstream") for member in shape["members"].values())

    def _reachable(self):
        seen = {}  # keeps order
        tops = [shape for shape in self.tops.values() if shape]
        stack = [child for top in reversed(tops) for child in reversed(self.children(top))]
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen[name] = True
            stack.extend(reversed(self.children(name)))
        return list(seen)

    def recursive(self, name):
        """Does the structure contain itself by value, through structures alone?"""
        seen, stack = set(), [name]
        while stack:
            for child in self.shapes[stack.pop()]["members"].values():
                child = child["shape"]
                if child == name:
                    return True
                if self.shapes[child]["type"] == "structure" and child not in seen:
                    seen.add(child)
                    stack.append(child)
        return False

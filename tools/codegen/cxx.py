"""The C++ side of a shape: type names, field names, and shapes.h."""

import re

KEYWORDS = set(
    """NULL alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const continue
    decltype default delete do double else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register requires
    return short signed sizeof static struct switch template this throw true try typedef typeid typename union unsigned
    using virtual void volatile while xor xor_eq""".split()
)
SCALARS = {
    "boolean": ("bool", "boolean"),
    "integer": ("int32_t", "integer"),
    "long": ("int64_t", "long_integer"),
    "float": ("float", "single"),
    "double": ("double", "real"),
    "bigdecimal": ("double", "real"),
    "string": ("std::string", "string"),
    "character": ("std::string", "string"),
    "blob": ("std::string", "blob"),
    "timestamp": ("TimestampMs", "timestamp"),
}


def identifier(name):
    name = re.sub(r"\W", "_", name)
    return name + "_" if name in KEYWORDS else name


def is_document(shape):
    return shape["type"] == "structure" and shape.get("document")


class Types:
    def __init__(self, model):
        self.model = model
        self.namespace = "::millrace::aws::" + identifier(model.service.replace("-", "_"))

    def of(self, name):
        """The C++ type of a nested shape, fully qualified: a member may be named as a type."""
        shape = self.model.shape(name)
        kind = shape["type"]
        if is_document(shape):
            return "std::string"
        if kind == "structure":
            return f"{self.namespace}::{identifier(name)}"
        if kind == "list":
            return f"std::vector<{self.of(shape['member']['shape'])}>"
        if kind == "map":
            return f"std::map<std::string, {self.of(shape['value']['shape'])}>"
        return SCALARS[kind][0]

    def fields(self, struct_name, shape_name):
        """(model's member name, member, C++ field, C++ type) of each member that the struct has a field for."""
        if shape_name is None:
            return []
        shape = self.model.shape(shape_name)
        required = set(shape.get("required", []))
        result = []
        for name, member in shape["members"].items():
            if self.model.streams(shape, name):
                continue
            target = self.model.shape(member["shape"])
            inner = self.of(member["shape"])
            structure = target["type"] == "structure" and not is_document(target)
            if structure and self.model.recursive(member["shape"]):
                outer = f"Boxed<{inner}>"
            elif name in required:
                outer = inner
            else:
                outer = f"std::optional<{inner}>"
            field = identifier(name)
            if field == identifier(struct_name):
                field += "_"
            result.append((name, member, field, outer))
        return result


def ordered_structures(model):
    """Nested structures so that each comes after those it holds by value."""
    order, state = [], {}

    def visit(name):
        shape = model.shape(name)
        if shape["type"] != "structure":
            # Complete types inside lists and maps too, except around a cycle, where the standard containers allow it.
            for child in model.children(name):
                visit(child)
            return
        if is_document(shape) or name in state:
            return
        state[name] = True
        for child in model.children(name):
            visit(child)
        order.append(name)

    for name in model.nested:
        visit(name)
    return order


def struct_text(types, cxx_name, shape_name, initialise=("bool", "int32_t", "int64_t", "float", "double")):
    lines = [f"struct {cxx_name} {{"]
    for _, _, field, outer in types.fields(cxx_name, shape_name):
        lines.append(f"    {outer} {field}{'{}' if outer in initialise else ''};")
    lines.append("};")
    return "\n".join(lines)


def header(model, types, include_guard_note):
    namespace = types.namespace.removeprefix("::")
    structures = [n for n in ordered_structures(model) if n not in model.tops]
    out = [
        include_guard_note,
        "#pragma once",
        "",
        "#include <cstdint>",
        "#include <map>",
        "#include <optional>",
        "#include <string>",
        "#include <vector>",
        "",
        '#include "src/aws/boxed.h"',
        '#include "src/base/named.h"',
        "",
        "namespace millrace::aws {",
        "struct Shape;",
        "struct ServiceModel;",
        "}  // namespace millrace::aws",
        "",
        f"namespace {namespace} {{",
        "",
    ]
    for name in structures:
        out.append(f"struct {identifier(name)};")
    out.append("")
    for name in structures:
        out += [struct_text(types, identifier(name), name), ""]
    for cxx_name, shape_name in model.tops.items():
        out += [struct_text(types, cxx_name, shape_name), ""]
    for cxx_name in model.tops:
        out.append(f"const Shape& shape_of(const {cxx_name}*);")
    out += [
        "",
        "// Every operation of the model, served or not, and its errors.",
        "const ServiceModel& model();",
        "",
        f"}}  // namespace {namespace}",
        "",
    ]
    return "\n".join(out)

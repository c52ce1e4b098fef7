"""shapes.cc: the tables that the codecs, the validator and the router walk (src/aws/schema.h says what they mean)."""

import json
import re

from cxx import SCALARS, identifier, is_document

SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
TEXT = {
    r"[\u0020-\uD7FF\uE000-\uFFFD" + SURROGATES + r"\t]*": "single_line_text",
    r"[\u0020-\uD7FF\uE000-\uFFFD" + SURROGATES + r"\r\n\t]*": "multi_line_text",
}
TIMESTAMPS = {"iso8601": "iso8601", "rfc822": "http_date", "unixTimestamp": "epoch_seconds"}
# What we take beyond AWS: {(service, shape): values}. Clients that check enums themselves never send them.
MORE_ENUM_VALUES = {("firehose", "ParquetCompression"): ["ZSTD"]}
LOCATIONS = {
    "header": "header",
    "headers": "prefix_headers",
    "uri": "uri",
    "querystring": "query",
    "statusCode": "status",
}


def text(value):
    return json.dumps(value, ensure_ascii=False)


def over_bytes(pattern):
    """The pattern for a matcher of UTF-8 bytes: everything beyond ASCII counts as one class of letters."""
    pattern = pattern.replace(SURROGATES, "")
    pattern = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: "\\x%02x" % min(int(m.group(1), 16), 0xFF), pattern)
    pattern = re.sub(r"\\x(d7|e0|ff|fd)", r"\\xff", pattern)
    for group, bytes_class in {
        "L": r"a-zA-Z\x80-\xff",
        "N": "0-9",
        "Z": r" \x80-\xff",
        "P": r"!-/:-@\[-`{-~\x80-\xff",
        "M": r"\x80-\xff",
        "S": r"$+<=>^`|~\x80-\xff",
    }.items():
        pattern = pattern.replace(r"\p{%s}" % group, bytes_class)
    return pattern


class Tables:
    def __init__(self, model, types):
        self.model = model
        self.types = types
        self.declarations = []
        self.definitions = []

    def variable(self, shape_name):
        return f"shape_{identifier(shape_name)}"

    def shape_fields(self, name, shape):
        kind = shape["type"]
        fields = []
        number = "." in str(shape.get("min", "")) or "." in str(shape.get("max", ""))
        for bound in ("min", "max"):
            if bound in shape and not number:
                fields.append(f".{bound} = {int(shape[bound])}")
        if "pattern" in shape:
            pattern = shape["pattern"]
            if pattern in TEXT:
                fields.append(f".pattern = Pattern::{TEXT[pattern]}")
            else:
                fields.append(".pattern = Pattern::regex")
            fields.append(f".pattern_text = {text(pattern)}")
            if pattern not in TEXT:
                fields.append(f".pattern_over_bytes = {text(over_bytes(pattern))}")
        if "enum" in shape:
            array = f"enum_{identifier(name)}"
            more = MORE_ENUM_VALUES.get((self.model.service, name), [])
            values = ", ".join(text(v) for v in shape["enum"] + more)
            self.definitions.append(f"constexpr std::string_view {array}[] = {{{values}}};")
            fields.append(f".enum_values = {array}")
        if "timestampFormat" in shape:
            fields.append(f".timestamp = TimestampFormat::{TIMESTAMPS[shape['timestampFormat']]}")
        if shape.get("sensitive"):
            fields.append(".sensitive = true")
        if kind == "list":
            member = shape["member"]
            inner = self.types.of(member["shape"])
            if inner == "bool":
                raise ValueError(f"{name}: a list of booleans needs another container than std::vector<bool>")
            fields += [
                f".element = &{self.variable(member['shape'])}",
                f".element_wire = {text(member.get('locationName', 'member'))}",
            ]
            if shape.get("flattened"):
                fields.append(".flattened = true")
            fields.append(f".list = &ListOf<{inner}>::access")
        if kind == "map":
            inner = self.types.of(shape["value"]["shape"])
            fields += [
                f".element = &{self.variable(shape['value']['shape'])}",
                f".key = &{self.variable(shape['key']['shape'])}",
                f".element_wire = {text(shape['value'].get('locationName', 'value'))}",
                f".key_wire = {text(shape['key'].get('locationName', 'key'))}",
            ]
            if shape.get("flattened"):
                fields.append(".flattened = true")
            fields.append(f".map = &MapOf<{inner}>::access")
        return fields

    def member_text(self, struct_name, shape, name, member, field, outer):
        target = self.model.shape(member["shape"])
        location = LOCATIONS.get(member.get("location"), "body")
        wire = member.get("locationName", name)
        flattened = bool(member.get("flattened") or target.get("flattened"))
        if flattened and target["type"] == "list":
            wire = target["member"].get("locationName", wire)
        if location in ("header", "prefix_headers"):
            wire = wire.lower()
        fields = [
            f".name = {text(name)}",
            f".wire = {text(wire)}",
            f".shape = &{self.variable(member['shape'])}",
            f".offset = offsetof({struct_name}, {field})",
            f".slot = &SlotOf<{outer}>::slot",
        ]
        if location != "body":
            fields.append(f".location = Location::{location}")
        stamp = member.get("timestampFormat") or target.get("timestampFormat")
        if stamp:
            fields.append(f".timestamp = TimestampFormat::{TIMESTAMPS[stamp]}")
        if name in shape.get("required", []):
            fields.append(".required = true")
        if flattened:
            fields.append(".flattened = true")
        if member.get("xmlAttribute"):
            fields.append(".attribute = true")
        space = member.get("xmlNamespace") or target.get("xmlNamespace")
        if space:
            if isinstance(space, str):
                space = {"uri": space}
            fields.append(f".xml_namespace = {text(space['uri'])}")
            if space.get("prefix"):
                fields.append(f".xml_namespace_prefix = {text(space['prefix'])}")
        return "    {" + ", ".join(fields) + "},"

    def structure(self, cxx_name, shape_name, reference=None):
        """A structure's members and shape. `reference` is how an operation names its input: it may rename the root."""
        shape = self.model.shape(shape_name) if shape_name else {"type": "structure", "members": {}}
        rows = self.types.fields(cxx_name, shape_name)
        variable = self.variable(cxx_name)
        # An output that the model does not have is nameless: the JSON protocols answer it with an empty body.
        name = shape_name or ("" if cxx_name.endswith("Output") else cxx_name)
        fields = [f".name = {text(name)}", ".kind = Kind::structure"]
        if rows:
            self.definitions.append(f"constexpr Member members_{cxx_name}[] = {{")
            self.definitions += [self.member_text(cxx_name, shape, *row) for row in rows]
            self.definitions.append("};")
        if shape.get("sensitive"):
            fields.append(".sensitive = true")
        if rows:
            fields.append(f".members = members_{cxx_name}")
        if shape.get("union"):
            fields.append(".is_union = true")
        payload = shape.get("payload")
        if self.model.streams_events(shape):
            fields.append(".streams_events = true")
        elif payload:
            if self.model.streams(shape, payload):
                fields.append(".payload_streams = true")
            else:
                at = [row[0] for row in rows].index(payload)
                fields.append(f".payload = &members_{cxx_name}[{at}]")
        names = [source for source in (reference or {}, shape) if source]
        xml_name = next((s["locationName"] for s in names if "locationName" in s), None)
        if xml_name:
            fields.append(f".xml_name = {text(xml_name)}")
        space = next((s["xmlNamespace"] for s in names if "xmlNamespace" in s), None)
        if space:
            fields.append(f".xml_namespace = {text(space['uri'] if isinstance(space, dict) else space)}")
        self.declarations.append(f"extern const Shape {variable};")
        self.definitions.append(f"constexpr Shape {variable} = {{{', '.join(fields)}}};")

    def nested(self, name):
        shape = self.model.shape(name)
        if shape["type"] == "structure" and not is_document(shape):
            return self.structure(identifier(name), name)
        kind = "document" if is_document(shape) else SCALARS.get(shape["type"], (None, shape["type"]))[1]
        fields = [f".name = {text(name)}", f".kind = Kind::{kind}"] + self.shape_fields(name, shape)
        self.declarations.append(f"extern const Shape {self.variable(name)};")
        self.definitions.append(f"constexpr Shape {self.variable(name)} = {{{', '.join(fields)}}};")

    def required_in(self, operation, location):
        """Wire names of the required members that restful routers tell operations apart by."""
        inputs = operation.get("input")
        if not inputs or not self.model.metadata["protocol"].startswith("rest"):
            return []
        shape = self.model.shape(inputs["shape"])
        members = [shape["members"][name] for name in shape.get("required", [])]
        names = [m["locationName"] for m in members if m.get("location") == location]
        return [name.lower() if location == "header" else name for name in names]

    def operations(self):
        model = self.model
        lines = []
        required = {}
        for name, operation in sorted(model.all_operations.items()):
            for location in ("querystring", "header"):
                names = self.required_in(operation, location)
                required[name, location] = "{}"
                if names:
                    required[name, location] = f"{location}_of_{name}"
                    values = ", ".join(text(n) for n in names)
                    lines.append(f"constexpr std::string_view {location}_of_{name}[] = {{{values}}};")
        lines.append("constexpr OperationModel operations[] = {")
        for name in sorted(model.all_operations):
            operation = model.all_operations[name]
            http = operation["http"]
            served = name in model.served
            inputs = operation.get("input")
            streams = False
            if served and inputs:
                shape = model.shape(inputs["shape"])
                streams = "payload" in shape and model.streams(shape, shape["payload"])
            output = operation.get("output") or {}
            lines.append(
                f"    {{{text(name)}, {text(http.get('method', 'POST'))}, {text(http.get('requestUri', '/'))}, "
                f"{http.get('responseCode', 200)}, {text(output.get('resultWrapper', ''))}, "
                + (f"&shape_{name}Input, &shape_{name}Output, " if served else "nullptr, nullptr, ")
                + f"{str(streams).lower()}, "
                f"{str(bool(operation.get('httpChecksum', {}).get('requestChecksumRequired'))).lower()}, "
                f"{required[name, 'querystring']}, {required[name, 'header']}}},"
            )
        return lines + ["};"]

    def errors(self):
        lines = []
        messages = []
        for name, shape in sorted(self.model.shapes.items()):
            if not shape.get("exception"):
                continue
            error = shape.get("error", {})
            fault = bool(shape.get("fault"))
            messages += [m for m in shape["members"] if m.lower() == "message"]
            status = error.get("httpStatusCode", 500 if fault else 400)
            lines.append(f"    {{{text(name)}, {text(error.get('code', ''))}, {status}, {str(fault).lower()}}},")
        capital = messages.count("Message") > messages.count("message")
        return lines, "Message" if capital else "message"

    def source(self, note, header_path):
        model, meta = self.model, self.model.metadata
        top_shapes = set(model.tops)
        for name in model.nested:
            if name not in top_shapes:
                self.nested(name)
        for cxx_name, shape_name in model.tops.items():
            operation = model.all_operations[re.sub("(Input|Output)$", "", cxx_name)]
            reference = operation.get("input" if cxx_name.endswith("Input") else "output")
            self.structure(cxx_name, shape_name, reference)
        errors, message_member = self.errors()
        space = meta.get("xmlNamespace", "")
        namespace = self.types.namespace.removeprefix("::")
        out = [note, f'#include "{header_path}"', "", "#include <cstddef>", "", '#include "src/aws/schema.h"', ""]
        out += ['#pragma clang diagnostic ignored "-Winvalid-offsetof"', ""]
        out += [f"namespace {namespace} {{", "namespace {", ""]
        out += self.declarations + [""] + self.definitions + [""] + self.operations()
        out += ["constexpr ErrorModel errors[] = {"] + errors + ["};"] if errors else []
        out += ["constexpr ServiceModel service_model = {"]
        out += [
            f"    .name = {text(model.service)},",
            f"    .service_id = {text(meta.get('serviceId', ''))},",
            f"    .signing_name = {text(meta.get('signingName', meta['endpointPrefix']))},",
            f"    .target_prefix = {text(meta.get('targetPrefix', ''))},",
            f"    .api_version = {text(meta['apiVersion'])},",
            f"    .protocol = {text(meta['protocol'])},",
            f"    .json_version = {text(meta.get('jsonVersion', ''))},",
            f"    .xml_namespace = {text(space if isinstance(space, str) else space['uri'])},",
            f"    .query_compatible = {str('awsQueryCompatible' in meta).lower()},",
            f"    .message_member = {text(message_member)},",
            "    .operations = operations,",
        ]
        out += ["    .errors = errors,"] if errors else []
        out += ["};", "", "}  // namespace", ""]
        for cxx_name in model.tops:
            out.append(f"const Shape& shape_of(const {cxx_name}*) {{ return shape_{cxx_name}; }}")
        out += ["const ServiceModel& model() { return service_model; }", "", f"}}  // namespace {namespace}", ""]
        return "\n".join(out)

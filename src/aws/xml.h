// XML bodies: of restXml in both directions, and awsQuery's answers.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/decoding.h"
#include "src/aws/schema.h"

namespace millrace::aws {

// Larger documents are refused: no operation that we serve takes one (S3's DeleteObjects allows 2 MiB).
constexpr size_t xml_bytes_max = 8 << 20;
constexpr ptrdiff_t xml_tags_max = 400'000;  // opening and closing ones

// Fills `out` from a document whose root element stands for `shape`; the root's own name is not checked, as AWS does
// not. Entities of a DTD are not expanded. Returns false with decoding.refused set where the text is not such a
// document.
bool decode_xml(const Shape& shape, std::string_view body, void* out, Decoding& decoding);

// Appends <name xmlns="xml_namespace">...</name>: of a structure the members that travel in the body.
void encode_xml(const Shape& shape, const void* value, std::string_view name, std::string_view xml_namespace,
                std::string& out);
// Appends the members' elements alone.
void encode_xml_members(const Shape& shape, const void* value, std::string& out);

// Appends character data, escaped for elements and attributes alike. What XML 1.0 can not carry becomes U+FFFD.
void append_xml_text(std::string_view text, std::string& out);
// <name>text</name>
void append_xml_element(std::string_view name, std::string_view text, std::string& out);

}  // namespace millrace::aws

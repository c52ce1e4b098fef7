// What a user has made of functions and layers, as the registry keeps it: JSON with a format number. Members that are
// empty are left out, and unknown ones are ignored, so a field can be added without a new format.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/function/definition.h"

namespace millrace::function {

constexpr std::string_view function_kind = "lambda.function";            // by name: FunctionRecord
constexpr std::string_view version_kind = "lambda.version";              // version_key(): FunctionDefinition
constexpr std::string_view layer_kind = "lambda.layer";                  // by name: its next number, in decimal
constexpr std::string_view layer_version_kind = "lambda.layer_version";  // layer_version_key(): LayerVersion

// "NAME:INCARNATION:NUMBER" with numbers in 16 hexadecimal digits, so that they list in order.
std::string version_key(std::string_view name, uint64_t incarnation, uint64_t number);
std::string layer_version_key(std::string_view layer, uint64_t version);

std::string encode(const FunctionDefinition& definition);
std::string encode(const FunctionRecord& record);
std::string encode(const LayerVersion& layer);
// corruption where the text is not what encode() wrote; unsupported where a newer millrace did.
Result<FunctionDefinition> decode_definition(const Scope& scope, std::string_view text);
Result<FunctionRecord> decode_record(const Scope& scope, std::string_view text);
Result<LayerVersion> decode_layer(const Scope& scope, std::string_view text);

}  // namespace millrace::function

#include "src/flow/processing/configuration.h"

#include <charconv>
#include <set>

#include "src/base/base64.h"

namespace millrace::flow {
namespace {

Error invalid(std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
}

Error unknown_parameter(const Processor& processor, const std::string& name) {
    return invalid("Processor " + processor.type + " has no parameter " + name);
}

template <class T>
Status number(const std::string& name, const std::string& text, T low, T high, T* out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *out);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && *out >= low && *out <= high) return {};
    return invalid("Processor parameter " + name + " must be a number between " + std::to_string(low) + " and " +
                   std::to_string(high) + ": " + text);
}

// The parameter's value can not hold a real new line (its pattern forbids it), so "\n" comes as two characters.
std::string unescaped(const std::string& text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (c == '\\' && (next == 'n' || next == 't' || next == 'r' || next == '\\')) {
            out += next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : '\\';
            ++i;
        } else {
            out += c;
        }
    }
    return out;
}

Status read_function(const Processor& processor, ProcessingConfiguration* out) {
    TransformFunction function;
    for (const auto& [name, value] : processor.parameters) {
        if (name == "LambdaArn") {
            function.arn = value;
        } else if (name == "RoleArn") {
            function.role_arn = value;
        } else if (name == "NumberOfRetries") {
            TRY(number<uint32_t>(name, value, 0, 300, &function.retries));
        } else if (name == "BufferSizeInMBs") {
            double megabytes = 0;
            TRY(number<double>(name, value, 0.2, 3, &megabytes));
            function.buffer_bytes = static_cast<uint64_t>(megabytes * (1 << 20));
        } else if (name == "BufferIntervalInSeconds") {
            TRY(number<uint32_t>(name, value, 0, 900, &function.buffer_s));
        } else {
            return unknown_parameter(processor, name);
        }
    }
    if (function.arn.empty()) return invalid("Processor Lambda needs the parameter LambdaArn");
    out->function = std::move(function);
    return {};
}

Status read_query(const Processor& processor, ProcessingConfiguration* out) {
    std::string engine;
    for (const auto& [name, value] : processor.parameters) {
        if (name == "MetadataExtractionQuery") {
            out->query = value;
        } else if (name == "JsonParsingEngine") {
            engine = value;
        } else {
            return unknown_parameter(processor, name);
        }
    }
    if (out->query.empty()) return invalid("Processor MetadataExtraction needs the parameter MetadataExtractionQuery");
    if (engine != "JQ-1.6")
        return invalid("Processor MetadataExtraction needs the parameter JsonParsingEngine: JQ-1.6");
    return {};
}

Status read_deaggregation(const Processor& processor, ProcessingConfiguration* out) {
    std::string kind, delimiter;
    for (const auto& [name, value] : processor.parameters) {
        if (name == "SubRecordType") {
            kind = value;
        } else if (name == "Delimiter") {
            delimiter = value;
        } else {
            return unknown_parameter(processor, name);
        }
    }
    if (kind == "JSON") {
        out->deaggregation = Deaggregation::json;
        return {};
    }
    if (kind != "DELIMITED") return invalid("Processor RecordDeAggregation: SubRecordType must be JSON or DELIMITED");
    if (!base64_decode(delimiter, &out->deaggregation_delimiter) || out->deaggregation_delimiter.empty()) {
        return invalid("Processor RecordDeAggregation: Delimiter must be the base64 of one character or more");
    }
    out->deaggregation = Deaggregation::delimited;
    return {};
}

Status read_append_delimiter(const Processor& processor, ProcessingConfiguration* out) {
    out->append_delimiter = "\n";
    for (const auto& [name, value] : processor.parameters) {
        if (name != "Delimiter") return unknown_parameter(processor, name);
        out->append_delimiter = unescaped(value);
    }
    return {};
}

}  // namespace

Result<ProcessingConfiguration> read_processors(const std::vector<Processor>& processors) {
    ProcessingConfiguration out;
    std::set<std::string> seen;
    for (const Processor& processor : processors) {
        if (!seen.insert(processor.type).second) {
            return invalid("ProcessingConfiguration has more than one processor of type " + processor.type);
        }
        if (processor.type == "Lambda") {
            TRY(read_function(processor, &out));
        } else if (processor.type == "MetadataExtraction") {
            TRY(read_query(processor, &out));
        } else if (processor.type == "RecordDeAggregation") {
            TRY(read_deaggregation(processor, &out));
        } else if (processor.type == "AppendDelimiterToRecord") {
            TRY(read_append_delimiter(processor, &out));
        } else {
            return Error{ErrorCode::unsupported, "ProcessingConfiguration.Processors[].Type " + processor.type +
                                                     ": Lambda, MetadataExtraction, RecordDeAggregation and "
                                                     "AppendDelimiterToRecord are the processors that are served"};
        }
    }
    return out;
}

}  // namespace millrace::flow

#include "src/flow/mapping/source.h"

#include "src/flow/mapping/change_source.h"
#include "src/flow/mapping/kinesis_source.h"

namespace millrace::flow::mapping {
namespace {

// "arn:aws:SERVICE:REGION:ACCOUNT:REST"
struct Parts {
    std::string_view service, rest;
    Scope scope;
};
std::optional<Parts> parts_of(std::string_view arn) {
    std::string_view fields[6];
    for (size_t i = 0; i < 5; ++i) {
        const size_t colon = arn.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        fields[i] = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    if (fields[0] != "arn" || arn.empty()) return std::nullopt;
    return Parts{fields[2], arn, {std::string(fields[4]), std::string(fields[3])}};
}

Error no_arn(std::string_view arn) {
    return {ErrorCode::invalid_argument, "Unrecognized event source: " + std::string(arn)};
}

}  // namespace

uint64_t order_hash(std::string_view bytes) {
    uint64_t hash = 14695981039346656037ull;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    hash ^= hash >> 32;
    return hash * 0x9e3779b97f4a7c15ull;
}

Result<SourceName> parse_source_arn(std::string_view arn) {
    const auto parts = parts_of(arn);
    if (!parts) return no_arn(arn);
    SourceName out;
    out.scope = parts->scope;
    std::string_view rest = parts->rest;
    if (parts->service == "kinesis" && rest.starts_with("stream/")) {
        rest.remove_prefix(7);
        const size_t slash = rest.find('/');
        out.name = rest.substr(0, slash);
        if (slash != std::string_view::npos) {
            rest.remove_prefix(slash + 1);
            if (!rest.starts_with("consumer/") || rest.size() == 9) return no_arn(arn);
            out.consumer = rest.substr(9);
        }
        return out.name.empty() ? Result<SourceName>(no_arn(arn)) : Result<SourceName>(out);
    }
    if (parts->service == "dynamodb" && rest.starts_with("table/")) {
        rest.remove_prefix(6);
        const size_t stream = rest.find("/stream/");
        if (stream == std::string_view::npos || stream == 0) return no_arn(arn);
        out.kind = SourceName::Kind::changes;
        out.name = rest.substr(0, stream);
        out.label = rest.substr(stream + 8);
        return out;
    }
    for (const auto& [service, what] : {std::pair{"sqs", "SQS queues"},
                                        {"kafka", "Managed Streaming for Apache Kafka"},
                                        {"mq", "Amazon MQ brokers"},
                                        {"rds", "DocumentDB change streams"}}) {
        if (parts->service == service)
            return Error{ErrorCode::unsupported,
                         std::string("Millrace does not read ") + what + " as event sources: " + std::string(arn)};
    }
    return no_arn(arn);
}

Result<std::unique_ptr<Source>> make_source(std::string_view arn, const SourceParts& parts) {
    TRY_ASSIGN(SourceName name, parse_source_arn(arn));
    if (name.kind == SourceName::Kind::kinesis) return make_kinesis_source(std::move(name), std::string(arn), parts);
    if (parts.tables == nullptr)
        return Error{ErrorCode::unsupported, "this server keeps no tables whose changes could be read"};
    return make_change_source(std::move(name), std::string(arn), *parts.tables);
}

}  // namespace millrace::flow::mapping

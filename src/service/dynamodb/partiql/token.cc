#include "src/service/dynamodb/partiql/token.h"

#include <charconv>

#include "src/base/base64.h"
#include "src/base/checksum.h"
#include "src/service/dynamodb/errors.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb::ql {
namespace {

std::string digest_of(std::string_view statement, std::span<const table::AttributeValue> parameters) {
    std::string text(statement);
    for (const auto& parameter : parameters) append_json(parameter, &text);
    return std::to_string(crc64nvme(0, text));
}

// What follows `label` in the token's text, up to `end`; the text is ours, so its form is fixed.
bool take(std::string_view* text, std::string_view label, char end, std::string_view* out) {
    if (!text->starts_with(label)) return false;
    text->remove_prefix(label.size());
    const size_t at = text->find(end);
    if (at == std::string_view::npos) return false;
    *out = text->substr(0, at);
    text->remove_prefix(at);
    return true;
}

}  // namespace

std::string encode_token(std::string_view statement, std::span<const table::AttributeValue> parameters,
                         const ReadPosition& position) {
    std::string text = "{\"v\":1,\"statement\":\"" + digest_of(statement, parameters) +
                       "\",\"range\":" + std::to_string(position.range) + ",\"key\":";
    append_json(position.key.value_or(table::Item()), &text);
    return base64_encode(text += "}");
}

aws::Outcome<ReadPosition> decode_token(std::string_view token, std::string_view statement,
                                        std::span<const table::AttributeValue> parameters) {
    const auto invalid = [] { return validation("Invalid NextToken"); };
    std::string decoded;
    if (!base64_decode(token, &decoded)) return invalid();
    std::string_view text = decoded;
    std::string_view digest;
    std::string_view range;
    if (!take(&text, "{\"v\":1,\"statement\":\"", '"', &digest)) return invalid();
    if (!take(&text, "\",\"range\":", ',', &range)) return invalid();
    if (!text.starts_with(",\"key\":") || !text.ends_with('}')) return invalid();
    ReadPosition position;
    const auto read = std::from_chars(range.data(), range.data() + range.size(), position.range);
    auto key = table::parse_item_json(text.substr(7, text.size() - 8));
    if (read.ec != std::errc() || !key) return invalid();
    if (digest != digest_of(statement, parameters)) return validation("NextToken does not match request");
    if (!key->empty()) position.key = std::move(key).value();
    return position;
}

}  // namespace millrace::service::dynamodb::ql

#include "src/source/records.h"

#include "src/base/checksum.h"
#include "src/vtl/json_path.h"
#include "src/vtl/value.h"

namespace millrace::source {
namespace {

constexpr size_t partition_key_bytes_max = 256;  // Kinesis: characters, so this many bytes always fit

Error not_in_format(std::string_view why) {
    return {ErrorCode::corruption, "the body " + std::string(why)};
}

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace

Result<std::shared_ptr<const Extractor>> Extractor::make(const Definition& definition) {
    auto made = std::make_shared<Extractor>();
    made->format_ = definition.format;
    made->records_ = definition.records;
    std::string_view path = definition.records;
    if (path.ends_with("[*]")) path.remove_suffix(3);  // an array is its elements anyway
    if (auto simple = SlicePath::parse(path); simple.ok()) {
        made->path_ = std::move(simple).value();
    } else {
        TRY_ASSIGN(made->wide_path_, vtl::JsonPath::parse(definition.records));
    }
    if (!definition.key.empty()) {
        TRY_ASSIGN(made->key_, SlicePath::parse(definition.key));
    }
    if (!definition.partition_key.empty()) {
        TRY_ASSIGN(made->partition_key_, SlicePath::parse(definition.partition_key));
    }
    return std::shared_ptr<const Extractor>(std::move(made));
}

Status Extractor::add(std::string_view value, Records* out) const {
    if (out->records.size() == records_max)
        return {ErrorCode::resource_exhausted, "the body has more than " + std::to_string(records_max) + " records"};
    Record& record = out->records.emplace_back();
    append_compact(value, record.text);
    if (key_) {
        const std::string_view key = key_->find(record.text);
        if (key != "null") record.key = key;
    }
    if (partition_key_) {
        const std::string_view found = partition_key_->find(record.text);
        if (!found.empty()) record.partition_key = text_of(found);
        if (record.partition_key.size() > partition_key_bytes_max)
            record.partition_key = hex(sha256(record.partition_key));
    }
    return {};
}

Status Extractor::add_all(std::string_view found, Records* out) const {
    if (found == "null") return {};
    if (!found.starts_with('[')) return add(found, out);
    Status status;
    each_element(found, [&](std::string_view element) {
        status = add(element, out);
        return status.ok();
    });
    return status;
}

Result<Records> Extractor::from_json(std::string_view body) const {
    if (!is_json(body)) return not_in_format("is no JSON, or nested deeper than 64");
    Records out;
    if (path_) {
        const std::string_view found = path_->find(body);
        if (found.empty()) return not_in_format("has nothing at " + records_);
        TRY(add_all(found, &out));
        return out;
    }
    const auto parsed = vtl::parse_json(body);
    const auto found = parsed ? wide_path_->find(*parsed) : std::nullopt;
    if (!found) return not_in_format("has nothing at " + records_);
    std::string text;
    found->append_json(&text);
    if (!is_json(text)) return not_in_format("can not be written out at " + records_);
    TRY(add_all(text, &out));
    return out;
}

Result<Records> Extractor::from_lines(std::string_view body) const {
    Records out;
    while (!body.empty()) {
        const size_t end = std::min(body.find('\n'), body.size());
        const std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        if (is_json(line)) {
            TRY(add(front_value(line), &out));
        } else {
            ++out.malformed;
        }
    }
    return out;
}

Result<Records> Extractor::take_apart(std::string_view body) const {
    switch (format_) {
        case Format::json:
            return from_json(body);
        case Format::ndjson:
            return from_lines(body);
        case Format::body:
            break;
    }
    Records out;
    if (is_json(body)) {
        TRY(add(front_value(body), &out));
        return out;
    }
    if (body.empty()) return out;
    Record& record = out.records.emplace_back();
    record.text = body;
    record.is_json = false;
    if (key_) record.key = sha256(body);
    return out;
}

}  // namespace millrace::source

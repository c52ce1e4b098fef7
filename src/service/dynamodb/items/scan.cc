// Scan: all items of a table or an index, or one segment of them.
#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/page_request.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/constraints.h"
#include "src/table/engine/keys.h"
#include "src/table/value/item_codec.h"

namespace millrace::service::dynamodb {
namespace {

struct Scan {
    PageRequest page;
    table::ScanRequest request;
};

std::optional<aws::Failure> check_segments(const Request& request) {
    if (request.segment && !request.total_segments) {
        return validation(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
            "present");
    }
    if (!request.total_segments) return std::nullopt;
    if (!request.segment) {
        return validation(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
            "present");
    }
    if (*request.segment < *request.total_segments) return std::nullopt;
    return validation("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: " +
                      std::to_string(*request.segment) +
                      " is not less than TotalSegments: " + std::to_string(*request.total_segments));
}

std::optional<aws::Failure> check_start(const PageRequest& page, const table::Item& start) {
    constexpr std::string_view invalid = "The provided starting key is invalid";
    if (start.size() != start_key_size(page)) {
        return validation(std::string(invalid) +
                          (page.index != nullptr ? "" : ": The provided key element does not match the schema"));
    }
    if (page.index != nullptr) {
        const table::KeyNames& key = page.index->key;
        for (size_t i = 0; i < key.size(); ++i) {
            if (start.find(key.at(i).name) == nullptr) return validation(std::string(invalid));
        }
        for (size_t i = 0; i < key.size(); ++i) {
            const auto [name, type, is_partition] = key.at(i);
            TRY_CHECK(check_key_value(name, type, is_partition, start.find(name)));
        }
    }
    table::Item of_table;
    for (const std::string& name : {page.table->key.partition, page.table->key.sort}) {
        const auto* value = start.find(name);
        if (!name.empty() && value != nullptr) of_table.set(name, *value);
    }
    if (auto failure = check_key(*page.table, of_table)) {
        return validation(std::string(invalid) + ": " + failure->message);
    }
    return std::nullopt;
}

// A key lies in the segment of its partition's hash.
std::optional<aws::Failure> check_start_segment(const PageRequest& page, const table::ScanRequest& request) {
    if (!request.start_after || request.segments == 1) return std::nullopt;
    const uint64_t hash = table::engine::partition_hash(page.key(), *request.start_after);
    const auto hash_at = [&](uint64_t segment) { return (segment << 32) / request.segments; };
    if (hash >= hash_at(request.segment) && hash < hash_at(request.segment + uint64_t{1})) return std::nullopt;
    return validation(
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
        "Segment. TotalSegments: " +
        std::to_string(request.segments) + " Segment: " + std::to_string(request.segment));
}

aws::Outcome<Scan> prepare(table::Tables& tables, const aws::CallContext& context, Request request) {
    TRY_CHECK(check_scan(request));
    TRY_CHECK(check_mixing(Form::scan, request));
    TRY_CHECK(check_attributes_to_get(request.attributes_to_get));
    TRY_CHECK(check_filter(request.scan_filter, request));
    TRY_CHECK(check_start_values(request));
    TRY_CHECK(check_segments(request));
    TRY_CHECK(check_select(request));
    TRY_ASSIGN(Compiled compiled, compile(Form::scan, request));
    Scan scan;
    TRY_ASSIGN(scan.page, find_page(tables, context, request, compiled));
    const PageRequest& page = scan.page;
    if (request.start_key) TRY_CHECK(check_start(page, request.start_key->item));
    TRY_CHECK(check_page_paths(page, compiled));
    scan.request.table = page.table;
    scan.request.index = page.index;
    scan.request.segment = static_cast<uint32_t>(request.segment.value_or(0));
    scan.request.segments = static_cast<uint32_t>(request.total_segments.value_or(1));
    if (request.start_key) scan.request.start_after = std::move(request.start_key->item);
    TRY_CHECK(check_start_segment(page, scan.request));
    if (request.limit) scan.request.evaluated_max = static_cast<uint64_t>(*request.limit);
    scan.request.bytes_max = page_bytes_max;
    scan.request.filter = std::move(compiled.filter);
    scan.request.fetch_from_table = page.fetch_from_table;
    scan.request.count_only = page.count_only;
    return scan;
}

}  // namespace

void scan(DynamoDb& self, aws::RawCall call) {
    auto request = read_request(call.body());
    if (!request) return call.fail(request.error());
    table::Tables& tables = self.parts().tables;
    auto scan = prepare(tables, call.context(), *std::move(request));
    if (!scan) return call.fail(scan.error());
    run_on(self.parts().executor, call,
           [&tables, call, scan = *std::move(scan)] { answer(call, page_body(scan.page, tables.scan(scan.request))); });
}

}  // namespace millrace::service::dynamodb

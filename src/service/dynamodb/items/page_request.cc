#include "src/service/dynamodb/items/page_request.h"

#include <algorithm>
#include <set>

#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/keys.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

using table::Index;

aws::Outcome<const Index*> find_index(const table::TableDefinition& table, const Request& request) {
    if (!request.index) return nullptr;
    const auto at = std::find_if(table.indexes.begin(), table.indexes.end(),
                                 [&](const Index& index) { return index.name == *request.index; });
    if (at == table.indexes.end() || at->state == table::IndexState::deleting) {
        return validation("The table does not have the specified index: " + *request.index);
    }
    if (at->global && request.consistent_read.value_or(false)) {
        return validation("Consistent reads are not supported on global secondary indexes");
    }
    if (at->state == table::IndexState::creating) {
        return validation("Cannot read from backfilling global secondary index: " + *request.index);
    }
    return &*at;
}

bool projects(const table::TableDefinition& table, const Index& index, const std::string& name) {
    if (index.projection.kind == table::Projection::Kind::all) return true;
    if (table.key.has(name) || index.key.has(name)) return true;
    const auto& others = index.projection.attributes;
    return index.projection.kind == table::Projection::Kind::include &&
           std::find(others.begin(), others.end(), name) != others.end();
}

// Which of the names the index does not have, as AWS lists them: [a, b]; "" where it has all.
std::string not_projected(const PageRequest& page, const std::set<std::string, std::less<>>& names) {
    std::string listed;
    for (const std::string& name : names) {
        if (!projects(*page.table, *page.index, name)) listed.append(listed.empty() ? "[" : ", ").append(name);
    }
    return listed.empty() ? listed : listed + "]";
}

std::string columns_not_projected(const PageRequest& page, const Compiled& compiled) {
    std::set<std::string, std::less<>> names;
    if (compiled.projection) {
        for (const table::Path& path : *compiled.projection) names.insert(path.front().name);
    }
    return not_projected(page, names);
}

std::optional<aws::Failure> check_global(const PageRequest& page, const Compiled& compiled, bool all) {
    if (all && page.index->projection.kind != table::Projection::Kind::all) {
        return invalid_parameter("Select type ALL_ATTRIBUTES is not supported for global secondary index " +
                                 page.index->name + " because its projection type is not ALL");
    }
    const std::string missing = columns_not_projected(page, compiled);
    if (missing.empty()) return std::nullopt;
    return invalid_parameter("Global secondary index " + page.index->name + " does not project " + missing);
}

}  // namespace

std::optional<aws::Failure> check_select(const Request& request) {
    if (!request.select) return std::nullopt;
    const std::string& select = *request.select;
    const bool listed = request.projection || request.attributes_to_get;
    if (select == "SPECIFIC_ATTRIBUTES") {
        if (listed) return std::nullopt;
        return invalid_parameter(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES");
    }
    if (listed) {
        return invalid_parameter("Cannot specify the " +
                                 std::string(request.projection ? "ProjectionExpression" : "AttributesToGet") +
                                 " when choosing to get " + select);
    }
    if (select == "ALL_PROJECTED_ATTRIBUTES" && !request.index) {
        return invalid_parameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_start_values(const Request& request) {
    if (!request.start_key || request.start_key->wrong.empty()) return std::nullopt;
    // AWS puts its own words before some of the sentences only.
    for (const std::string_view bare :
         {"contains duplicates", "number set", "numeric value", "significant digits", "number with magnitude"}) {
        if (request.start_key->wrong.find(bare) != std::string::npos) return validation(request.start_key->wrong);
    }
    return validation("The provided starting key is invalid: " + request.start_key->wrong);
}

size_t start_key_size(const PageRequest& page) {
    size_t size = page.table->key.size();
    for (size_t i = 0; i < page.key().size(); ++i) size += page.table->key.has(page.key().at(i).name) ? 0 : 1;
    return size;
}

aws::Outcome<PageRequest> find_page(table::Tables& tables, const aws::CallContext& context, const Request& request,
                                    const Compiled& compiled) {
    PageRequest page;
    TRY_ASSIGN(page.table, find_items_table(tables, context, *request.table));
    TRY_ASSIGN(page.index, find_index(*page.table, request));
    page.projection = compiled.projection;
    page.count_only = request.select == "COUNT";
    page.consistent = request.consistent_read.value_or(false);
    page.capacity = capacity_detail(request.return_capacity);
    if (page.index == nullptr) return page;
    const bool all = request.select == "ALL_ATTRIBUTES";
    if (page.index->global) {
        TRY_CHECK(check_global(page, compiled, all));
        return page;
    }
    page.fetch_from_table = page.index->projection.kind != table::Projection::Kind::all &&
                            (all || !columns_not_projected(page, compiled).empty());
    return page;
}

std::optional<aws::Failure> check_filter_projected(const PageRequest& page, const table::Condition* filter) {
    if (page.index == nullptr || filter == nullptr) return std::nullopt;
    const std::string missing = not_projected(page, filter->attributes());
    if (missing.empty()) return std::nullopt;
    return invalid_parameter("Secondary index " + page.index->name +
                             " does not project one or more filter attributes: " + missing);
}

std::optional<aws::Failure> check_page_paths(const PageRequest& page, const Compiled& compiled) {
    if (compiled.projection) {
        if (auto failure = check_key_paths(*page.table, *compiled.projection)) return failure;
    }
    if (!compiled.filter) return std::nullopt;
    return check_key_paths(*page.table, compiled.filter->paths());
}

Result<std::string> page_body(const PageRequest& request, const Result<table::Page>& page) {
    if (!page) return page.error();
    std::string out = "{";
    if (!request.count_only) {
        out.reserve(page->bytes * 5 / 4 + 256);
        out.append("\"Items\":[");
        for (size_t i = 0; i < page->items.size(); ++i) {
            if (i != 0) out.push_back(',');
            TRY(append_item(page->items[i], request.projection, &out));
        }
        out.append("],");
    }
    out.append("\"Count\":").append(std::to_string(page->matched));
    out.append(",\"ScannedCount\":").append(std::to_string(page->evaluated));
    if (page->last_key) {
        out.append(",\"LastEvaluatedKey\":");
        table::append_json(*page->last_key, &out);
    }
    if (request.capacity != CapacityDetail::none) {
        const Capacity capacity = page_capacity(request.index, page->bytes, page->fetched, request.consistent);
        out.append(",\"ConsumedCapacity\":");
        append_capacity(*request.table, capacity, request.capacity, "", &out);
    }
    out.push_back('}');
    return out;
}

}  // namespace millrace::service::dynamodb

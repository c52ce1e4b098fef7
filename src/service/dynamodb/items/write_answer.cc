#include "src/service/dynamodb/items/write_answer.h"

#include <algorithm>

#include "src/aws/json.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/collection.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

void separate(std::string* out) {
    if (out->size() > 1) out->push_back(',');
}

Status append_attributes(const WriteAnswer& answer, const table::WriteOutcome& outcome, std::string* out) {
    const bool old = answer.values == ReturnValues::all_old || answer.values == ReturnValues::updated_old;
    const auto& item = old ? outcome.old_item : outcome.new_item;
    if (answer.values == ReturnValues::none || !item) return {};
    if (answer.values == ReturnValues::all_old || answer.values == ReturnValues::all_new) {
        out->append("\"Attributes\":");
        return append_item(*item, std::nullopt, out);
    }
    if (answer.update == nullptr) return {};
    TRY_ASSIGN(const table::Item some, picked(*item, answer.update->written()));
    if (some.empty()) return {};
    out->append("\"Attributes\":");
    table::append_json(some, out);
    return {};
}

}  // namespace

aws::Failure failure_of(const table::WriteError& error, bool with_item) {
    if (error.error.code != ErrorCode::failed_precondition) return failure_of(error.error);
    aws::Failure failure{"ConditionalCheckFailedException", "The conditional request failed"};
    if (with_item && error.item) {
        std::string json = "\"Item\":";
        if (append_item(*error.item, std::nullopt, &json).ok()) failure.json = std::move(json);
    }
    return failure;
}

Result<std::string> write_body(table::Tables& tables, const WriteAnswer& answer, const table::WriteOutcome& outcome) {
    std::string out = "{";
    TRY(append_attributes(answer, outcome, &out));
    if (answer.capacity != CapacityDetail::none) {
        TRY_ASSIGN(const Capacity capacity, write_capacity(*answer.table, outcome));
        separate(&out);
        out.append("\"ConsumedCapacity\":");
        append_capacity(*answer.table, capacity, answer.capacity, "", &out);
    }
    if (answer.metrics) {
        separate(&out);
        out.append("\"ItemCollectionMetrics\":");
        TRY(append_collection(tables, answer.table, answer.key, &out));
    }
    out.push_back('}');
    return out;
}

Status WriteTotals::add(std::string_view table_name, const WriteAnswer& answer, const table::WriteOutcome& outcome,
                        double factor) {
    auto at =
        std::find_if(totals_.begin(), totals_.end(), [&](const Total& total) { return total.name == table_name; });
    if (at == totals_.end()) at = totals_.insert(totals_.end(), Total{std::string(table_name), answer.table, {}, {}});
    if (answer.capacity != CapacityDetail::none) {
        TRY_ASSIGN(Capacity capacity, write_capacity(*answer.table, outcome));
        at->capacity += capacity *= factor;
    }
    if (answer.metrics &&
        std::find(at->collections.begin(), at->collections.end(), answer.key) == at->collections.end()) {
        at->collections.push_back(answer.key);
    }
    return {};
}

void WriteTotals::append_capacities(CapacityDetail detail, std::string_view transaction, std::string* out) const {
    if (detail == CapacityDetail::none) return;
    separate(out);
    out->append("\"ConsumedCapacity\":[");
    for (const Total& total : totals_) {
        if (&total != &totals_.front()) out->push_back(',');
        append_capacity(*total.table, total.capacity, detail, transaction, out);
    }
    out->push_back(']');
}

Status WriteTotals::append_metrics(table::Tables& tables, std::string* out) const {
    std::string found;
    for (const Total& total : totals_) {
        if (total.collections.empty()) continue;
        if (!found.empty()) found.push_back(',');
        aws::append_json_string(total.name, found);
        found.append(":[");
        for (const table::Item& key : total.collections) {
            if (&key != &total.collections.front()) found.push_back(',');
            TRY(append_collection(tables, total.table, key, &found));
        }
        found.push_back(']');
    }
    if (found.empty()) return {};
    separate(out);
    out->append("\"ItemCollectionMetrics\":{").append(found).append("}");
    return {};
}

}  // namespace millrace::service::dynamodb

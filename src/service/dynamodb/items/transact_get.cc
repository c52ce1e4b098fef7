// TransactGetItems: all items as of one moment. The engine reads them from one snapshot, so nothing conflicts.
#include <set>

#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/items/transaction.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/request/constraints.h"
#include "src/table/value/item_codec.h"

namespace millrace::service::dynamodb {
namespace {

constexpr double transaction_factor = 2;  // "two reads an item"

struct TransactGet {
    std::vector<std::pair<table::TableRef, table::Item>> keys;
    std::vector<Projection> projections;
    CapacityDetail capacity = CapacityDetail::none;
};

aws::Outcome<TransactGet> prepare(table::Tables& tables, const aws::CallContext& context, BatchRequest request) {
    TRY_CHECK(check_transact_get(request));
    TransactGet get;
    get.capacity = capacity_detail(request.return_capacity);
    for (size_t i = 0; i < request.actions->size(); ++i) {
        GivenAction& action = (*request.actions)[i];
        if (action.kinds != 1 || action.kind != ActionKind::get) {
            return validation("1 validation error detected: Value null at 'transactItems." + std::to_string(i + 1) +
                              ".member.get' failed to satisfy constraint: Member must not be null");
        }
        TRY_CHECK(check_mixing(Form::get, action.request));
        if (!action.request.key->wrong.empty()) return validation(action.request.key->wrong);
        TRY_ASSIGN(Compiled compiled, compile(Form::get, action.request));
        get.projections.push_back(std::move(compiled.projection));
    }
    std::vector<CancellationReason> reasons;
    for (GivenAction& action : *request.actions) {
        TRY_ASSIGN(table::TableRef table, find_items_table(tables, context, *action.request.table));
        auto failure = check_key(*table, action.request.key->item);
        const Projection& projection = get.projections[reasons.size()];
        if (!failure && projection) failure = check_key_paths(*table, *projection);
        reasons.push_back(reason_of(failure));
        get.keys.emplace_back(std::move(table), std::move(action.request.key->item));
    }
    if (is_cancelled(reasons)) return cancelled(reasons);
    std::set<std::pair<uint64_t, std::string>> seen;
    for (const auto& [table, key] : get.keys) {
        if (seen.emplace(table->id, key_bytes(*table, key)).second) continue;
        return validation("Transaction request cannot include multiple operations on one item");
    }
    return get;
}

Result<std::string> body_of(const TransactGet& get,
                            const Result<std::vector<std::optional<table::StoredItem>>>& found) {
    if (!found) return found.error();
    std::string out = "{\"Responses\":[";
    std::vector<std::pair<table::TableRef, Capacity>> capacities;
    for (size_t i = 0; i < found->size(); ++i) {
        if (i != 0) out.push_back(',');
        out.push_back('{');
        size_t bytes = 0;
        if (const auto& item = (*found)[i]) {
            out.append("\"Item\":");
            TRY(append_item(*item, get.projections[i], &out));
            TRY_ASSIGN(bytes, table::counted_bytes_of_encoded(item->bytes()));
        }
        out.push_back('}');
        const table::TableRef& table = get.keys[i].first;
        auto at = std::find_if(capacities.begin(), capacities.end(),
                               [&](const auto& of) { return of.first->id == table->id; });
        if (at == capacities.end()) at = capacities.insert(capacities.end(), {table, Capacity()});
        at->second.table += transaction_factor * read_units(bytes, true);
    }
    out.push_back(']');
    if (get.capacity != CapacityDetail::none) {
        out.append(",\"ConsumedCapacity\":[");
        for (const auto& of : capacities) {
            if (&of != &capacities.front()) out.push_back(',');
            append_capacity(*of.first, of.second, get.capacity, "ReadCapacityUnits", &out);
        }
        out.push_back(']');
    }
    out.push_back('}');
    return out;
}

}  // namespace

void transact_get_items(DynamoDb& self, aws::RawCall call) {
    auto request = read_transaction(call.body());
    if (!request) return call.fail(request.error());
    table::Tables& tables = self.parts().tables;
    auto get = prepare(tables, call.context(), *std::move(request));
    if (!get) return call.fail(get.error());
    run_on(self.parts().executor, call,
           [&tables, call, get = *std::move(get)] { answer(call, body_of(get, tables.get_together(get.keys))); });
}

}  // namespace millrace::service::dynamodb

// BatchWriteItem: puts and deletes, each by itself. One that is wrong refuses them all; one that finds too much waiting
// comes back in UnprocessedItems.
#include <set>

#include "src/aws/json.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/collection.h"
#include "src/service/dynamodb/items/write_answer.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/constraints.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

using Kind = table::WriteOperation::Kind;

struct Answers {  // of the writes, in their order
    std::vector<std::pair<std::string, WriteAnswer>> of;
    CapacityDetail capacity = CapacityDetail::none;
    bool plain = true;  // nothing but UnprocessedItems is wanted
};
struct Batch {
    std::vector<table::WriteOperation> operations;
    std::shared_ptr<Answers> answers = std::make_shared<Answers>();
};

std::optional<aws::Failure> check_values(const BatchRequest& request) {
    size_t count = 0;
    for (const auto& [table, entries] : *request.writes) {
        count += entries.size();
        for (const GivenWrite& entry : entries) {
            if (entry.has_put == entry.has_erase) {
                return validation(
                    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                    "supported datatypes");
            }
            const GivenItem& item = entry.has_put ? *entry.put : *entry.erase;
            if (!item.wrong.empty()) return validation(item.wrong);
            if (entry.has_put && counted_bytes(item.item) > table::item_bytes_max) {
                return validation("Item size has exceeded the maximum allowed size");
            }
        }
    }
    if (count > batch_write_items_max) return validation("Too many items requested for the BatchWriteItem call");
    return std::nullopt;
}

// AWS names a key that is missing or of another type in no more words than these here.
std::optional<aws::Failure> check_put(const table::TableDefinition& table, const table::Item& item) {
    const auto is_wrong = [&](const std::string& name, table::Type type) {
        const table::AttributeValue* value = item.find(name);
        return !name.empty() && (value == nullptr || value->type() != type);
    };
    if (is_wrong(table.key.partition, table.key.partition_type) || is_wrong(table.key.sort, table.key.sort_type)) {
        return validation("The provided key element does not match the schema");
    }
    return check_item(table, item);
}

aws::Outcome<Batch> prepare(table::Tables& tables, const aws::CallContext& context, BatchRequest request) {
    TRY_CHECK(check_batch_write(request));
    TRY_CHECK(check_values(request));
    Batch batch;
    Answers& answers = *batch.answers;
    answers.capacity = capacity_detail(request.return_capacity);
    std::set<std::pair<uint64_t, std::string>> seen;
    size_t count = 0;
    for (const auto& [name, entries] : *request.writes) count += entries.size();
    batch.operations.reserve(count);
    answers.of.reserve(count);
    for (auto& [name, entries] : *request.writes) {
        TRY_ASSIGN(const table::TableRef table, find_items_table(tables, context, name));
        for (GivenWrite& entry : entries) {
            table::WriteOperation& operation = batch.operations.emplace_back();
            operation.kind = entry.has_put ? Kind::put : Kind::erase;
            operation.table = table;
            operation.item = std::move((entry.has_put ? entry.put : entry.erase)->item);
            if (entry.has_put) {
                TRY_CHECK(check_put(*table, operation.item));
            } else {
                TRY_CHECK(check_key(*table, operation.item));
            }
            if (!seen.emplace(table->id, key_bytes(*table, operation.item)).second) {
                return validation("Provided list of item keys contains duplicates");
            }
            WriteAnswer& answer = answers.of.emplace_back(name, WriteAnswer()).second;
            answer.table = table;
            answer.capacity = answers.capacity;
            answer.metrics = request.return_metrics == "SIZE" && has_collections(*table);
            if (answer.metrics) answer.key.set(table->key.partition, *operation.item.find(table->key.partition));
            operation.sizes_unused = answer.capacity == CapacityDetail::none;
            operation.want_old = operation.want_new =
                answer.capacity != CapacityDetail::none && !table->indexes.empty();
            if (answer.metrics || answer.capacity != CapacityDetail::none) answers.plain = false;
        }
    }
    return batch;
}

// "orders":[{"PutRequest":{"Item":{...}}}] of those that did not get in. The items went into the engine: the body,
// which is still there, is read once more.
std::string unprocessed(const aws::RawCall& call, const std::vector<table::WriteResult>& results) {
    auto request = read_batch_write(call.body());
    if (!request || !request->writes) return {};
    std::string out;
    size_t at = 0;
    for (const auto& [name, entries] : *request->writes) {
        std::string listed;
        for (const GivenWrite& entry : entries) {
            if (results[at++].ok()) continue;
            listed.append(listed.empty() ? "" : ",")
                .append(entry.has_put ? "{\"PutRequest\":{\"Item\":" : "{\"DeleteRequest\":{\"Key\":");
            table::append_json((entry.has_put ? entry.put : entry.erase)->item, &listed);
            listed.append("}}");
        }
        if (listed.empty()) continue;
        if (!out.empty()) out.push_back(',');
        aws::append_json_string(name, out);
        out.append(":[").append(listed).append("]");
    }
    return out;
}

void finish(table::Tables& tables, const aws::RawCall& call, const Answers& answers,
            const std::vector<table::WriteResult>& results) {
    size_t late = 0;
    for (const table::WriteResult& result : results) {
        if (result.ok()) continue;
        if (result.error().error.code != ErrorCode::resource_exhausted) {
            return call.fail(failure_of(result.error(), false));
        }
        ++late;
    }
    if (late == results.size()) return call.fail(failure_of(results[0].error(), false));
    std::string out = "{\"UnprocessedItems\":{";
    if (late > 0) out += unprocessed(call, results);
    out.push_back('}');
    if (!answers.plain) {
        WriteTotals totals;
        for (size_t i = 0; i < results.size(); ++i) {
            const auto& [name, about] = answers.of[i];
            if (!results[i].ok()) continue;
            if (Status added = totals.add(name, about, *results[i], 1); !added)
                return call.fail(failure_of(added.error()));
        }
        totals.append_capacities(answers.capacity, "", &out);
        if (Status added = totals.append_metrics(tables, &out); !added) return call.fail(failure_of(added.error()));
    }
    out.push_back('}');
    call.succeed(std::move(out));
}

}  // namespace

void batch_write_item(DynamoDb& self, aws::RawCall call) {
    auto request = read_batch_write(call.body());
    if (!request) return call.fail(request.error());
    auto batch = prepare(self.parts().tables, call.context(), *std::move(request));
    if (!batch) return call.fail(batch.error());
    self.parts().tables.write_each(
        std::move(batch->operations), [self = DynamoDb::Hold(self), call,
                                       answers = std::move(batch->answers)](std::vector<table::WriteResult> results) {
            table::Tables& tables = self->parts().tables;
            if (answers->plain) return finish(tables, call, *answers, results);
            run_on(self->parts().executor, call,
                   [self, &tables, call, answers, results] { finish(tables, call, *answers, results); });
        });
}

}  // namespace millrace::service::dynamodb

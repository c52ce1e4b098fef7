// GetItem, answered on the I/O thread where the cache has the item; BatchGetItem, on a thread that may block.
#include <set>

#include "src/aws/json.h"
#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/constraints.h"
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

using Found = Result<std::optional<table::StoredItem>>;

struct Get {
    table::TableRef table;
    table::Item key;
    Projection projection;
    CapacityDetail capacity = CapacityDetail::none;
    bool consistent = false;
};

aws::Outcome<Get> prepare_get(table::Tables& tables, const aws::CallContext& context, Request request) {
    TRY_CHECK(check_get_item(request));
    TRY_CHECK(check_mixing(Form::get, request));
    if (!request.key->wrong.empty()) return validation(request.key->wrong);
    TRY_CHECK(check_attributes_to_get(request.attributes_to_get));
    TRY_ASSIGN(Compiled compiled, compile(Form::get, request));
    TRY_ASSIGN(table::TableRef table, find_items_table(tables, context, *request.table));
    TRY_CHECK(check_key(*table, request.key->item));
    if (compiled.projection) TRY_CHECK(check_key_paths(*table, *compiled.projection));
    return Get{std::move(table), std::move(request.key->item), std::move(compiled.projection),
               capacity_detail(request.return_capacity), request.consistent_read.value_or(false)};
}

Result<std::string> get_body(const Get& get, const Found& found) {
    if (!found) return found.error();
    std::string out = "{";
    size_t bytes = 0;
    if (const auto& item = *found) {
        out.reserve(item->bytes().size() * 5 / 4 + 64);
        out.append("\"Item\":");
        TRY(append_item(*item, get.projection, &out));
        TRY_ASSIGN(bytes, table::counted_bytes_of_encoded(item->bytes()));
    }
    if (get.capacity != CapacityDetail::none) {
        out.append(out.size() > 1 ? ",\"ConsumedCapacity\":" : "\"ConsumedCapacity\":");
        append_capacity(*get.table, {.table = read_units(bytes, get.consistent)}, get.capacity, "", &out);
    }
    out.push_back('}');
    return out;
}

// One table of a BatchGetItem.
struct Gets {
    std::string name;  // as the request has it
    table::TableRef table;
    std::vector<table::Item> keys;
    Projection projection;
    bool consistent = false;
    std::string options;  // ,"ConsistentRead":true,...: for UnprocessedKeys
};
struct BatchGet {
    std::vector<Gets> tables;
    CapacityDetail capacity = CapacityDetail::none;
};

void append_texts(std::string_view member, const std::vector<std::string>& texts, std::string* out) {
    out->append(",\"").append(member).append("\":[");
    for (const std::string& text : texts) {
        if (&text != &texts.front()) out->push_back(',');
        aws::append_json_string(text, *out);
    }
    out->push_back(']');
}

std::string options_of(const Request& request) {
    std::string out;
    if (request.consistent_read)
        out = *request.consistent_read ? ",\"ConsistentRead\":true" : ",\"ConsistentRead\":false";
    if (request.attributes_to_get) append_texts("AttributesToGet", *request.attributes_to_get, &out);
    if (request.projection) {
        out.append(",\"ProjectionExpression\":");
        aws::append_json_string(*request.projection, out);
    }
    if (request.names) {
        out.append(",\"ExpressionAttributeNames\":{");
        bool first = true;
        for (const auto& [key, name] : *request.names) {
            if (!first) out.push_back(',');
            first = false;
            aws::append_json_string(key, out);
            out.push_back(':');
            aws::append_json_string(name, out);
        }
        out.push_back('}');
    }
    return out;
}

aws::Outcome<BatchGet> prepare_batch(table::Tables& tables, const aws::CallContext& context, BatchRequest request) {
    TRY_CHECK(check_batch_get(request));
    BatchGet batch{{}, capacity_detail(request.return_capacity)};
    size_t count = 0;
    for (auto& [name, entry] : *request.reads) {
        TRY_CHECK(check_mixing(Form::get, entry));
        TRY_CHECK(check_attributes_to_get(entry.attributes_to_get));
        Gets& gets = batch.tables.emplace_back();
        gets.name = name;
        gets.options = options_of(entry);
        gets.consistent = entry.consistent_read.value_or(false);
        TRY_ASSIGN(Compiled compiled, compile(Form::get, entry));
        gets.projection = std::move(compiled.projection);
        for (GivenItem& key : *entry.keys) {
            if (!key.wrong.empty()) return validation(key.wrong);
            gets.keys.push_back(std::move(key.item));
        }
        count += gets.keys.size();
        if (count > batch_get_keys_max) return validation("Too many items requested for the BatchGetItem call");
    }
    for (Gets& gets : batch.tables) {
        TRY_ASSIGN(gets.table, find_items_table(tables, context, gets.name));
        std::set<std::string> seen;
        for (const table::Item& key : gets.keys) {
            TRY_CHECK(check_key(*gets.table, key));
            if (!seen.insert(key_bytes(*gets.table, key)).second) {
                return validation("Provided list of item keys contains duplicates");
            }
        }
        if (gets.projection) TRY_CHECK(check_key_paths(*gets.table, *gets.projection));
    }
    return batch;
}

struct BatchGetAnswer {
    std::string responses, unprocessed, capacities;
    size_t bytes = 0;  // counted, of all items so far
};

void separate(std::string* out) {
    if (!out->empty()) out->push_back(',');
}

Status append_gets(table::Tables& tables, const Gets& gets, CapacityDetail detail, BatchGetAnswer* answer) {
    separate(&answer->responses);
    aws::append_json_string(gets.name, answer->responses);
    answer->responses.append(":[");
    std::string left;
    Capacity capacity;
    bool first = true;
    for (const table::Item& key : gets.keys) {
        if (answer->bytes >= batch_answer_bytes_max) {
            separate(&left);
            table::append_json(key, &left);
            continue;
        }
        TRY_ASSIGN(const auto item, tables.get(gets.table, key));
        size_t bytes = 0;
        if (item) {
            TRY_ASSIGN(bytes, table::counted_bytes_of_encoded(item->bytes()));
            if (!first) answer->responses.push_back(',');
            first = false;
            TRY(append_item(*item, gets.projection, &answer->responses));
        }
        answer->bytes += bytes;
        capacity.table += read_units(bytes, gets.consistent);
    }
    answer->responses.push_back(']');
    if (!left.empty()) {
        separate(&answer->unprocessed);
        aws::append_json_string(gets.name, answer->unprocessed);
        answer->unprocessed.append(":{\"Keys\":[").append(left).append("]").append(gets.options).append("}");
    }
    if (detail != CapacityDetail::none) {
        separate(&answer->capacities);
        append_capacity(*gets.table, capacity, detail, "", &answer->capacities);
    }
    return {};
}

Result<std::string> batch_body(table::Tables& tables, const BatchGet& batch) {
    BatchGetAnswer answer;
    for (const Gets& gets : batch.tables) TRY(append_gets(tables, gets, batch.capacity, &answer));
    std::string out = "{\"Responses\":{" + answer.responses + "},\"UnprocessedKeys\":{" + answer.unprocessed + "}";
    if (batch.capacity != CapacityDetail::none) out += ",\"ConsumedCapacity\":[" + answer.capacities + "]";
    return out + "}";
}

}  // namespace

void get_item(DynamoDb& self, aws::RawCall call) {
    auto request = read_request(call.body());
    if (!request) return call.fail(request.error());
    table::Tables& tables = self.parts().tables;
    auto get = prepare_get(tables, call.context(), *std::move(request));
    if (!get) return call.fail(get.error());
    Found found{std::optional<table::StoredItem>()};
    if (tables.try_get(get->table, get->key, &found)) return answer(call, get_body(*get, found));
    run_on(self.parts().executor, call,
           [&tables, call, get = *std::move(get)] { answer(call, get_body(get, tables.get(get.table, get.key))); });
}

void batch_get_item(DynamoDb& self, aws::RawCall call) {
    auto request = read_batch_get(call.body());
    if (!request) return call.fail(request.error());
    table::Tables& tables = self.parts().tables;
    auto batch = prepare_batch(tables, call.context(), *std::move(request));
    if (!batch) return call.fail(batch.error());
    run_on(self.parts().executor, call,
           [&tables, call, batch = *std::move(batch)] { answer(call, batch_body(tables, batch)); });
}

}  // namespace millrace::service::dynamodb

#include "src/service/dynamodb/request/request.h"

#include <algorithm>
#include <array>

#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/reader.h"

namespace millrace::service::dynamodb {
namespace {

bool read_conditions(Reader& in, ondemand::value json, std::string_view type, std::optional<GivenConditions>* out) {
    bool absent = false;
    if (!in.is_null(json, &absent)) return false;
    if (absent) return true;
    GivenConditions& conditions = out->emplace();
    return in.object(json, map_of(type), "Unexpected field type",
                     [&](std::string_view attribute, ondemand::value member) {
                         GivenCondition& condition = conditions.emplace_back();
                         condition.attribute = attribute;
                         return in.object(member, class_of(type), "Unexpected value type in payload",
                                          [&](std::string_view name, ondemand::value value) {
                                              if (name == "ComparisonOperator")
                                                  return in.text(value, &condition.comparison);
                                              if (name == "AttributeValueList")
                                                  return in.value_list(value, &condition.list);
                                              if (type != "ExpectedAttributeValue") return true;
                                              if (name == "Value") return in.value(value, &condition.value);
                                              if (name == "Exists") return in.boolean(value, &condition.exists);
                                              return true;
                                          });
                     });
}

bool read_updates(Reader& in, ondemand::value json, Request* out) {
    bool absent = false;
    if (!in.is_null(json, &absent)) return false;
    if (absent) return true;
    auto& updates = out->attribute_updates.emplace();
    constexpr std::string_view type = "AttributeValueUpdate";
    return in.object(json, map_of(type), "Unexpected field type",
                     [&](std::string_view attribute, ondemand::value member) {
                         GivenUpdate& update = updates.emplace_back();
                         update.attribute = attribute;
                         return in.object(member, class_of(type), "Unexpected value type in payload",
                                          [&](std::string_view name, ondemand::value value) {
                                              if (name == "Action") return in.text(value, &update.action);
                                              if (name == "Value") return in.value(value, &update.value);
                                              return true;
                                          });
                     });
}

bool read_keys(Reader& in, ondemand::value json, Request* out) {
    std::vector<GivenItem> keys;
    bool absent = false;
    const bool done = in.array(json, &absent, [&](ondemand::value element) {
        std::optional<GivenItem> key;
        if (!in.item(element, &key)) return false;
        keys.push_back(key ? *std::move(key) : GivenItem());
        return true;
    });
    if (done && !absent) out->keys = std::move(keys);
    return done;
}

struct Member {
    std::string_view name;
    bool (*read)(Reader&, ondemand::value, Request*);
};

template <auto field>
bool text(Reader& in, ondemand::value json, Request* out) {
    return in.text(json, &(out->*field));
}
template <auto field>
bool boolean(Reader& in, ondemand::value json, Request* out) {
    return in.boolean(json, &(out->*field));
}
template <auto field>
bool integer(Reader& in, ondemand::value json, Request* out) {
    return in.integer(json, &(out->*field));
}
template <auto field>
bool item(Reader& in, ondemand::value json, Request* out) {
    return in.item(json, &(out->*field));
}
template <auto field>
bool conditions(Reader& in, ondemand::value json, Request* out) {
    return read_conditions(in, json, "Condition", &(out->*field));
}

// Sorted by name.
constexpr std::array members = {
    Member{"AttributeUpdates", read_updates},
    Member{"AttributesToGet",
           [](Reader& in, ondemand::value json, Request* out) { return in.texts(json, &out->attributes_to_get); }},
    Member{"ConditionExpression", text<&Request::condition>},
    Member{"ConditionalOperator", text<&Request::conditional_operator>},
    Member{"ConsistentRead", boolean<&Request::consistent_read>},
    Member{"ExclusiveStartKey", item<&Request::start_key>},
    Member{"Expected",
           [](Reader& in, ondemand::value json, Request* out) {
               return read_conditions(in, json, "ExpectedAttributeValue", &out->expected);
           }},
    Member{"ExpressionAttributeNames",
           [](Reader& in, ondemand::value json, Request* out) { return in.names(json, &out->names); }},
    Member{"ExpressionAttributeValues",
           [](Reader& in, ondemand::value json, Request* out) { return in.values(json, &out->values); }},
    Member{"FilterExpression", text<&Request::filter>},
    Member{"IndexName", text<&Request::index>},
    Member{"Item", item<&Request::item>},
    Member{"Key", item<&Request::key>},
    Member{"KeyConditionExpression", text<&Request::key_condition>},
    Member{"KeyConditions", conditions<&Request::key_conditions>},
    Member{"Keys", read_keys},
    Member{"Limit", integer<&Request::limit>},
    Member{"ProjectionExpression", text<&Request::projection>},
    Member{"QueryFilter", conditions<&Request::query_filter>},
    Member{"ReturnConsumedCapacity", text<&Request::return_capacity>},
    Member{"ReturnItemCollectionMetrics", text<&Request::return_metrics>},
    Member{"ReturnValues", text<&Request::return_values>},
    Member{"ReturnValuesOnConditionCheckFailure", text<&Request::return_on_failure>},
    Member{"ScanFilter", conditions<&Request::scan_filter>},
    Member{"ScanIndexForward", boolean<&Request::scan_forward>},
    Member{"Segment", integer<&Request::segment>},
    Member{"Select", text<&Request::select>},
    Member{"TableName", text<&Request::table>},
    Member{"TotalSegments", integer<&Request::total_segments>},
    Member{"UpdateExpression", text<&Request::update>},
};

bool read_member(Reader& in, std::string_view name, ondemand::value json, Request* out) {
    const auto at = std::lower_bound(members.begin(), members.end(), name,
                                     [](const Member& member, std::string_view n) { return member.name < n; });
    if (at == members.end() || at->name != name) return true;  // AWS skips what it does not know
    return at->read(in, json, out);
}

bool read_structure(Reader& in, ondemand::value json, std::string_view type, std::string_view scalar, Request* out) {
    return in.object(json, class_of(type), scalar,
                     [&](std::string_view name, ondemand::value value) { return read_member(in, name, value, out); });
}

bool at_end(ondemand::document& document) {
    const char* rest = nullptr;
    return document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
}

// Runs each(name, value) on the members of the whole body.
template <class Each>
std::optional<aws::Failure> read_whole(Reader& in, std::string_view body, Each&& each) {
    if (body.size() > request_bytes_max) {
        return aws::Failure{"RequestEntityTooLarge", "Request body is larger than 16 MB", 413, {}, {}};
    }
    ondemand::document document;
    ondemand::object object;
    if (body.empty() || thread_parser(body.size()).iterate(padded(body)).get(document) ||
        document.get_object().get(object) || !in.fields(object, each) || !at_end(document)) {
        if (in.failure().code.empty()) in.malformed();
        return in.failure();
    }
    return std::nullopt;
}

// Where entries of a map by table go: a name that is there already is taken again, as the last of two counts.
template <class Entries>
auto& entry_of(Entries& entries, std::string_view table, size_t tables_max) {
    if (entries.size() <= tables_max) {  // more are refused: no need to search among them
        for (auto& entry : entries) {
            if (entry.first == table) return entry.second = {};
        }
    }
    return entries.emplace_back(table, typename Entries::value_type::second_type()).second;
}

bool read_write(Reader& in, ondemand::value json, GivenWrite* out) {
    const auto request = [&](ondemand::value value, std::string_view type, std::string_view member,
                             std::optional<GivenItem>* item) {
        return in.object(
            value, class_of(type), "Unexpected field type",
            [&](std::string_view name, ondemand::value element) { return name != member || in.item(element, item); });
    };
    return in.object(json, class_of("WriteRequest"), "Unexpected value type in payload",
                     [&](std::string_view name, ondemand::value value) {
                         const bool put = name == "PutRequest";
                         if (!put && name != "DeleteRequest") return true;
                         bool absent = false;
                         if (!in.is_null(value, &absent)) return false;
                         if (absent) return true;
                         (put ? out->has_put : out->has_erase) = true;
                         if (put) return request(value, name, "Item", &out->put);
                         return request(value, name, "Key", &out->erase);
                     });
}

bool read_action(Reader& in, ondemand::value json, GivenAction* out) {
    return in.object(json, class_of("TransactWriteItem"), "Unexpected value type in payload",
                     [&](std::string_view name, ondemand::value value) {
                         ActionKind kind;
                         if (name == "Put") {
                             kind = ActionKind::put;
                         } else if (name == "Update") {
                             kind = ActionKind::update;
                         } else if (name == "Delete") {
                             kind = ActionKind::erase;
                         } else if (name == "ConditionCheck") {
                             kind = ActionKind::check;
                         } else if (name == "Get") {
                             kind = ActionKind::get;
                         } else {
                             return true;
                         }
                         bool absent = false;
                         if (!in.is_null(value, &absent)) return false;
                         if (absent) return true;
                         ++out->kinds;
                         out->kind = kind;
                         return read_structure(in, value, name, "Unexpected field type", &out->request);
                     });
}

bool read_options(Reader& in, std::string_view name, ondemand::value value, BatchRequest* out) {
    if (name == "ReturnConsumedCapacity") return in.text(value, &out->return_capacity);
    if (name == "ReturnItemCollectionMetrics") return in.text(value, &out->return_metrics);
    if (name == "ClientRequestToken") return in.text(value, &out->token);
    return true;
}

}  // namespace

aws::Outcome<Request> read_request(std::string_view padded_body) {
    Reader in;
    aws::Outcome<Request> request{Request()};
    auto failure = read_whole(in, padded_body, [&](std::string_view name, ondemand::value value) {
        return read_member(in, name, value, &request.value());
    });
    if (failure) return *std::move(failure);
    return request;
}

aws::Outcome<BatchRequest> read_batch_get(std::string_view padded_body) {
    Reader in;
    BatchRequest request;
    auto failure = read_whole(in, padded_body, [&](std::string_view name, ondemand::value value) {
        if (name != "RequestItems") return read_options(in, name, value, &request);
        bool absent = false;
        if (!in.is_null(value, &absent)) return false;
        if (absent) return true;
        auto& reads = request.reads.emplace();
        return in.object(value, "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.KeysAndAttributes>",
                         "Unexpected field type", [&](std::string_view table, ondemand::value member) {
                             Request& entry = entry_of(reads, table, batch_get_keys_max);
                             return read_structure(in, member, "KeysAndAttributes", "Unexpected value type in payload",
                                                   &entry);
                         });
    });
    if (failure) return *std::move(failure);
    return request;
}

aws::Outcome<BatchRequest> read_batch_write(std::string_view padded_body) {
    Reader in;
    BatchRequest request;
    auto failure = read_whole(in, padded_body, [&](std::string_view name, ondemand::value value) {
        if (name != "RequestItems") return read_options(in, name, value, &request);
        bool absent = false;
        if (!in.is_null(value, &absent)) return false;
        if (absent) return true;
        auto& writes = request.writes.emplace();
        return in.object(
            value, "java.util.Map<java.lang.String, java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>",
            "Unexpected field type", [&](std::string_view table, ondemand::value member) {
                auto& entries = entry_of(writes, table, batch_write_items_max);
                // For the first alone: a body may name millions of tables, which are counted when all is read.
                if (writes.size() == 1) entries.reserve(batch_write_items_max);
                bool none = false;
                return in.array(member, &none, [&](ondemand::value element) {
                    return read_write(in, element, &entries.emplace_back());
                });
            });
    });
    if (failure) return *std::move(failure);
    return request;
}

aws::Outcome<BatchRequest> read_transaction(std::string_view padded_body) {
    Reader in;
    BatchRequest request;
    auto failure = read_whole(in, padded_body, [&](std::string_view name, ondemand::value value) {
        if (name != "TransactItems") return read_options(in, name, value, &request);
        std::vector<GivenAction> actions;
        bool absent = false;
        const bool done = in.array(
            value, &absent, [&](ondemand::value element) { return read_action(in, element, &actions.emplace_back()); });
        if (done && !absent) request.actions = std::move(actions);
        return done;
    });
    if (failure) return *std::move(failure);
    return request;
}

}  // namespace millrace::service::dynamodb

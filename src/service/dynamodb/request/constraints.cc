#include "src/service/dynamodb/request/constraints.h"

#include <algorithm>

#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/limits.h"

namespace millrace::service::dynamodb {
namespace {

constexpr size_t named_max = 10;
constexpr size_t table_name_bytes_max = 255;
constexpr size_t arn_bytes_max = 1024;
constexpr size_t shown_items_max = 3;  // of a list that is too long: AWS prints all of it
constexpr size_t attributes_to_get_max = 255;

using Words = std::initializer_list<std::string_view>;
constexpr Words capacity_words = {"INDEXES", "TOTAL", "NONE"};
constexpr Words metrics_words = {"SIZE", "NONE"};
constexpr Words values_words = {"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"};
constexpr Words on_failure_words = {"ALL_OLD", "NONE"};
constexpr Words operator_words = {"OR", "AND"};
constexpr Words action_words = {"ADD", "DELETE", "PUT"};
constexpr Words select_words = {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"};
constexpr Words comparison_words = {"IN", "NULL",     "BETWEEN", "LT",          "NOT_CONTAINS", "EQ",      "GT",
                                    "NE", "NOT_NULL", "LE",      "BEGINS_WITH", "GE",           "CONTAINS"};

std::string at_least(std::string_view what, int64_t bound) {
    return "Member must have " + std::string(what) + " greater than or equal to " + std::to_string(bound);
}
std::string at_most(std::string_view what, int64_t bound) {
    return "Member must have " + std::string(what) + " less than or equal to " + std::to_string(bound);
}

bool is_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
    });
}

class Constraints {
  public:
    explicit Constraints(std::string prefix = {}) : prefix_(std::move(prefix)) {}

    void add(std::string_view value, std::string_view place, std::string_view rule) {
        add_text("'" + std::string(value) + "' ", place, rule);
    }
    void add_unshown(std::string_view place, std::string_view rule) { add_text("", place, rule); }
    template <class T>
    void required(const std::optional<T>& member, std::string_view place) {
        if (!member) add_text("null ", place, "Member must not be null");
    }
    void one_of(const std::optional<std::string>& member, std::string_view place, Words words) {
        if (!member || std::find(words.begin(), words.end(), *member) != words.end()) return;
        std::string set;
        for (const std::string_view word : words) set.append(set.empty() ? "[" : ", ").append(word);
        add(*member, place, "Member must satisfy enum value set: " + set + "]");
    }
    void table(const std::optional<std::string>& name, std::string_view place = "tableName") {
        required(name, place);
        if (!name) return;
        if (name->starts_with("arn:")) {
            if (name->size() > arn_bytes_max) add(*name, place, at_most("length", arn_bytes_max));
            return;
        }
        if (name->empty()) return add(*name, place, at_least("length", 1));
        name_of(*name, place);
    }
    void name_of(const std::string& name, std::string_view place) {
        if (!is_name(name)) add(name, place, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        if (name.size() < 3) add(name, place, at_least("length", 3));
        if (name.size() > table_name_bytes_max) add(name, place, at_most("length", table_name_bytes_max));
    }
    void attributes(const std::optional<std::vector<std::string>>& names, std::string_view place) {
        if (!names) return;
        if (names->empty()) add("[]", place, at_least("length", 1));
        if (names->size() > attributes_to_get_max) add_unshown(place, at_most("length", attributes_to_get_max));
    }
    void conditions(const std::optional<GivenConditions>& all, std::string_view place, bool needs_comparison) {
        if (!all) return;
        for (const GivenCondition& condition : *all) {
            const std::string at = std::string(place) + "." + condition.attribute + ".member.comparisonOperator";
            if (needs_comparison) required(condition.comparison, at);
            one_of(condition.comparison, at, comparison_words);
        }
    }
    void range(const std::optional<int64_t>& number, std::string_view place, int64_t least, int64_t most) {
        if (!number) return;
        if (*number < least) add(std::to_string(*number), place, at_least("value", least));
        if (*number > most) add(std::to_string(*number), place, at_most("value", most));
    }

    std::optional<aws::Failure> failure() const {
        if (count_ == 0) return std::nullopt;
        const size_t named = std::min(count_, named_max);
        return validation(std::to_string(named) + (named == 1 ? " validation error" : " validation errors") +
                          " detected: " + text_);
    }
    void under(std::string prefix) { prefix_ = std::move(prefix); }

  private:
    void add_text(std::string_view value_and_space, std::string_view place, std::string_view rule) {
        if (++count_ > named_max) return;
        if (!text_.empty()) text_ += "; ";
        text_.append("Value ").append(value_and_space).append("at '").append(prefix_).append(place);
        text_.append("' failed to satisfy constraint: ").append(rule);
    }

    std::string prefix_, text_;
    size_t count_ = 0;
};

void check_expected(Constraints& check, const Request& request) {
    check.one_of(request.conditional_operator, "conditionalOperator", operator_words);
    check.conditions(request.expected, "expected", false);
}

// As AWS prints a map by table: "{name=[...]}".
std::string shown_map(std::string_view table, std::string_view value) {
    return "{" + std::string(table) + "=" + std::string(value) + "}";
}

constexpr std::string_view key_rules =
    "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length "
    "greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]";

void check_table_key(Constraints& check, const std::string& table) {
    if (table.starts_with("arn:") && table.size() <= arn_bytes_max) return;
    if (is_name(table) && table.size() >= 3 && table.size() <= table_name_bytes_max) return;
    check.add(shown_map(table, "[...]"), "requestItems", key_rules);
}

std::string shown_list(std::string_view type, size_t count) {
    std::string text = "[";
    for (size_t i = 0; i < std::min(count, shown_items_max); ++i)
        text.append(i == 0 ? "" : ", ").append(type).append("()");
    return text + (count > shown_items_max ? ", ...]" : "]");
}

void check_actions(Constraints& check, const BatchRequest& request, std::string_view type) {
    check.required(request.actions, "transactItems");
    if (!request.actions) return;
    const size_t count = request.actions->size();
    if (count == 0) check.add("[]", "transactItems", at_least("length", 1));
    if (count > transaction_items_max) {
        check.add(shown_list(type, count), "transactItems", at_most("length", transaction_items_max));
        return;
    }
    for (size_t i = 0; i < count; ++i) {
        const GivenAction& action = (*request.actions)[i];
        if (action.kinds != 1) continue;
        const Request& of = action.request;
        const std::string at = "transactItems." + std::to_string(i + 1) + ".member.";
        switch (action.kind) {
            case ActionKind::put:
                check.under(at + "put.");
                check.required(of.item, "item");
                break;
            case ActionKind::update:
                check.under(at + "update.");
                check.required(of.key, "key");
                check.required(of.update, "updateExpression");
                break;
            case ActionKind::erase:
                check.under(at + "delete.");
                check.required(of.key, "key");
                break;
            case ActionKind::check:
                check.under(at + "conditionCheck.");
                check.required(of.key, "key");
                check.required(of.condition, "conditionExpression");
                break;
            case ActionKind::get:
                check.under(at + "get.");
                check.required(of.key, "key");
                break;
        }
        check.table(of.table);
        check.one_of(of.return_on_failure, "returnValuesOnConditionCheckFailure", on_failure_words);
    }
    check.under("");
}

}  // namespace

std::optional<aws::Failure> check_get_item(const Request& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.attributes(request.attributes_to_get, "attributesToGet");
    check.table(request.table);
    check.required(request.key, "key");
    return check.failure();
}

std::optional<aws::Failure> check_put_item(const Request& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.table(request.table);
    check.required(request.item, "item");
    check_expected(check, request);
    check.one_of(request.return_values, "returnValues", values_words);
    check.one_of(request.return_metrics, "returnItemCollectionMetrics", metrics_words);
    check.one_of(request.return_on_failure, "returnValuesOnConditionCheckFailure", on_failure_words);
    return check.failure();
}

std::optional<aws::Failure> check_update_item(const Request& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.table(request.table);
    check.one_of(request.return_metrics, "returnItemCollectionMetrics", metrics_words);
    check.one_of(request.return_values, "returnValues", values_words);
    check.required(request.key, "key");
    check_expected(check, request);
    check.one_of(request.return_on_failure, "returnValuesOnConditionCheckFailure", on_failure_words);
    if (request.attribute_updates) {
        for (const GivenUpdate& update : *request.attribute_updates) {
            check.one_of(update.action, "attributeUpdates." + update.attribute + ".member.action", action_words);
        }
    }
    return check.failure();
}

std::optional<aws::Failure> check_delete_item(const Request& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.table(request.table);
    check.one_of(request.return_values, "returnValues", values_words);
    check.one_of(request.return_metrics, "returnItemCollectionMetrics", metrics_words);
    check.required(request.key, "key");
    check_expected(check, request);
    check.one_of(request.return_on_failure, "returnValuesOnConditionCheckFailure", on_failure_words);
    return check.failure();
}

std::optional<aws::Failure> check_query(const Request& request) {
    if (request.limit && *request.limit < 1) {  // said by another layer of AWS, in its own form
        Constraints check;
        check.add_unshown("Limit", at_least("value", 1));
        return check.failure();
    }
    Constraints check;
    check.one_of(request.select, "select", select_words);
    if (request.index) check.name_of(*request.index, "indexName");
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.conditions(request.query_filter, "queryFilter", true);
    check.table(request.table);
    check.one_of(request.conditional_operator, "conditionalOperator", operator_words);
    check.attributes(request.attributes_to_get, "attributesToGet");
    check.conditions(request.key_conditions, "keyConditions", true);
    return check.failure();
}

std::optional<aws::Failure> check_scan(const Request& request) {
    Constraints check;
    check.one_of(request.select, "select", select_words);
    if (request.index) check.name_of(*request.index, "indexName");
    check.range(request.total_segments, "totalSegments", 1, scan_segments_max);
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.table(request.table);
    check.one_of(request.conditional_operator, "conditionalOperator", operator_words);
    check.conditions(request.scan_filter, "scanFilter", true);
    check.range(request.segment, "segment", 0, scan_segments_max - 1);
    check.range(request.limit, "limit", 1, INT32_MAX);
    check.attributes(request.attributes_to_get, "attributesToGet");
    return check.failure();
}

std::optional<aws::Failure> check_batch_get(const BatchRequest& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.required(request.reads, "requestItems");
    if (!request.reads) return check.failure();
    if (request.reads->empty()) return validation("The requestItems parameter is required for BatchGetItem");
    for (const auto& [table, entry] : *request.reads) {
        check_table_key(check, table);
        const std::string at = "requestItems." + table + ".member.";
        check.required(entry.keys, at + "keys");
        if (entry.keys && entry.keys->empty()) check.add("[]", at + "keys", at_least("length", 1));
        if (entry.keys && entry.keys->size() > batch_get_keys_max) {
            check.add_unshown("RequestItems." + table + ".member.Keys", at_most("length", batch_get_keys_max));
        }
        check.attributes(entry.attributes_to_get, at + "attributesToGet");
    }
    return check.failure();
}

std::optional<aws::Failure> check_batch_write(const BatchRequest& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.one_of(request.return_metrics, "returnItemCollectionMetrics", metrics_words);
    check.required(request.writes, "requestItems");
    if (!request.writes) return check.failure();
    if (request.writes->empty()) return validation("The requestItems parameter is required for BatchWriteItem");
    for (const auto& [table, entries] : *request.writes) {
        check_table_key(check, table);
        if (entries.empty() || entries.size() > batch_write_items_max) {
            check.add(shown_map(table, shown_list("WriteRequest", entries.size())), "requestItems",
                      "Map value must satisfy constraint: [" + at_most("length", batch_write_items_max) + ", " +
                          at_least("length", 1) + "]");
            continue;
        }
        for (size_t i = 0; i < entries.size(); ++i) {
            const GivenWrite& entry = entries[i];
            const bool lacks_put = entry.has_put && !entry.put, lacks_erase = entry.has_erase && !entry.erase;
            if (!lacks_put && !lacks_erase) continue;
            const std::string at = "requestItems." + table + ".member." + std::to_string(i + 1) + ".member.";
            if (lacks_put) check.required(entry.put, at + "putRequest.item");
            if (lacks_erase) check.required(entry.erase, at + "deleteRequest.key");
        }
    }
    return check.failure();
}

std::optional<aws::Failure> check_transact_get(const BatchRequest& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check_actions(check, request, "TransactGetItem");
    return check.failure();
}

std::optional<aws::Failure> check_transact_write(const BatchRequest& request) {
    Constraints check;
    check.one_of(request.return_capacity, "returnConsumedCapacity", capacity_words);
    check.one_of(request.return_metrics, "returnItemCollectionMetrics", metrics_words);
    if (request.token && (request.token->empty() || request.token->size() > 36)) {
        check.add(*request.token, "clientRequestToken",
                  request.token->empty() ? at_least("length", 1) : at_most("length", 36));
    }
    check_actions(check, request, "TransactWriteItem");
    return check.failure();
}

}  // namespace millrace::service::dynamodb

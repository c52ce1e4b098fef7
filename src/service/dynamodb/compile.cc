#include "src/service/dynamodb/compile.h"

#include <initializer_list>

#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/keys.h"

namespace millrace::service::dynamodb {
namespace {

// The names of those that are given, as AWS lists them: "{Expected, ConditionalOperator}".
struct Parameter {
    std::string_view name;
    bool given;
};
class Given {
  public:
    Given(std::initializer_list<Parameter> parameters) {
        for (const Parameter& parameter : parameters) {
            if (parameter.given) text_.append(text_.empty() ? "" : ", ").append(parameter.name);
        }
    }
    bool empty() const { return text_.empty(); }
    std::string text() const { return "{" + text_ + "}"; }

  private:
    std::string text_;
};

std::optional<aws::Failure> refuse_mixing(const Request& request, const Given& legacy, const Given& expressions) {
    if (!expressions.empty() && !legacy.empty()) {
        return validation(
            "Can not use both expression and non-expression parameters in the same request: Non-expression "
            "parameters: " +
            legacy.text() + " Expression parameters: " + expressions.text());
    }
    if (request.names && expressions.empty()) {
        return validation("ExpressionAttributeNames can only be specified when using expressions");
    }
    return std::nullopt;
}

std::optional<aws::Failure> refuse_values(const Request& request, bool used, std::string_view absent) {
    if (!request.values || used) return std::nullopt;
    return validation("ExpressionAttributeValues can only be specified when using expressions: " + std::string(absent));
}

bool takes_values(Form form) {
    return form != Form::get;
}

std::optional<aws::Failure> failed(const Status& status) {
    if (status.ok()) return std::nullopt;
    return validation(status.error().message);
}

std::optional<aws::Failure> take_placeholders(Form form, Request& request, table::Placeholders* out) {
    if (request.names && request.names->empty()) return validation("ExpressionAttributeNames must not be empty");
    if (request.names) {
        for (const auto& [key, name] : *request.names) {
            const auto wrong = wrong_name(name);
            if (!name.empty() && !wrong.empty()) return validation(std::string(wrong));
        }
        out->names = std::move(*request.names);
    }
    if (!takes_values(form)) return failed(check_placeholders(*out));
    if (request.values && request.values->values.empty()) {
        return validation("ExpressionAttributeValues must not be empty");
    }
    if (request.values) out->values = std::move(request.values->values);
    if (auto failure = failed(check_placeholders(*out))) return failure;
    if (request.values && !request.values->wrong.empty()) {
        return validation("ExpressionAttributeValues contains invalid value: " + request.values->wrong + " for key " +
                          request.values->wrong_key);
    }
    return std::nullopt;
}

std::vector<table::Path> top_level(const std::vector<std::string>& names) {
    std::vector<table::Path> paths;
    for (const std::string& name : names) paths.push_back({table::PathElement{name}});
    return paths;
}

bool is_any(const Request& request) {
    return request.conditional_operator && *request.conditional_operator == "OR";
}

}  // namespace

std::optional<aws::Failure> check_mixing(Form form, const Request& r) {
    switch (form) {
        case Form::get:
            return refuse_mixing(r, {{"AttributesToGet", r.attributes_to_get.has_value()}},
                                 {{"ProjectionExpression", r.projection.has_value()}});
        case Form::put:
        case Form::erase:
            if (auto failure = refuse_mixing(
                    r,
                    {{"Expected", r.expected.has_value()}, {"ConditionalOperator", r.conditional_operator.has_value()}},
                    {{"ConditionExpression", r.condition.has_value()}})) {
                return failure;
            }
            return refuse_values(r, r.condition.has_value(), "ConditionExpression is null");
        case Form::update:
            if (auto failure = refuse_mixing(
                    r,
                    {{"AttributeUpdates", r.attribute_updates.has_value()},
                     {"Expected", r.expected.has_value()},
                     {"ConditionalOperator", r.conditional_operator.has_value()}},
                    {{"UpdateExpression", r.update.has_value()}, {"ConditionExpression", r.condition.has_value()}})) {
                return failure;
            }
            return refuse_values(r, r.update || r.condition, "UpdateExpression and ConditionExpression are null");
        case Form::query: {
            // KeyConditions goes with the other expressions, for it has one meaning.
            const bool keys = r.key_conditions && r.key_condition;
            if (auto failure = refuse_mixing(r,
                                             {{"AttributesToGet", r.attributes_to_get.has_value()},
                                              {"QueryFilter", r.query_filter.has_value()},
                                              {"ConditionalOperator", r.conditional_operator.has_value()},
                                              {"KeyConditions", keys}},
                                             {{"ProjectionExpression", r.projection.has_value()},
                                              {"FilterExpression", r.filter.has_value()},
                                              {"KeyConditionExpression", r.key_condition.has_value()}})) {
                return failure;
            }
            return refuse_values(r, r.filter || r.key_condition,
                                 "FilterExpression and KeyConditionExpression are null");
        }
        case Form::scan:
            if (auto failure = refuse_mixing(
                    r,
                    {{"AttributesToGet", r.attributes_to_get.has_value()},
                     {"ScanFilter", r.scan_filter.has_value()},
                     {"ConditionalOperator", r.conditional_operator.has_value()}},
                    {{"ProjectionExpression", r.projection.has_value()}, {"FilterExpression", r.filter.has_value()}})) {
                return failure;
            }
            return refuse_values(r, r.filter.has_value(), "FilterExpression is null");
    }
    return std::nullopt;
}

aws::Outcome<Compiled> compile(Form form, Request& request) {
    Compiled compiled;
    if (auto failure = take_placeholders(form, request, &compiled.placeholders)) return *std::move(failure);
    const bool writes = form == Form::put || form == Form::update || form == Form::erase;
    if (form == Form::update && request.update) {
        auto update = table::compile_update(*request.update, compiled.placeholders);
        if (!update) return validation(update.error().message);
        compiled.update = *std::move(update);
    }
    if (writes && request.condition) {
        auto condition = table::compile_condition("ConditionExpression", *request.condition, compiled.placeholders);
        if (!condition) return validation(condition.error().message);
        compiled.condition = *std::move(condition);
    }
    if ((form == Form::query || form == Form::scan) && request.filter) {
        auto filter = table::compile_condition("FilterExpression", *request.filter, compiled.placeholders);
        if (!filter) return validation(filter.error().message);
        compiled.filter = *std::move(filter);
    }
    if (!writes && request.projection) {
        auto projection = table::compile_projection(*request.projection, compiled.placeholders);
        if (!projection) return validation(projection.error().message);
        compiled.projection = *std::move(projection);
    }
    if (form != Form::query) {
        if (auto failure = failed(check_all_used(compiled.placeholders))) return *std::move(failure);
    }
    if (writes && request.expected) compiled.condition = condition_of(*request.expected, is_any(request));
    if (form == Form::update && request.attribute_updates) {
        compiled.update = update_of(*std::move(request.attribute_updates));
    }
    if (form == Form::query && request.query_filter)
        compiled.filter = condition_of(*request.query_filter, is_any(request));
    if (form == Form::scan && request.scan_filter)
        compiled.filter = condition_of(*request.scan_filter, is_any(request));
    if (!writes && request.attributes_to_get) compiled.projection = top_level(*request.attributes_to_get);
    return compiled;
}

aws::Outcome<table::KeyCondition> compile_key(const Request& request, const table::KeyNames& names,
                                              Compiled& compiled) {
    aws::Outcome<table::KeyCondition> key{table::KeyCondition()};
    if (request.key_condition) {
        auto found = table::compile_key_condition(*request.key_condition, names, compiled.placeholders);
        if (!found) return validation(found.error().message);
        key = *std::move(found);
    } else {
        key = key_condition_of(*request.key_conditions, names);
        if (!key) return key;
    }
    if (auto failure = failed(check_all_used(compiled.placeholders))) return *std::move(failure);
    size_t at = 0;  // of the key's attributes, which the condition is about in their order
    const auto check_next = [&](const table::AttributeValue& value) {
        const auto [name, type, is_partition] = names.at(at++);
        return check_key_value(name, type, is_partition, &value);
    };
    if (auto failure = check_next(key->partition)) return *std::move(failure);
    for (const auto* equal : {&key->more_partition, &key->sort_equal}) {
        for (const table::AttributeValue& value : *equal) {
            if (auto failure = check_next(value)) return *std::move(failure);
        }
    }
    if (!key->sort) return key;
    const auto [name, type, is_partition] = names.at(at);
    for (const auto* bound : {&key->sort->low, &key->sort->high, &key->sort->prefix}) {
        if (!*bound) continue;
        if (auto failure = check_key_value(name, type, is_partition, &**bound)) return *std::move(failure);
    }
    return key;
}

}  // namespace millrace::service::dynamodb

// From a request's expressions, or the legacy parameters that came before them, to what the engine carries out.
// Every refusal is a ValidationException with AWS's sentence.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/aws/failure.h"
#include "src/service/dynamodb/request/request.h"
#include "src/table/definition.h"
#include "src/table/expression/expression.h"

namespace millrace::service::dynamodb {

// Which of the parameters an operation has.
enum class Form : uint8_t { get, put, update, erase, query, scan };

// "Can not use both expression and non-expression parameters in the same request: ...", and placeholders that no
// expression could use.
std::optional<aws::Failure> check_mixing(Form form, const Request& request);

struct Compiled {
    std::shared_ptr<const table::Condition> condition;  // null: none
    std::shared_ptr<const table::Update> update;        // null: none
    std::shared_ptr<const table::Condition> filter;     // null: none
    std::optional<std::vector<table::Path>> projection;
    // Those of the request: query's key condition, which needs its table first, still uses them.
    table::Placeholders placeholders;
};
// Takes the placeholders out of `request`. Checks that all of them are used, but for a query.
aws::Outcome<Compiled> compile(Form form, Request& request);

// Query's. `names`: of the table or the index that is read.
aws::Outcome<table::KeyCondition> compile_key(const Request& request, const table::KeyNames& names, Compiled& compiled);

// --- the legacy parameters (legacy.cc) ---
// What is wrong with them by themselves.
std::optional<aws::Failure> check_expected(const Request& request);
std::optional<aws::Failure> check_filter(const std::optional<GivenConditions>& conditions, const Request& request);
std::optional<aws::Failure> check_conditions(const GivenConditions& conditions);
std::optional<aws::Failure> check_attribute_updates(const std::vector<GivenUpdate>& updates);
std::optional<aws::Failure> check_attributes_to_get(const std::optional<std::vector<std::string>>& names);

std::shared_ptr<const table::Condition> condition_of(const GivenConditions& conditions, bool any);
std::shared_ptr<const table::Update> update_of(std::vector<GivenUpdate> updates);
aws::Outcome<table::KeyCondition> key_condition_of(const GivenConditions& conditions, const table::KeyNames& names);

}  // namespace millrace::service::dynamodb

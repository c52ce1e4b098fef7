// BatchExecuteStatement: each statement by itself, each with its own answer. Reads name one item by its whole key.
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/partiql/partiql.h"
#include "src/service/dynamodb/partiql/prepared.h"

namespace millrace::service::dynamodb {
namespace {

using namespace ql;
namespace partiql = table::partiql;

// The code of a statement's error in a batch's answer.
std::string batch_code(const std::string& code) {
    if (code == "ValidationException") return "ValidationError";
    if (code == "ThrottlingException") return "ThrottlingError";
    constexpr std::string_view end = "Exception";
    return code.ends_with(end) ? code.substr(0, code.size() - end.size()) : code;
}

class Batch {
  public:
    Batch(DynamoDb& dynamodb, const aws::CallContext& context, const shapes::BatchExecuteStatementInput& input)
        : dynamodb_(dynamodb), context_(context), input_(input) {}

    shapes::BatchExecuteStatementOutput run() {
        shapes::BatchExecuteStatementOutput output;
        output.Responses.emplace();
        for (const auto& request : input_.Statements) output.Responses->push_back(one(request));
        if (wants_capacity(input_.ReturnConsumedCapacity)) output.ConsumedCapacity = std::move(capacity_);
        return output;
    }

  private:
    shapes::BatchStatementResponse one(const shapes::BatchStatementRequest& request) {
        shapes::BatchStatementResponse response;
        auto prepared = prepare(dynamodb_, context_, request.Statement, request.Parameters);
        if (!prepared) return failed(std::move(prepared).error(), nullptr);
        response.TableName = prepared->table->name;
        std::optional<aws::Failure> failure;
        std::optional<table::StoredItem> failed_item;
        if (prepared->statement.kind == partiql::Statement::Kind::exists) {
            failure = validation("EXISTS can only be used in ExecuteTransaction write requests.");
        } else if (prepared->statement.reads()) {
            failure = read(request, *prepared, &response);
        } else {
            failure = write(request, *prepared, &response, &failed_item);
        }
        if (!failure) return response;
        response = failed(*failure, &failed_item);
        response.TableName = prepared->table->name;
        return response;
    }

    static shapes::BatchStatementResponse failed(const aws::Failure& failure,
                                                 const std::optional<table::StoredItem>* item) {
        shapes::BatchStatementResponse response;
        response.Error.emplace();
        response.Error->Code = batch_code(failure.code);
        response.Error->Message = failure.message;
        if (item != nullptr && *item) {
            if (auto decoded = (*item)->item()) response.Error->Item = shape_of(*decoded);
        }
        return response;
    }

    std::optional<aws::Failure> read(const shapes::BatchStatementRequest& request, const Prepared& prepared,
                                     shapes::BatchStatementResponse* response) {
        auto plan = partiql::plan_read(prepared.statement, *prepared.table);
        if (!plan) return validation(plan.error().message);
        // A filter would be one on an item that is named already.
        if (!plan->whole_key || plan->filter != nullptr) {
            return validation(
                "Select statements within BatchExecuteStatement must specify the primary key in the where clause.");
        }
        if (auto failure = check_key(*prepared.table, *plan->whole_key)) return failure;
        auto found = dynamodb_.parts().tables.get(prepared.table, *plan->whole_key);
        if (!found) return failure_of(found.error());
        size_t bytes = 0;
        if (*found) {
            auto item = (*found)->item();
            if (!item) return failure_of(item.error());
            bytes = counted_bytes(*item);
            response->Item = shape_of(partiql::columns_of(*item, prepared.statement.columns));
        }
        account(prepared, read_units(bytes, request.ConsistentRead.value_or(false)));
        return std::nullopt;
    }

    std::optional<aws::Failure> write(const shapes::BatchStatementRequest& request, const Prepared& prepared,
                                      shapes::BatchStatementResponse* response,
                                      std::optional<table::StoredItem>* failed_item) {
        auto operation = write_of(prepared, wants_failed_item(request.ReturnValuesOnConditionCheckFailure));
        if (!operation) return std::move(operation).error();
        const auto written = dynamodb_.parts().tables.write_and_wait(std::move(operation).value());
        if (!written) {
            if (prepared.statement.kind != partiql::Statement::Kind::insert) *failed_item = written.error().item;
            return failure_of_write(prepared.statement, written.error());
        }
        auto item = returned(prepared.statement, *written);
        if (!item) return std::move(item).error();
        if (*item) response->Item = shape_of(**item);
        account(prepared, write_units(*written));
        return std::nullopt;
    }

    void account(const Prepared& prepared, double units) {
        if (!wants_capacity(input_.ReturnConsumedCapacity)) return;
        add_capacity(&capacity_, capacity_of(*input_.ReturnConsumedCapacity, prepared.table->name, nullptr, units, 0));
    }

    DynamoDb& dynamodb_;
    const aws::CallContext& context_;
    const shapes::BatchExecuteStatementInput& input_;
    std::vector<shapes::ConsumedCapacity> capacity_;
};

}  // namespace

aws::Outcome<shapes::BatchExecuteStatementOutput> batch_execute_statement(
    DynamoDb& dynamodb, const aws::CallContext& context, const shapes::BatchExecuteStatementInput& input) {
    return Batch(dynamodb, context, input).run();
}

}  // namespace millrace::service::dynamodb

// ExecuteTransaction: all statements or none; either all read (SELECT) or all write (with EXISTS as a condition).
#include <future>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/base/json_text.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/partiql/partiql.h"
#include "src/service/dynamodb/partiql/prepared.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

using namespace ql;
namespace partiql = table::partiql;

aws::Failure at(size_t index, const aws::Failure& failure) {
    if (failure.code != "ValidationException") return failure;
    return validation("Validation failed in TransactStatements[" + std::to_string(index) + "]: " + failure.message);
}

struct Reason {
    std::string code = "None";
    std::string message;
    std::optional<table::StoredItem> item;
};

Reason reason_of(const partiql::Statement& statement, const std::optional<table::WriteError>& error, bool want_failed) {
    if (!error) return {};
    const aws::Failure failure = failure_of_write(statement, *error);
    const bool duplicate = failure.code == "DuplicateItemException";
    std::string code = failure.code == "ValidationException" ? "ValidationError" : failure.code;
    if (code.ends_with("Exception")) code.resize(code.size() - 9);
    return {std::move(code), failure.message, duplicate || !want_failed ? std::nullopt : error->item};
}

aws::Failure cancelled(const std::vector<Reason>& reasons) {
    std::string codes;
    std::string json = "\"CancellationReasons\":[";
    for (const Reason& reason : reasons) {
        codes.append(codes.empty() ? "" : ", ").append(reason.code);
        if (!json.ends_with('[')) json += ',';
        json += "{\"Code\":\"" + reason.code + "\"";
        if (!reason.message.empty()) {
            json += ",\"Message\":";
            append_json_string(reason.message, json);
        }
        std::string item;
        if (reason.item && table::append_json_of_encoded(reason.item->bytes(), &item)) json += ",\"Item\":" + item;
        json += "}";
    }
    aws::Failure failure{
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + "]"};
    failure.json = json + "]";
    return failure;
}

class Transaction {
  public:
    Transaction(DynamoDb& dynamodb, const aws::CallContext& context, const shapes::ExecuteTransactionInput& input)
        : dynamodb_(dynamodb), context_(context), input_(input) {}

    aws::Outcome<shapes::ExecuteTransactionOutput> run() {
        for (size_t i = 0; i < input_.TransactStatements.size(); ++i) {
            const auto& given = input_.TransactStatements[i];
            // A parameter that is no value is told without its statement's number.
            TRY(parameters_of(given.Parameters));
            auto prepared = prepare(dynamodb_, context_, given.Statement, given.Parameters);
            if (!prepared) return at(i, prepared.error());
            if (prepared->statement.returning != partiql::Returning::none) {
                return at(i, validation("RETURNING clause is not supported in ExecuteTransaction."));
            }
            statements_.push_back(std::move(prepared).value());
        }
        const bool reads = statements_.front().statement.reads();
        for (size_t i = 0; i < statements_.size(); ++i) {
            if (statements_[i].statement.reads() != reads) {
                return at(i, validation("Unsupported operation in transaction."));
            }
        }
        return reads ? read() : write();
    }

  private:
    static std::optional<aws::Failure> check_once(std::set<std::string>* seen, const table::TableDefinition& table,
                                                  const table::Item& key) {
        if (seen->insert(table.name + '\n' + key_bytes(table, key)).second) return std::nullopt;
        return validation("Transaction request cannot include multiple operations on one item");
    }

    aws::Outcome<shapes::ExecuteTransactionOutput> read() {
        std::vector<std::pair<table::TableRef, table::Item>> keys;
        std::set<std::string> seen;
        for (size_t i = 0; i < statements_.size(); ++i) {
            const Prepared& prepared = statements_[i];
            if (!prepared.statement.index.empty()) {
                return at(i, validation("Reads on indices are not supported within transactions."));
            }
            auto plan = partiql::plan_read(prepared.statement, *prepared.table);
            if (!plan) return at(i, validation(plan.error().message));
            if (!plan->whole_key || plan->filter != nullptr) {
                return at(i, validation("Select statements within ExecuteTransaction must specify the primary key in "
                                        "the where clause."));
            }
            if (auto failure = check_key(*prepared.table, *plan->whole_key)) return at(i, *failure);
            if (auto failure = check_once(&seen, *prepared.table, *plan->whole_key)) return *std::move(failure);
            keys.emplace_back(prepared.table, std::move(*plan->whole_key));
        }
        auto found = dynamodb_.parts().tables.get_together(keys);
        if (!found) return failure_of(found.error());
        shapes::ExecuteTransactionOutput output;
        output.Responses.emplace();
        for (size_t i = 0; i < statements_.size(); ++i) {
            shapes::ItemResponse response;
            size_t bytes = 0;
            if ((*found)[i]) {
                auto item = (*found)[i]->item();
                if (!item) return failure_of(item.error());
                bytes = counted_bytes(*item);
                response.Item = shape_of(partiql::columns_of(*item, statements_[i].statement.columns));
            }
            output.Responses->push_back(std::move(response));
            account(i, {.table = 2 * read_units(bytes, true)}, true);
        }
        return finish(std::move(output));
    }

    aws::Outcome<shapes::ExecuteTransactionOutput> write() {
        std::vector<table::WriteOperation> writes;
        std::set<std::string> seen;
        for (size_t i = 0; i < statements_.size(); ++i) {
            const bool want_failed =
                wants_failed_item(input_.TransactStatements[i].ReturnValuesOnConditionCheckFailure);
            auto operation = write_of(statements_[i], want_failed, wants_capacity(input_.ReturnConsumedCapacity));
            if (!operation) return at(i, operation.error());
            if (auto failure = check_once(&seen, *statements_[i].table, operation->item)) return *std::move(failure);
            writes.push_back(std::move(operation).value());
        }
        std::string token;
        if (input_.ClientRequestToken) {
            token = context_.scope.account + "/" + context_.scope.region + "/" + *input_.ClientRequestToken;
        }
        std::promise<Result<table::TransactionOutcome>> promise;
        dynamodb_.parts().tables.transact(
            std::move(writes), std::move(token), digest(),
            [&](Result<table::TransactionOutcome> outcome) { promise.set_value(std::move(outcome)); });
        const auto outcome = promise.get_future().get();
        if (!outcome) {
            if (outcome.error().code == ErrorCode::failed_precondition) {
                return aws::Failure{"IdempotentParameterMismatchException", outcome.error().message};
            }
            return failure_of(outcome.error());
        }
        if (!outcome->committed) {
            std::vector<Reason> reasons;
            for (size_t i = 0; i < statements_.size(); ++i) {
                reasons.push_back(
                    reason_of(statements_[i].statement, outcome->reasons[i],
                              wants_failed_item(input_.TransactStatements[i].ReturnValuesOnConditionCheckFailure)));
            }
            return cancelled(reasons);
        }
        for (size_t i = 0; i < statements_.size(); ++i) {
            Capacity capacity{.table = 1};
            if (!outcome->repeated) {
                auto counted = write_capacity(*statements_[i].table, outcome->outcomes[i]);
                if (!counted) return failure_of(counted.error());
                capacity = *std::move(counted);
            }
            account(i, capacity *= 2, outcome->repeated);
        }
        shapes::ExecuteTransactionOutput output;
        output.Responses.emplace();
        return finish(std::move(output));
    }

    std::string digest() const {
        std::string text;
        for (size_t i = 0; i < statements_.size(); ++i) {
            text.append(input_.TransactStatements[i].Statement).append("\n");
            for (const auto& parameter : statements_[i].parameters) append_json(parameter, &text);
        }
        return sha256(text);
    }

    void account(size_t index, const Capacity& units, bool read) {
        if (!wants_capacity(input_.ReturnConsumedCapacity)) return;
        auto capacity = capacity_of(*input_.ReturnConsumedCapacity, statements_[index].table->name, units);
        (read ? capacity.ReadCapacityUnits : capacity.WriteCapacityUnits) = units.total();
        if (capacity.Table) {
            (read ? capacity.Table->ReadCapacityUnits : capacity.Table->WriteCapacityUnits) = units.table;
        }
        add_capacity(&capacity_, std::move(capacity));
    }

    aws::Outcome<shapes::ExecuteTransactionOutput> finish(shapes::ExecuteTransactionOutput output) {
        if (wants_capacity(input_.ReturnConsumedCapacity)) output.ConsumedCapacity = std::move(capacity_);
        return output;
    }

    DynamoDb& dynamodb_;
    const aws::CallContext& context_;
    const shapes::ExecuteTransactionInput& input_;
    std::vector<Prepared> statements_;
    std::vector<shapes::ConsumedCapacity> capacity_;
};

}  // namespace

aws::Outcome<shapes::ExecuteTransactionOutput> execute_transaction(DynamoDb& dynamodb, const aws::CallContext& context,
                                                                   const shapes::ExecuteTransactionInput& input) {
    return Transaction(dynamodb, context, input).run();
}

}  // namespace millrace::service::dynamodb

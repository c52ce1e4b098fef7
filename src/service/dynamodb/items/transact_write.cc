// TransactWriteItems: all writes or none, each under its condition.
//
// The engine carries a transaction out as a run of its serial order, so two of them never conflict: the reason
// TransactionConflict, which AWS gives where they do, does not come up.
#include <set>

#include "src/base/checksum.h"
#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/collection.h"
#include "src/service/dynamodb/items/transaction.h"
#include "src/service/dynamodb/items/write_answer.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/constraints.h"
#include "src/table/value/item_codec.h"

namespace millrace::service::dynamodb {
namespace {

using Kind = table::WriteOperation::Kind;

constexpr double transaction_factor = 2;  // "two writes an item"

struct Answers {  // of the actions, in their order
    std::vector<std::pair<std::string, WriteAnswer>> of;
    CapacityDetail capacity = CapacityDetail::none;
    bool plain = true;  // an empty answer is all that is wanted
};
struct Transaction {
    std::vector<table::WriteOperation> operations;
    std::shared_ptr<Answers> answers = std::make_shared<Answers>();
    std::string token, digest;
};

Form form_of(ActionKind kind) {
    switch (kind) {
        case ActionKind::put:
            return Form::put;
        case ActionKind::update:
            return Form::update;
        default:
            return Form::erase;
    }
}

Kind kind_of(ActionKind kind) {
    switch (kind) {
        case ActionKind::put:
            return Kind::put;
        case ActionKind::update:
            return Kind::update;
        case ActionKind::erase:
            return Kind::erase;
        default:
            return Kind::check;
    }
}

void append_text(const std::optional<std::string>& text, std::string* out) {
    out->append(text ? std::to_string(text->size()) : "-").append(" ");
    if (text) out->append(*text);
}

// What tells one request from another under the same token, however its JSON was written. The expressions' names and
// values are sorted.
void append_identity(const GivenAction& action, std::string* out) {
    const Request& request = action.request;
    out->append(std::to_string(static_cast<int>(action.kind))).append(" ");
    append_text(request.table, out);
    append_text(request.condition, out);
    append_text(request.update, out);
    append_text(request.return_on_failure, out);
    const auto& item = action.kind == ActionKind::put ? request.item : request.key;
    append_text(encode_item(item->item), out);
    if (request.names) {
        for (const auto& [key, name] : *request.names) {
            append_text(key, out);
            append_text(name, out);
        }
    }
    if (!request.values) return;
    for (const auto& [key, value] : request.values->values) {
        table::Item one;
        one.set(key, value);
        append_text(encode_item(one), out);
    }
}

std::optional<aws::Failure> check_action(const table::TableDefinition& table, const table::WriteOperation& operation) {
    if (operation.kind == Kind::put) {
        if (auto failure = check_item(table, operation.item)) return failure;
    } else {
        if (auto failure = check_key(table, operation.item)) return failure;
    }
    if (operation.update) {
        if (auto failure = check_written(table, *operation.update)) return failure;
    }
    if (!operation.condition) return std::nullopt;
    return check_key_paths(table, operation.condition->paths());
}

aws::Outcome<Compiled> compile_action(GivenAction& action) {
    Request& request = action.request;
    const Form form = form_of(action.kind);
    TRY_CHECK(check_mixing(form, request));
    const GivenItem& item = action.kind == ActionKind::put ? *request.item : *request.key;
    if (!item.wrong.empty()) return validation(item.wrong);
    if (action.kind == ActionKind::put && counted_bytes(item.item) > table::item_bytes_max) {
        return validation("Item size has exceeded the maximum allowed size");
    }
    return compile(form, request);
}

std::optional<aws::Failure> check_kinds(const std::vector<GivenAction>& actions) {
    for (const GivenAction& action : actions) {
        if (action.kinds == 1 && action.kind != ActionKind::get) continue;
        return validation("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    return std::nullopt;
}

WriteAnswer answer_of(const Request& request, const BatchRequest& whole, const table::TableRef& table,
                      const table::Item& item) {
    WriteAnswer answer;
    answer.table = table;
    answer.item_on_failure = request.return_on_failure == "ALL_OLD";
    answer.capacity = capacity_detail(whole.return_capacity);
    answer.metrics = whole.return_metrics == "SIZE" && has_collections(*table);
    if (answer.metrics) answer.key.set(table->key.partition, *item.find(table->key.partition));
    return answer;
}

aws::Outcome<Transaction> prepare(table::Tables& tables, const aws::CallContext& context, BatchRequest request) {
    TRY_CHECK(check_transact_write(request));
    TRY_CHECK(check_kinds(*request.actions));
    Transaction transaction;
    std::string identity;
    size_t bytes = 0;
    for (GivenAction& action : *request.actions) {
        append_identity(action, &identity);
        TRY_ASSIGN(Compiled compiled, compile_action(action));
        table::WriteOperation& operation = transaction.operations.emplace_back();
        operation.kind = kind_of(action.kind);
        operation.item = std::move((action.kind == ActionKind::put ? action.request.item : action.request.key)->item);
        operation.condition = std::move(compiled.condition);
        operation.update = std::move(compiled.update);
        bytes += counted_bytes(operation.item);
    }
    if (bytes > transaction_bytes_max) {
        return validation("The aggregate size of the items in the transaction has exceeded the maximum of 4 MB");
    }
    std::vector<CancellationReason> reasons;
    for (size_t i = 0; i < transaction.operations.size(); ++i) {
        table::WriteOperation& operation = transaction.operations[i];
        TRY_ASSIGN(operation.table, find_items_table(tables, context, *(*request.actions)[i].request.table));
        reasons.push_back(reason_of(check_action(*operation.table, operation)));
    }
    if (is_cancelled(reasons)) return cancelled(reasons);
    Answers& answers = *transaction.answers;
    answers.capacity = capacity_detail(request.return_capacity);
    std::set<std::pair<uint64_t, std::string>> seen;
    for (size_t i = 0; i < transaction.operations.size(); ++i) {
        table::WriteOperation& operation = transaction.operations[i];
        if (!seen.emplace(operation.table->id, key_bytes(*operation.table, operation.item)).second) {
            return validation("Transaction request cannot include multiple operations on one item");
        }
        const Request& of = (*request.actions)[i].request;
        WriteAnswer answer = answer_of(of, request, operation.table, operation.item);
        const bool by_index = answer.capacity != CapacityDetail::none && !operation.table->indexes.empty();
        operation.sizes_unused = answer.capacity == CapacityDetail::none;
        operation.want_old = by_index || answer.item_on_failure;
        operation.want_new = by_index;
        if (answer.metrics || answer.capacity != CapacityDetail::none) answers.plain = false;
        answers.of.emplace_back(*of.table, std::move(answer));
    }
    if (request.token) {
        transaction.token = context.scope.account + " " + context.scope.region + " " + *request.token;
        transaction.digest = sha256(identity);
    }
    return transaction;
}

std::vector<CancellationReason> reasons_of(const Answers& answers, const table::TransactionOutcome& outcome) {
    std::vector<CancellationReason> reasons;
    for (size_t i = 0; i < outcome.reasons.size(); ++i) {
        CancellationReason& reason = reasons.emplace_back();
        const auto& error = outcome.reasons[i];
        if (!error) continue;
        const bool condition = error->error.code == ErrorCode::failed_precondition;
        reason.code = condition ? "ConditionalCheckFailed" : "ValidationError";
        reason.message = condition ? "The conditional request failed" : error->error.message;
        if (condition && error->item && answers.of[i].second.item_on_failure) {
            if (!append_item(*error->item, std::nullopt, &reason.item).ok()) reason.item.clear();
        }
    }
    return reasons;
}

Result<std::string> body_of(table::Tables& tables, const Answers& answers, const table::TransactionOutcome& outcome) {
    WriteTotals totals;
    for (size_t i = 0; i < answers.of.size(); ++i) {
        const auto& [name, about] = answers.of[i];
        const table::WriteOutcome none;
        TRY(totals.add(name, about, outcome.repeated ? none : outcome.outcomes[i], transaction_factor));
    }
    std::string out = "{";
    // A repeated token reads and writes nothing.
    totals.append_capacities(answers.capacity, outcome.repeated ? "ReadCapacityUnits" : "WriteCapacityUnits", &out);
    TRY(totals.append_metrics(tables, &out));
    out.push_back('}');
    return out;
}

void finish(table::Tables& tables, const aws::RawCall& call, const Answers& answers,
            const Result<table::TransactionOutcome>& outcome) {
    if (!outcome.ok()) {
        if (outcome.error().code != ErrorCode::failed_precondition) return call.fail(failure_of(outcome.error()));
        return call.fail({"IdempotentParameterMismatchException",
                          "The request uses the same client token as a previous, but non-identical request"});
    }
    if (!outcome->committed) return call.fail(cancelled(reasons_of(answers, *outcome)));
    if (answers.plain) return call.succeed(std::string("{}"));
    answer(call, body_of(tables, answers, *outcome));
}

}  // namespace

void transact_write_items(DynamoDb& self, aws::RawCall call) {
    auto request = read_transaction(call.body());
    if (!request) return call.fail(request.error());
    auto transaction = prepare(self.parts().tables, call.context(), *std::move(request));
    if (!transaction) return call.fail(transaction.error());
    self.parts().tables.transact(
        std::move(transaction->operations), std::move(transaction->token), std::move(transaction->digest),
        [self = DynamoDb::Hold(self), call,
         answers = std::move(transaction->answers)](Result<table::TransactionOutcome> outcome) {
            table::Tables& tables = self->parts().tables;
            if (answers->plain) return finish(tables, call, *answers, outcome);
            run_on(self->parts().executor, call,
                   [self, &tables, call, answers, outcome] { finish(tables, call, *answers, outcome); });
        });
}

}  // namespace millrace::service::dynamodb

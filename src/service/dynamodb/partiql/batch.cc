// BatchExecuteStatement: each statement by itself, each with its own answer. Reads name one item by its whole key. As
// on AWS all of them read or all write, and no two are about one item.
#include <set>

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

    aws::Outcome<shapes::BatchExecuteStatementOutput> run() {
        for (const auto& request : input_.Statements) members_.push_back(member_of(request));
        if (auto failure = check()) return *std::move(failure);
        shapes::BatchExecuteStatementOutput output;
        output.Responses.emplace();
        for (Member& member : members_) output.Responses->push_back(one(&member));
        if (wants_capacity(input_.ReturnConsumedCapacity)) output.ConsumedCapacity = std::move(capacity_);
        return output;
    }

  private:
    struct Member {
        const shapes::BatchStatementRequest& request;
        aws::Outcome<Prepared> prepared;
        // What is wrong with the statement, else the item that it names and, of a write, what is done to it.
        std::optional<aws::Failure> refused;
        table::Item key;
        std::optional<table::WriteOperation> write;
        bool names_item() const { return prepared.ok() && !refused; }
    };

    Member member_of(const shapes::BatchStatementRequest& request) {
        Member member{request, prepare(dynamodb_, context_, request.Statement, request.Parameters), {}, {}, {}};
        if (member.prepared.ok()) member.refused = plan(&member);
        return member;
    }

    std::optional<aws::Failure> plan(Member* member) const {
        const Prepared& prepared = *member->prepared;
        if (prepared.statement.kind == partiql::Statement::Kind::exists) {
            return validation("EXISTS can only be used in ExecuteTransaction write requests.");
        }
        if (!prepared.statement.reads()) {
            auto write = write_of(prepared, wants_failed_item(member->request.ReturnValuesOnConditionCheckFailure),
                                  wants_capacity(input_.ReturnConsumedCapacity));
            if (!write) return std::move(write).error();
            member->write = std::move(write).value();
            member->key = member->write->item;
            return std::nullopt;
        }
        auto plan = partiql::plan_read(prepared.statement, *prepared.table);
        if (!plan) return validation(plan.error().message);
        // A filter would be one on an item that is named already.
        if (!plan->whole_key || plan->filter != nullptr) {
            return validation(
                "Select statements within BatchExecuteStatement must specify the primary key in the where clause.");
        }
        member->key = *std::move(plan->whole_key);
        return check_key(*prepared.table, member->key);
    }

    std::optional<aws::Failure> check() const {
        bool reads = false;
        bool writes = false;
        std::set<std::string> seen;
        for (const Member& member : members_) {
            if (!member.prepared.ok()) continue;
            (member.prepared->statement.reads() ? reads : writes) = true;
        }
        if (reads && writes) {
            return validation("Read and write requests together in the same batch is not supported.");
        }
        for (const Member& member : members_) {
            if (!member.names_item()) continue;
            const table::TableDefinition& table = *member.prepared->table;
            if (seen.insert(table.name + '\n' + key_bytes(table, member.key)).second) continue;
            return validation("Provided list of item keys contains duplicates");
        }
        return std::nullopt;
    }

    shapes::BatchStatementResponse one(Member* member) {
        shapes::BatchStatementResponse response;
        if (!member->prepared.ok()) return failed(member->prepared.error(), nullptr);
        const Prepared& prepared = *member->prepared;
        response.TableName = prepared.table->name;
        std::optional<table::StoredItem> failed_item;
        std::optional<aws::Failure> failure = std::move(member->refused);
        if (!failure) {
            failure = member->write ? write(member, &response, &failed_item) : read(*member, &response);
        }
        if (!failure) return response;
        response = failed(*failure, &failed_item);
        response.TableName = prepared.table->name;
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

    std::optional<aws::Failure> read(const Member& member, shapes::BatchStatementResponse* response) {
        const Prepared& prepared = *member.prepared;
        auto found = dynamodb_.parts().tables.get(prepared.table, member.key);
        if (!found) return failure_of(found.error());
        size_t bytes = 0;
        if (*found) {
            auto item = (*found)->item();
            if (!item) return failure_of(item.error());
            bytes = counted_bytes(*item);
            response->Item = shape_of(partiql::columns_of(*item, prepared.statement.columns));
        }
        account(prepared, {.table = read_units(bytes, member.request.ConsistentRead.value_or(false))});
        return std::nullopt;
    }

    std::optional<aws::Failure> write(Member* member, shapes::BatchStatementResponse* response,
                                      std::optional<table::StoredItem>* failed_item) {
        const Prepared& prepared = *member->prepared;
        const auto written = dynamodb_.parts().tables.write_and_wait(*std::move(member->write));
        if (!written) {
            const bool insert = prepared.statement.kind == partiql::Statement::Kind::insert;
            if (!insert && wants_failed_item(member->request.ReturnValuesOnConditionCheckFailure)) {
                *failed_item = written.error().item;
            }
            return failure_of_write(prepared.statement, written.error());
        }
        auto item = returned(prepared.statement, *written);
        if (!item) return std::move(item).error();
        if (*item) response->Item = shape_of(**item);
        const auto capacity = write_capacity(*prepared.table, *written);
        if (!capacity) return failure_of(capacity.error());
        account(prepared, *capacity);
        return std::nullopt;
    }

    void account(const Prepared& prepared, const Capacity& capacity) {
        if (!wants_capacity(input_.ReturnConsumedCapacity)) return;
        add_capacity(&capacity_, capacity_of(*input_.ReturnConsumedCapacity, prepared.table->name, capacity));
    }

    DynamoDb& dynamodb_;
    const aws::CallContext& context_;
    const shapes::BatchExecuteStatementInput& input_;
    std::vector<Member> members_;
    std::vector<shapes::ConsumedCapacity> capacity_;
};

}  // namespace

aws::Outcome<shapes::BatchExecuteStatementOutput> batch_execute_statement(
    DynamoDb& dynamodb, const aws::CallContext& context, const shapes::BatchExecuteStatementInput& input) {
    return Batch(dynamodb, context, input).run();
}

}  // namespace millrace::service::dynamodb

// ExecuteStatement: one statement.
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/partiql/partiql.h"
#include "src/service/dynamodb/partiql/prepared.h"
#include "src/service/dynamodb/partiql/token.h"

namespace millrace::service::dynamodb {
namespace {

using namespace ql;
namespace partiql = table::partiql;

// Reads the plan's ranges one after the other until the page is full.
class Reading {
  public:
    Reading(DynamoDb& dynamodb, const Prepared& prepared, partiql::ReadPlan plan,
            const shapes::ExecuteStatementInput& input)
        : dynamodb_(dynamodb), prepared_(prepared), plan_(std::move(plan)), input_(input) {}

    aws::Outcome<shapes::ExecuteStatementOutput> read() {
        if (auto failure = start()) return *std::move(failure);
        const size_t ranges = std::max<size_t>(plan_.ranges.size(), 1);
        output_.Items.emplace();
        while (position_.range < ranges) {
            auto page = read_page();
            if (!page) return failure_of(page.error());
            if (auto failure = take(*page)) return *std::move(failure);
            const bool full = left_ == 0 || bytes_ >= page_bytes_max;
            if (page->last_key) {
                position_.key = std::move(page->last_key);
                if (!full) continue;
            } else {
                ++position_.range;
                position_.key.reset();
                if (!full || position_.range == ranges) continue;
            }
            finish();
            break;
        }
        if (wants_capacity(input_.ReturnConsumedCapacity)) {
            const Capacity capacity =
                page_capacity(plan_.index, bytes_, fetched_, input_.ConsistentRead.value_or(false));
            output_.ConsumedCapacity = capacity_of(*input_.ReturnConsumedCapacity, prepared_.table->name, capacity);
        }
        return std::move(output_);
    }

  private:
    std::optional<aws::Failure> start() {
        if (input_.ConsistentRead.value_or(false) && plan_.index != nullptr && plan_.index->global) {
            return validation("Strongly consistent read is not supported on Global Secondary Indexes");
        }
        if (input_.Limit) left_ = static_cast<uint64_t>(*input_.Limit);
        if (!input_.NextToken) return std::nullopt;
        auto position = decode_token(*input_.NextToken, input_.Statement, prepared_.parameters);
        if (!position) return std::move(position).error();
        position_ = std::move(position).value();
        if (position_.key && !fits(*position_.key)) return validation("Invalid NextToken");
        return std::nullopt;
    }

    // Whether a token's key is one of what is read: the table's key, and the index's.
    bool fits(const table::Item& key) const {
        const auto has_key = [&](const table::KeyNames& names) {
            for (size_t i = 0; i < names.size(); ++i) {
                const table::AttributeValue* value = key.find(names.at(i).name);
                if (value == nullptr || value->type() != names.at(i).type) return false;
            }
            return true;
        };
        return has_key(prepared_.table->key) && (plan_.index == nullptr || has_key(plan_.index->key));
    }

    Result<table::Page> read_page() {
        table::Tables& tables = dynamodb_.parts().tables;
        if (plan_.ranges.empty()) {
            table::ScanRequest scan;
            scan.table = prepared_.table;
            scan.index = plan_.index;
            scan.start_after = position_.key;
            scan.evaluated_max = left_;
            scan.bytes_max = page_bytes_max - bytes_;
            scan.filter = plan_.filter;
            scan.fetch_from_table = plan_.fetch_from_table;
            return tables.scan(scan);
        }
        table::QueryRequest query;
        query.table = prepared_.table;
        query.index = plan_.index;
        query.condition = plan_.ranges[position_.range];
        query.forward = plan_.forward;
        query.start_after = position_.key;
        query.evaluated_max = left_;
        query.bytes_max = page_bytes_max - bytes_;
        query.filter = plan_.filter;
        query.fetch_from_table = plan_.fetch_from_table;
        return tables.query(query);
    }

    std::optional<aws::Failure> take(const table::Page& page) {
        bytes_ += page.bytes;
        fetched_ += page.fetched;
        left_ -= std::min(left_, page.evaluated);
        for (const table::StoredItem& stored : page.items) {
            auto item = stored.item();
            if (!item) return failure_of(item.error());
            output_.Items->push_back(shape_of(partiql::columns_of(*item, prepared_.statement.columns)));
        }
        return std::nullopt;
    }

    void finish() {
        output_.NextToken = encode_token(input_.Statement, prepared_.parameters, position_);
        if (position_.key) output_.LastEvaluatedKey = shape_of(*position_.key);
    }

    DynamoDb& dynamodb_;
    const Prepared& prepared_;
    const partiql::ReadPlan plan_;
    const shapes::ExecuteStatementInput& input_;
    shapes::ExecuteStatementOutput output_;
    ReadPosition position_;
    uint64_t left_ = UINT64_MAX;  // items that may still be looked at
    size_t bytes_ = 0;
    table::Fetched fetched_;
};

}  // namespace

aws::Outcome<shapes::ExecuteStatementOutput> execute_statement(DynamoDb& dynamodb, const aws::CallContext& context,
                                                               const shapes::ExecuteStatementInput& input) {
    TRY_ASSIGN(const Prepared prepared, prepare(dynamodb, context, input.Statement, input.Parameters));
    if (prepared.statement.kind == partiql::Statement::Kind::exists) {
        return validation("EXISTS can only be used in ExecuteTransaction write requests.");
    }
    if (prepared.statement.reads()) {
        auto plan = partiql::plan_read(prepared.statement, *prepared.table);
        if (!plan) return validation(plan.error().message);
        return Reading(dynamodb, prepared, std::move(plan).value(), input).read();
    }
    const bool want_failed = wants_failed_item(input.ReturnValuesOnConditionCheckFailure);
    TRY_ASSIGN(table::WriteOperation write,
               write_of(prepared, want_failed, wants_capacity(input.ReturnConsumedCapacity)));
    auto written = dynamodb.parts().tables.write_and_wait(std::move(write));
    if (!written) {
        if (!want_failed) written.error().item.reset();
        return failure_of_write(prepared.statement, written.error());
    }
    shapes::ExecuteStatementOutput output;
    TRY_ASSIGN(const auto item, returned(prepared.statement, *written));
    output.Items.emplace();
    if (item) output.Items->push_back(shape_of(*item));
    if (wants_capacity(input.ReturnConsumedCapacity)) {
        const auto capacity = write_capacity(*prepared.table, *written);
        if (!capacity) return failure_of(capacity.error());
        output.ConsumedCapacity = capacity_of(*input.ReturnConsumedCapacity, prepared.table->name, *capacity);
    }
    return output;
}

}  // namespace millrace::service::dynamodb

#include <algorithm>

#include "src/table/partiql/keys.h"
#include "src/table/partiql/plan.h"

namespace millrace::table::partiql {
namespace {

constexpr size_t ranges_max = 50;

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

class ReadPlanner {
  public:
    ReadPlanner(const Statement& statement, const TableDefinition& table) : statement_(statement), table_(table) {}

    Result<ReadPlan> plan() {
        TRY(find_index());
        TRY(check_columns());
        TRY(find_keys());
        TRY(check_filter());
        TRY(find_order());
        if (!terms_.empty()) plan_.filter = make_condition(all_of(std::move(terms_)));
        return std::move(plan_);
    }

  private:
    const KeyNames& key() const { return plan_.index != nullptr ? plan_.index->key : table_.key; }

    Status find_index() {
        if (statement_.index.empty()) return {};
        const auto found = std::find_if(table_.indexes.begin(), table_.indexes.end(),
                                        [&](const Index& index) { return index.name == statement_.index; });
        if (found == table_.indexes.end()) return refusal("The table does not have the specified index");
        if (found->state == IndexState::creating) {
            return refusal("Cannot read from backfilling global secondary index: " + found->name);
        }
        plan_.index = &*found;
        return {};
    }

    bool has_attribute(const std::string& name) const {
        if (plan_.index == nullptr || plan_.index->projection.kind == Projection::Kind::all) return true;
        for (const std::string* known : {&table_.key.partition, &table_.key.sort, &key().partition, &key().sort}) {
            if (name == *known) return true;
        }
        const auto& more = plan_.index->projection.attributes;
        return std::find(more.begin(), more.end(), name) != more.end();
    }

    Status check_columns() {
        std::string missing;
        for (size_t i = 0; i < statement_.columns.size(); ++i) {
            const Path& column = statement_.columns[i];
            if (std::find(statement_.columns.begin(), statement_.columns.begin() + static_cast<ptrdiff_t>(i), column) !=
                statement_.columns.begin() + static_cast<ptrdiff_t>(i)) {
                return refusal("Duplicate identifiers in select clause: " + column.back().name);
            }
            const std::string& name = column.front().name;
            if (!has_attribute(name)) missing.append(missing.empty() ? "" : ", ").append(name);
        }
        if (missing.empty()) return {};
        if (plan_.index->global) {
            return refusal("One or more parameter values were invalid: Global secondary index " + plan_.index->name +
                           " does not project [" + missing + "]");
        }
        plan_.fetch_from_table = true;
        return {};
    }

    // Takes the first term that bounds the attribute out of terms_.
    std::optional<KeyTerm> take(const std::string& name, bool equality) {
        if (name.empty()) return std::nullopt;
        for (auto term = terms_.begin(); term != terms_.end(); ++term) {
            auto found = key_term(*term, name);
            if (!found || (equality && !is_equality(*found))) continue;
            terms_.erase(term);
            return found;
        }
        return std::nullopt;
    }

    Status find_keys() {
        terms_ = terms_of(statement_.where);
        auto partition = take(key().partition, true);
        if (!partition) return {};
        const auto sort = take(key().sort, false);
        partitions_ = partition->alternatives.size();
        const size_t sorts = sort ? sort->alternatives.size() : 1;
        if (partitions_ * sorts > ranges_max) {
            return refusal("Too many decomposed read operations for a given query.");
        }
        const bool one = partitions_ == 1 && sorts == 1;
        for (const KeyClause& clause : partition->alternatives) {
            for (size_t i = 0; i < sorts; ++i) {
                std::vector<KeyClause> clauses = {clause};
                if (sort) clauses.push_back(sort->alternatives[i]);
                TRY_ASSIGN(KeyCondition range, match_key(std::move(clauses), key()));
                plan_.ranges.push_back(std::move(range));
            }
        }
        if (plan_.index == nullptr && one && (key().sort.empty() || (sort && is_equality(*sort)))) {
            plan_.whole_key.emplace();
            plan_.whole_key->set(key().partition, plan_.ranges[0].partition);
            if (sort) plan_.whole_key->set(key().sort, sort->alternatives[0].value);
        }
        return {};
    }

    // A keyed read of an index may not filter by what the index does not have; a scan of it finds nothing.
    Status check_filter() {
        if (plan_.index == nullptr || plan_.ranges.empty() || terms_.empty()) return {};
        std::string missing;
        const auto filter = make_condition(all_of(terms_));
        for (const std::string& name : filter->attributes()) {
            if (!has_attribute(name)) missing.append(missing.empty() ? "" : ", ").append(name);
        }
        if (missing.empty()) return {};
        return refusal("One or more parameter values were invalid: Secondary index " + plan_.index->name +
                       " does not project one or more filter attributes: [" + missing + "]");
    }

    Status find_order() {
        if (statement_.order.empty()) return {};
        const auto& where = statement_.where;
        if (where.kind == ConditionTree::Kind::all_of && where.children.empty()) {
            return refusal("Must have WHERE clause in the statement when using ORDER BY clause.");
        }
        if (plan_.ranges.empty()) {
            return refusal(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
        }
        bool by_partition = false;
        bool partitions_forward = true;
        for (const Order& order : statement_.order) {
            if (order.name == key().partition) {
                by_partition = true;
                partitions_forward = !order.descending;
            } else if (order.name == key().sort) {
                plan_.forward = !order.descending;
            } else {
                return refusal("Variable reference " + order.name +
                               " in ORDER BY clause must be part of the primary key");
            }
        }
        if (partitions_ > 1 && !by_partition) {
            return refusal(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE "
                "clause.");
        }
        const auto before = [](const AttributeValue& a, const AttributeValue& b) {
            std::strong_ordering order = std::strong_ordering::equal;
            return order_of(a, b, &order) && order < 0;
        };
        std::sort(plan_.ranges.begin(), plan_.ranges.end(), [&](const KeyCondition& a, const KeyCondition& b) {
            if (a.partition != b.partition) {
                return partitions_forward ? before(a.partition, b.partition) : before(b.partition, a.partition);
            }
            if (!a.sort || !b.sort || !a.sort->low || !b.sort->low) return false;
            return plan_.forward ? before(*a.sort->low, *b.sort->low) : before(*b.sort->low, *a.sort->low);
        });
        return {};
    }

    const Statement& statement_;
    const TableDefinition& table_;
    ReadPlan plan_;
    std::vector<ConditionTree> terms_;
    size_t partitions_ = 0;
};

std::string column_name(const Path& column) {
    size_t last = column.size() - 1;
    while (column[last].index >= 0) --last;
    std::string name = column[last].name;
    for (size_t i = last + 1; i < column.size(); ++i) name += "[" + std::to_string(column[i].index) + "]";
    return name;
}

}  // namespace

Result<ReadPlan> plan_read(const Statement& statement, const TableDefinition& table) {
    return ReadPlanner(statement, table).plan();
}

Item columns_of(const Item& item, const std::vector<Path>& columns) {
    if (columns.empty()) return item;
    Item picked;
    for (const Path& column : columns) {
        if (const AttributeValue* value = at_path(item, column)) picked.set(column_name(column), *value);
    }
    return picked;
}

}  // namespace millrace::table::partiql

#include <algorithm>

#include "src/table/partiql/keys.h"
#include "src/table/partiql/order.h"
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
        TRY(apply_order(statement_, key(), bounds_, &plan_));
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
        if (table_.key.has(name) || key().has(name)) return true;
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
        while (bounds_.size() < key().partitions()) {
            auto partition = take(key().at(bounds_.size()).name, true);
            if (!partition) {  // a scan: what was taken is part of its filter
                terms_ = terms_of(statement_.where);
                bounds_.clear();
                return {};
            }
            bounds_.push_back(*std::move(partition));
        }
        while (bounds_.size() < key().size() && is_equality(bounds_.back())) {
            auto sort = take(key().at(bounds_.size()).name, false);
            if (!sort) break;
            bounds_.push_back(*std::move(sort));
        }
        TRY(make_ranges());
        if (plan_.index == nullptr && plan_.ranges.size() == 1 && bounds_.size() == key().size() &&
            is_equality(bounds_.back())) {
            plan_.whole_key.emplace();
            for (const KeyTerm& bound : bounds_) {
                const KeyClause& clause = bound.alternatives[0];
                plan_.whole_key->set(clause.name, clause.value);
            }
        }
        return {};
    }

    // One for each combination of what the key's attributes may be, the last attribute's alternatives changing fastest.
    Status make_ranges() {
        size_t count = 1;
        for (const KeyTerm& bound : bounds_) {
            count *= bound.alternatives.size();
            if (count > ranges_max) return refusal("Too many decomposed read operations for a given query.");
        }
        for (size_t n = 0; n < count; ++n) {
            std::vector<KeyClause> clauses(bounds_.size());
            size_t rest = n;
            for (size_t i = bounds_.size(); i-- > 0;) {
                const auto& alternatives = bounds_[i].alternatives;
                clauses[i] = alternatives[rest % alternatives.size()];
                rest /= alternatives.size();
            }
            TRY_ASSIGN(KeyCondition range, match_key(std::move(clauses), key()));
            plan_.ranges.push_back(std::move(range));
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

    const Statement& statement_;
    const TableDefinition& table_;
    ReadPlan plan_;
    std::vector<ConditionTree> terms_;
    std::vector<KeyTerm> bounds_;  // of the key's attributes, from the first on
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

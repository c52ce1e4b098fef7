#include "src/table/partiql/order.h"

#include <algorithm>

namespace millrace::table::partiql {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

struct Directions {
    bool partitions_forward = true;
    bool forward = true;
};

class Clause {
  public:
    Clause(const std::vector<Order>& orders, const KeyNames& key, const std::vector<KeyTerm>& bounds)
        : orders_(orders), key_(key), bounds_(bounds) {}

    Result<Directions> directions() const {
        Directions directions;
        bool by_partition = false;
        for (const Order& order : orders_) {
            if (!key_.has(order.name)) {
                return refusal("Variable reference " + order.name +
                               " in ORDER BY clause must be part of the primary key");
            }
            const size_t i = position_of(order);
            by_partition = by_partition || key_.at(i).is_partition;
            if (key_.is_multiple() && is_fixed(i)) continue;
            (key_.at(i).is_partition ? directions.partitions_forward : directions.forward) = !order.descending;
        }
        bool one_partition = true;
        for (size_t i = 0; i < key_.partitions(); ++i) one_partition = one_partition && is_fixed(i);
        if (!one_partition && !by_partition) {
            return refusal(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE "
                "clause.");
        }
        if (key_.is_multiple()) TRY(check_sequence());
        return directions;
    }

  private:
    size_t position_of(const Order& order) const {
        size_t i = 0;
        while (key_.at(i).name != order.name) ++i;
        return i;
    }

    // Whether all that is read has one value of the key's attribute i.
    bool is_fixed(size_t i) const {
        return i < bounds_.size() && is_equality(bounds_[i]) && bounds_[i].alternatives.size() == 1;
    }

    // A key of several attributes a part is walked in their order, each part in one direction.
    Status check_sequence() const {
        size_t next = 0;
        std::optional<bool> of_partition, of_sort;
        for (const Order& order : orders_) {
            const size_t named = position_of(order);
            if (is_fixed(named)) continue;
            while (next < named && is_fixed(next)) ++next;
            std::optional<bool>& descending = key_.at(named).is_partition ? of_partition : of_sort;
            if (next++ != named || descending.value_or(order.descending) != order.descending) {
                return refusal(
                    "ORDER BY clause must name the attributes of a key of several attributes in the key's order, "
                    "those of each part in one direction");
            }
            descending = order.descending;
        }
        return {};
    }

    const std::vector<Order>& orders_;
    const KeyNames& key_;
    const std::vector<KeyTerm>& bounds_;
};

// What a range begins with, attribute by attribute of the key.
std::vector<const AttributeValue*> values_of(const KeyCondition& range) {
    std::vector<const AttributeValue*> values = {&range.partition};
    for (const auto* more : {&range.more_partition, &range.sort_equal}) {
        for (const AttributeValue& value : *more) values.push_back(&value);
    }
    if (range.sort && range.sort->low) values.push_back(&*range.sort->low);
    return values;
}

bool before(const AttributeValue& a, const AttributeValue& b) {
    std::strong_ordering order = std::strong_ordering::equal;
    return order_of(a, b, &order) && order < 0;
}

}  // namespace

Status apply_order(const Statement& statement, const KeyNames& key, const std::vector<KeyTerm>& bounds,
                   ReadPlan* plan) {
    if (statement.order.empty()) return {};
    const auto& where = statement.where;
    if (where.kind == ConditionTree::Kind::all_of && where.children.empty()) {
        return refusal("Must have WHERE clause in the statement when using ORDER BY clause.");
    }
    if (plan->ranges.empty()) {
        return refusal(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
    }
    TRY_ASSIGN(const Directions directions, Clause(statement.order, key, bounds).directions());
    plan->forward = directions.forward;
    std::sort(plan->ranges.begin(), plan->ranges.end(), [&](const KeyCondition& a, const KeyCondition& b) {
        const auto of_a = values_of(a), of_b = values_of(b);
        for (size_t i = 0; i < std::min(of_a.size(), of_b.size()); ++i) {
            if (*of_a[i] == *of_b[i]) continue;
            const bool forward = i < key.partitions() ? directions.partitions_forward : directions.forward;
            return forward ? before(*of_a[i], *of_b[i]) : before(*of_b[i], *of_a[i]);
        }
        return false;
    });
    return {};
}

}  // namespace millrace::table::partiql

// What the attributes of a key are called, and their types. The key of a table or of a local index has one attribute of
// its partition and at most one that sorts; a global index's has up to four of each.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/table/value/attribute_value.h"

namespace millrace::table {

constexpr size_t key_part_attributes_max = 4;  // of a global index's partition; of its sort key

struct KeyAttribute {
    std::string name;
    Type type = Type::S;
};

struct KeyNames {
    std::string partition;
    Type partition_type = Type::S;
    std::string sort;  // "" where there is none
    Type sort_type = Type::S;
    // Those after the first, of a global index: empty nearly always, so that the usual key allocates nothing for them.
    std::vector<KeyAttribute> more_partition;
    std::vector<KeyAttribute> more_sort;

    size_t partitions() const { return 1 + more_partition.size(); }
    size_t sorts() const { return sort.empty() ? 0 : 1 + more_sort.size(); }
    size_t size() const { return partitions() + sorts(); }
    bool is_multiple() const { return !more_partition.empty() || !more_sort.empty(); }

    // The attributes in the order of the key: all of the partition, then all that sort. i < size().
    struct At {
        const std::string& name;
        Type type;
        bool is_partition;
    };
    At at(size_t i) const {
        if (i == 0) return {partition, partition_type, true};
        if (i < partitions()) return {more_partition[i - 1].name, more_partition[i - 1].type, true};
        const size_t s = i - partitions();
        if (s == 0) return {sort, sort_type, false};
        return {more_sort[s - 1].name, more_sort[s - 1].type, false};
    }
    bool has(std::string_view name) const {
        for (size_t i = 0; i < size(); ++i) {
            if (at(i).name == name) return true;
        }
        return false;
    }
};

}  // namespace millrace::table

// Random values for property tests and benchmarks.
#pragma once

#include <random>

#include "src/table/value/attribute_value.h"

namespace millrace::table::testing {

inline std::string random_text(std::mt19937& random) {
    std::string text(random() % (random() % 8 == 0 ? 200 : 12), 'x');
    for (char& c : text) c = static_cast<char>(random() % 6 == 0 ? random() % 0x20 : 0x20 + random() % 0x5f);
    return text;
}

inline std::string random_bytes(std::mt19937& random) {
    std::string bytes(random() % 10, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 == 0 ? 0 : random());
    return bytes;
}

inline Number random_number(std::mt19937& random) {
    std::string text = random() % 2 == 0 ? "-" : "";
    for (size_t digits = 1 + random() % 38; digits > 0; --digits) text += static_cast<char>('0' + random() % 10);
    return Number::parse(text + "e" + std::to_string(static_cast<int>(random() % 160) - 80)).value();
}

inline AttributeValue random_value(std::mt19937& random, int levels);

inline AttributeMap random_map(std::mt19937& random, int levels) {
    AttributeMap map;
    for (size_t left = random() % 6; left > 0; --left) map.set(random_text(random) + "k", random_value(random, levels));
    return map;
}

// A set of up to three distinct members, never empty.
template <class Set, class Make>
Set random_set(std::mt19937& random, Make&& make) {
    Set set;
    while (true) {
        decltype(set.members) members;
        for (size_t left = 1 + random() % 3; left > 0; --left) members.push_back(make(random));
        if (make_set(std::move(members), &set)) return set;
    }
}

inline AttributeValue random_value(std::mt19937& random, int levels) {
    switch (static_cast<Type>(random() % types_count)) {
        case Type::S:
            return {random_text(random)};
        case Type::N:
            return {random_number(random)};
        case Type::B:
            return {Binary{random_bytes(random)}};
        case Type::BOOL:
            return {random() % 2 == 0};
        case Type::M:
            if (levels > 0) return {random_map(random, levels - 1)};
            break;
        case Type::L:
            if (levels > 0) {
                List list;
                for (size_t left = random() % 5; left > 0; --left) list.push_back(random_value(random, levels - 1));
                return {std::move(list)};
            }
            break;
        case Type::SS:
            return {random_set<StringSet>(random, random_text)};
        case Type::NS:
            return {random_set<NumberSet>(random, random_number)};
        case Type::BS:
            return {random_set<BinarySet>(random, random_bytes)};
        case Type::NULL_:
            break;
    }
    return {Null()};
}

}  // namespace millrace::table::testing

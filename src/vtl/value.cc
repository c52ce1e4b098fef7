#include "src/vtl/value.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "src/base/json_text.h"

namespace millrace::vtl {
namespace {

constexpr int depth_max = 64;
constexpr size_t indexed_from = 16;

// As Double.toString for what templates meet: always with a point, exponents from 1E7 on.
std::string java_double(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    char digits[40];
    const double size = std::fabs(value);
    const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(digits, digits + sizeof digits, value, format).ptr;
    std::string text(digits, end);
    if (plain) return text.find('.') == std::string::npos ? text + ".0" : text;
    const size_t e = text.find('e');
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    return mantissa + "E" + std::to_string(std::atoi(text.c_str() + e + 1));
}

// Whether `target` is `value` or somewhere in it; true also where looking takes more than `budget`.
bool reaches(const Value& value, const void* target, size_t* budget, int depth) {
    const List* list = value.list();
    const Map* map = value.map();
    if (!list && !map) return false;
    if (list == target || map == target || *budget == 0 || depth > depth_max) return true;
    --*budget;
    if (list) {
        for (const Value& each : *list) {
            if (reaches(each, target, budget, depth + 1)) return true;
        }
        return false;
    }
    for (const auto& [key, each] : map->entries()) {
        if (reaches(each, target, budget, depth + 1)) return true;
    }
    return false;
}

}  // namespace

bool may_hold(const void* holder, const Value& value) {
    size_t budget = 100'000;
    return !reaches(value, holder, &budget, 0);
}

struct Map::Index {
    std::unordered_map<std::string, size_t> places;
};

Map::Map() = default;
Map::~Map() = default;

size_t Map::index_of(std::string_view key) const {
    if (index_) {
        const auto found = index_->places.find(std::string(key));
        return found == index_->places.end() ? std::string::npos : found->second;
    }
    for (size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].first == key) return i;
    }
    return std::string::npos;
}

const Value* Map::find(std::string_view key) const {
    const size_t at = index_of(key);
    return at == std::string::npos ? nullptr : &entries_[at].second;
}

void Map::put(std::string key, Value value) {
    if (const size_t at = index_of(key); at != std::string::npos) {
        entries_[at].second = std::move(value);
        return;
    }
    if (index_) index_->places[key] = entries_.size();
    entries_.emplace_back(std::move(key), std::move(value));
    if (!index_ && entries_.size() == indexed_from) {
        index_ = std::make_unique<Index>();
        for (size_t i = 0; i < entries_.size(); ++i) index_->places[entries_[i].first] = i;
    }
}

bool Map::remove(std::string_view key) {
    const size_t at = index_of(key);
    if (at == std::string::npos) return false;
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(at));
    if (index_) {
        index_->places.clear();
        for (size_t i = 0; i < entries_.size(); ++i) index_->places[entries_[i].first] = i;
    }
    return true;
}

void Map::clear() {
    entries_.clear();
    index_.reset();
}

bool Map::operator==(const Map& other) const {
    if (size() != other.size()) return false;
    for (const auto& [key, value] : entries_) {
        const Value* found = other.find(key);
        if (!found || !found->equals(value)) return false;
    }
    return true;
}

bool Value::equals(const Value& other) const {
    if (is_number() && other.is_number()) {
        if (integer() && other.integer()) return *integer() == *other.integer();
        if (huge() && other.huge()) return *huge() == *other.huge();
        return number() == other.number();
    }
    if (string() && other.string()) return *string() == *other.string();
    if (boolean() && other.boolean()) return *boolean() == *other.boolean();
    if (is_null() || other.is_null()) return is_null() && other.is_null();
    if (list() && other.list()) return list() == other.list() || *list() == *other.list();
    if (map() && other.map()) return map() == other.map() || *map() == *other.map();
    if (object() || other.object()) return object() == other.object();
    return text() == other.text();
}

void Value::append_text(std::string* out, size_t bytes_max, int depth) const {
    const size_t end = bytes_max > SIZE_MAX - out->size() ? SIZE_MAX : out->size() + bytes_max;
    if (is_null()) {
        *out += "null";
    } else if (const bool* flag = boolean()) {
        *out += *flag ? "true" : "false";
    } else if (const int64_t* whole = integer()) {
        *out += std::to_string(*whole);
    } else if (const uint64_t* more = huge()) {
        *out += std::to_string(*more);
    } else if (const double* fraction = real()) {
        *out += java_double(*fraction);
    } else if (const std::string* words = string()) {
        out->append(*words, 0, end - out->size());
    } else if (const Object* thing = object()) {
        *out += thing->text();
    } else if (depth >= depth_max) {
        *out += "...";
    } else if (const List* all = list(); all && all->from_json) {
        append_json(out, bytes_max, depth);
    } else if (all) {
        *out += '[';
        for (const Value& value : *all) {
            if (out->size() >= end) return;
            if (&value != all->data()) *out += ", ";
            value.append_text(out, end - std::min(end, out->size()), depth + 1);
        }
        *out += ']';
    } else if (const Map* pairs = map()) {
        *out += '{';
        for (const auto& [key, value] : pairs->entries()) {
            if (out->size() >= end) return;
            if (&key != &pairs->entries().front().first) *out += ", ";
            *out += key;
            *out += '=';
            value.append_text(out, end - std::min(end, out->size()), depth + 1);
        }
        *out += '}';
    }
}

std::string Value::text() const {
    std::string out;
    append_text(&out);
    return out;
}

void Value::append_json(std::string* out, size_t bytes_max, int depth) const {
    const size_t end = bytes_max > SIZE_MAX - out->size() ? SIZE_MAX : out->size() + bytes_max;
    if (const std::string* words = string()) {
        append_json_string(*words, *out);
    } else if (const double* fraction = real()) {
        *out += std::isfinite(*fraction) ? java_double(*fraction) : "null";
    } else if (depth >= depth_max || object()) {
        *out += "null";
    } else if (const List* all = list()) {
        *out += '[';
        for (const Value& value : *all) {
            if (out->size() >= end) return;
            if (&value != all->data()) *out += ',';
            value.append_json(out, end - std::min(end, out->size()), depth + 1);
        }
        *out += ']';
    } else if (const Map* pairs = map()) {
        *out += '{';
        for (const auto& [key, value] : pairs->entries()) {
            if (out->size() >= end) return;
            if (&key != &pairs->entries().front().first) *out += ',';
            append_json_string(key, *out);
            *out += ':';
            value.append_json(out, end - std::min(end, out->size()), depth + 1);
        }
        *out += '}';
    } else {
        append_text(out);
    }
}

}  // namespace millrace::vtl

#include "src/table/engine/keys.h"

#include "src/table/key_limits.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

// A key attribute of `item` in the form that sorts. False where it is absent, of another type, or empty.
bool append_key_attribute(const Item& item, const std::string& name, Type type, bool empty_is_fine, std::string* out) {
    const AttributeValue* value = item.find(name);
    if (value == nullptr || value->type() != type) return false;
    if (!empty_is_fine) {
        if (const auto* text = value->as<std::string>(); text != nullptr && text->empty()) return false;
        if (const auto* binary = value->as<Binary>(); binary != nullptr && binary->bytes.empty()) return false;
    }
    append_key_value(*value, out);
    return true;
}

// Whether an index has room for an item by its own key's attributes: items may be older than their index.
bool fits_index(const KeyNames& names, const Item& item) {
    const auto bytes_of = [&](const std::string& name) -> size_t {
        const AttributeValue* value = name.empty() ? nullptr : item.find(name);
        if (value == nullptr) return 0;
        if (const auto* text = value->as<std::string>()) return text->size();
        if (const auto* binary = value->as<Binary>()) return binary->bytes.size();
        return 0;
    };
    return bytes_of(names.partition) <= partition_key_bytes_max && bytes_of(names.sort) <= sort_key_bytes_max;
}

}  // namespace

void append_u32(uint32_t value, std::string* out) {
    for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

void append_u64(uint64_t value, std::string* out) {
    for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

uint32_t read_u32(std::string_view bytes) {
    uint32_t value = 0;
    if (bytes.size() < 4) return 0;
    for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
}

uint64_t read_u64(std::string_view bytes) {
    if (bytes.size() < 8) return 0;
    return uint64_t{read_u32(bytes)} << 32 | read_u32(bytes.substr(4));
}

std::string successor(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
    if (!prefix.empty()) ++prefix.back();
    return prefix;
}

uint32_t hash_of(std::string_view partition) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : partition) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
    hash ^= hash >> 33;  // FNV leaves the high bits of short keys alike: MurmurHash3's finish mixes them
    hash *= 0xff51afd7ed558ccd;
    hash ^= hash >> 33;
    return static_cast<uint32_t>(hash >> 32);
}

Result<std::string> item_key(uint32_t data_id, const KeyNames& names, const Item& item) {
    std::string key(8, '\0');
    bool fits = append_key_attribute(item, names.partition, names.partition_type, true, &key);
    const uint32_t hash = hash_of(std::string_view(key).substr(8));
    if (fits && !names.sort.empty()) fits = append_key_attribute(item, names.sort, names.sort_type, true, &key);
    if (!fits) return Error{ErrorCode::invalid_argument, "The provided key element does not match the schema"};
    std::string head;
    append_u32(data_id, &head);
    append_u32(hash, &head);
    key.replace(0, 8, head);
    return key;
}

std::string id_prefix(uint32_t id) {
    std::string prefix;
    append_u32(id, &prefix);
    return prefix;
}

std::string hash_prefix(uint32_t id, uint32_t hash) {
    std::string prefix = id_prefix(id);
    append_u32(hash, &prefix);
    return prefix;
}

std::string partition_prefix(uint32_t id, const AttributeValue& partition) {
    std::string encoded;
    append_key_value(partition, &encoded);
    return hash_prefix(id, hash_of(encoded)) + encoded;
}

std::optional<std::string> index_key(const Index& index, const KeyNames& table, const Item& item) {
    if (!fits_index(index.key, item)) return std::nullopt;
    std::string key;
    if (!append_key_attribute(item, index.key.partition, index.key.partition_type, false, &key)) return std::nullopt;
    key.insert(0, hash_prefix(index.id, hash_of(key)));
    if (!index.key.sort.empty() && !append_key_attribute(item, index.key.sort, index.key.sort_type, false, &key)) {
        return std::nullopt;
    }
    if (!append_key_attribute(item, table.partition, table.partition_type, true, &key)) return std::nullopt;
    if (!table.sort.empty() && !append_key_attribute(item, table.sort, table.sort_type, true, &key)) {
        return std::nullopt;
    }
    return key;
}

std::string expiry_key(uint32_t ttl_id, uint64_t second, std::string_view place) {
    std::string key = id_prefix(ttl_id);
    append_u64(second, &key);
    key.append(place);
    return key;
}

std::string change_key(uint64_t stream, uint64_t sequence) {
    std::string key;
    append_u64(stream, &key);
    append_u64(sequence, &key);
    return key;
}

std::string meta_key(char kind) {
    return std::string(1, kind);
}

std::string meta_key(char kind, uint32_t id) {
    std::string key(1, kind);
    append_u32(id, &key);
    return key;
}

std::string meta_key(char kind, uint64_t id) {
    std::string key(1, kind);
    append_u64(id, &key);
    return key;
}

std::string garbage_key(Family family, std::string_view prefix) {
    std::string key(1, 'g');
    key.push_back(static_cast<char>(family));
    key.append(prefix);
    return key;
}

}  // namespace millrace::table::engine

#include "src/table/engine/keys.h"

#include "src/table/key_limits.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

// A key attribute of a table's item in the form that sorts. False where it is absent or of another type.
bool append_key_attribute(const Item& item, const std::string& name, Type type, std::string* out) {
    const AttributeValue* value = item.find(name);
    if (value == nullptr || value->type() != type) return false;
    append_key_value(*value, out);
    return true;
}

bool append_table_key(const KeyNames& table, const Item& item, std::string* out) {
    return append_key_attribute(item, table.partition, table.partition_type, out) &&
           (table.sort.empty() || append_key_attribute(item, table.sort, table.sort_type, out));
}

// The same of an index's, which may not be empty and have to fit: items may be older than their index.
bool append_index_attribute(const Item& item, const KeyNames::At& attribute, size_t* bytes_left, std::string* out) {
    const AttributeValue* value = item.find(attribute.name);
    if (value == nullptr || value->type() != attribute.type) return false;
    const size_t bytes = counted_bytes(*value);
    if (bytes == 0 || bytes > *bytes_left) return false;
    *bytes_left -= bytes;
    append_key_value(*value, out);
    return true;
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
    bool fits = append_key_attribute(item, names.partition, names.partition_type, &key);
    const uint32_t hash = hash_of(std::string_view(key).substr(8));
    if (fits && !names.sort.empty()) fits = append_key_attribute(item, names.sort, names.sort_type, &key);
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

std::string partition_prefix(uint32_t id, const AttributeValue& partition, const std::vector<AttributeValue>& more) {
    std::string encoded;
    append_key_value(partition, &encoded);
    for (const AttributeValue& value : more) append_key_value(value, &encoded);
    return hash_prefix(id, hash_of(encoded)) + encoded;
}

std::optional<std::string> index_key(const Index& index, const KeyNames& table, const Item& item) {
    const KeyNames& names = index.key;
    std::string key;
    size_t bytes_left = partition_key_bytes_max;
    for (size_t i = 0; i < names.partitions(); ++i) {
        if (!append_index_attribute(item, names.at(i), &bytes_left, &key)) return std::nullopt;
    }
    key.insert(0, hash_prefix(index.id, hash_of(key)));
    bytes_left = sort_key_bytes_max;
    for (size_t i = names.partitions(); i < names.size(); ++i) {
        if (!append_index_attribute(item, names.at(i), &bytes_left, &key)) return std::nullopt;
    }
    if (!append_table_key(table, item, &key)) return std::nullopt;
    return key;
}

uint32_t partition_hash(const KeyNames& names, const Item& item) {
    std::string partition;
    for (size_t i = 0; i < names.partitions(); ++i) append_key_value(*item.find(names.at(i).name), &partition);
    return hash_of(partition);
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

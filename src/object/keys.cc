#include "src/object/keys.h"

namespace millrace::object::keys {
namespace {

std::string big_endian(uint64_t number, int bytes) {
    std::string out(static_cast<size_t>(bytes), '\0');
    for (int i = bytes - 1; i >= 0; --i, number >>= 8) out[static_cast<size_t>(i)] = static_cast<char>(number & 0xff);
    return out;
}

std::string tagged(char tag, std::string_view rest) {
    std::string out = "object/";
    out.push_back(tag);
    out.push_back('/');
    out.append(rest);
    return out;
}

std::string escaped(std::string_view key) {
    std::string out;
    out.reserve(key.size() + 2);
    for (char c : key) {
        out.push_back(c);
        if (c == '\0') out.push_back('\xff');
    }
    return out;
}

}  // namespace

std::string bucket(std::string_view name) {
    return tagged('b', name);
}

std::string object(std::string_view bucket, std::string_view key) {
    std::string out = objects_of(bucket);
    out.append(key);
    return out;
}

std::string inline_bytes(FileId body) {
    return tagged('i', big_endian(body, 8));
}

std::string extents(FileId body) {
    return tagged('x', big_endian(body, 8));
}

std::string reference(FileId file, FileId owner) {
    return references_of(file) + big_endian(owner, 8);
}

std::string doomed(FileId file, FileId owner) {
    return tagged('d', big_endian(file, 8) + big_endian(owner, 8));
}

std::string lease(uint64_t block) {
    return tagged('l', big_endian(block, 8));
}

std::string next_block() {
    return "object/n";
}

std::string upload(std::string_view bucket, std::string_view key, std::string_view upload_id) {
    std::string out = uploads_of(bucket);
    out.append(escaped(key));
    out.append(std::string_view("\0\1", 2));
    out.append(upload_id);
    return out;
}

std::string part(std::string_view upload_id, int number) {
    return parts_of(upload_id) + big_endian(static_cast<uint64_t>(number), 2);
}

std::string all_buckets() {
    return tagged('b', "");
}

std::string objects_of(std::string_view bucket) {
    std::string out = tagged('k', bucket);
    out.push_back('\0');
    return out;
}

std::string references_of(FileId file) {
    return tagged('r', big_endian(file, 8));
}

std::string all_doomed() {
    return tagged('d', "");
}

std::string all_leases() {
    return tagged('l', "");
}

std::string uploads_of(std::string_view bucket) {
    std::string out = tagged('u', bucket);
    out.push_back('\0');
    return out;
}

std::string uploads_of(std::string_view bucket, std::string_view key_prefix) {
    return uploads_of(bucket) + escaped(key_prefix);
}

std::string parts_of(std::string_view upload_id) {
    return tagged('p', upload_id);
}

uint64_t number_in(std::string_view key, size_t offset) {
    offset += std::string_view("object/l/").size();
    if (key.size() < offset + 8) return 0;
    uint64_t number = 0;
    for (char c : key.substr(offset, 8)) number = number << 8 | static_cast<unsigned char>(c);
    return number;
}

std::string key_of_upload(std::string_view stored, std::string_view bucket_prefix) {
    std::string key;
    for (size_t i = bucket_prefix.size(); i < stored.size(); ++i) {
        if (stored[i] != '\0') {
            key.push_back(stored[i]);
            continue;
        }
        if (++i == stored.size() || stored[i] == '\1') return key;
        key.push_back('\0');
    }
    return {};
}

std::string after_prefix(std::string_view prefix) {
    std::string out(prefix);
    while (!out.empty() && out.back() == '\xff') out.pop_back();
    if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
    return out;
}

}  // namespace millrace::object::keys

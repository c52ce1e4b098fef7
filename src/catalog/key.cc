#include "src/catalog/key.h"

namespace millrace::catalog {

void append_component(std::string& key, std::string_view component) {
    key.reserve(key.size() + component.size() + 2);
    for (const char byte : component) {
        key.push_back(byte);
        if (byte == '\0') key.push_back('\xff');
    }
    key.push_back('\0');
    key.push_back('\x01');
}

std::string key_of(std::initializer_list<std::string_view> components) {
    std::string key;
    for (const std::string_view component : components) append_component(key, component);
    return key;
}

bool take_component(std::string_view& key, std::string& component) {
    component.clear();
    for (size_t i = 0; i + 1 < key.size(); ++i) {
        if (key[i] != '\0') {
            component.push_back(key[i]);
            continue;
        }
        ++i;
        if (key[i] == '\x01') {
            key.remove_prefix(i + 1);
            return true;
        }
        if (key[i] != '\xff') return false;
        component.push_back('\0');
    }
    return false;
}

bool take_components(std::string_view key, std::vector<std::string>& components) {
    components.clear();
    while (!key.empty()) {
        if (!take_component(key, components.emplace_back())) return false;
    }
    return true;
}

}  // namespace millrace::catalog

#include "src/http/message.h"

namespace millrace::http {

void Headers::add(std::string_view name, std::string_view value) {
    if (count_ < fields_.size()) {
        fields_[count_].first.assign(name);
        fields_[count_].second.assign(value);
    } else {
        fields_.emplace_back(name, value);
    }
    ++count_;
}

void Headers::remove(std::string_view name) {
    size_t kept = 0;
    for (size_t i = 0; i < count_; ++i) {
        if (fields_[i].first == name) continue;
        if (kept != i) fields_[kept].swap(fields_[i]);  // and not a move: what is removed stays behind as room
        ++kept;
    }
    count_ = kept;
}

void Headers::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

const std::string* Headers::find(std::string_view name) const {
    for (const Field& field : fields()) {
        if (field.first == name) return &field.second;
    }
    return nullptr;
}

}  // namespace millrace::http

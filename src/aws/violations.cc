#include "src/aws/violations.h"

namespace millrace::aws {
namespace {

constexpr size_t messages_max = 50;
constexpr size_t value_bytes_max = 1024;  // longer values are cut: the caller knows what it sent

std::string lower_first(std::string_view name) {
    std::string text(name);
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + ('a' - 'A'));
    return text;
}

}  // namespace

std::string Place::text() const {
    std::string own;
    if (index != 0) {
        own = std::to_string(index) + ".member";
    } else if (parent != nullptr) {
        own = lower_first(name);
    }
    if (parent == nullptr) return own;
    std::string before = parent->text();
    return before.empty() ? own : before + "." + own;
}

void Violations::add(const Place& at, std::optional<std::string_view> value, std::string_view constraint) {
    // Sensitive and structured values are not repeated: "Value at 'x' failed".
    std::string shown;
    if (value) shown = "'" + std::string(value->substr(0, value_bytes_max)) + "' ";
    add_text(at, shown, constraint);
}

void Violations::add_text(const Place& at, std::string_view value_and_space, std::string_view constraint) {
    ++count_;
    if (messages_.size() >= messages_max) return;
    std::string message = "Value ";
    message += value_and_space;
    message += "at '" + at.text() + "' failed to satisfy constraint: ";
    message += constraint;
    messages_.push_back(std::move(message));
}

Failure Violations::failure(std::string_view code) const {
    std::string text =
        std::to_string(count_) + (count_ == 1 ? " validation error detected: " : " validation errors detected: ");
    for (size_t i = 0; i < messages_.size(); ++i) {
        if (i != 0) text += "; ";
        text += messages_[i];
    }
    return Failure{std::string(code), std::move(text), 400, {}, {}};
}

}  // namespace millrace::aws

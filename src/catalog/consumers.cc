#include "src/catalog/consumers.h"

#include <charconv>

#include "src/catalog/registry.h"

namespace millrace::catalog {
namespace {

constexpr std::string_view kind = "kinesis.consumer";
constexpr std::string_view version = "1";
constexpr size_t listed_max = 1000;  // those of earlier incarnations are among them until they are removed

std::string entry_name(const Stream& stream, std::string_view consumer) {
    return stream.name + ":" + std::string(consumer);  // neither name has a colon
}

// "1 INCARNATION CREATED"
std::string encode(const Consumer& consumer) {
    return std::string(version) + " " + std::to_string(consumer.incarnation) + " " +
           std::to_string(consumer.created.value());
}

Result<Consumer> decode(std::string_view name, std::string_view value) {
    Consumer consumer{.name = std::string(name)};
    const char* const end = value.data() + value.size();
    int64_t created = 0;
    if (value.starts_with("1 ")) {
        const auto first = std::from_chars(value.data() + 2, end, consumer.incarnation);
        if (first.ec == std::errc() && first.ptr < end && *first.ptr == ' ') {
            const auto second = std::from_chars(first.ptr + 1, end, created);
            consumer.created = TimestampMs(created);
            if (second.ec == std::errc() && second.ptr == end) return consumer;
        }
    }
    return Error{ErrorCode::corruption, "the entry of consumer " + std::string(name) + " does not parse"};
}

}  // namespace

std::string consumer_arn(const Stream& stream, const Consumer& consumer) {
    return arn_of(stream) + "/consumer/" + consumer.name + ":" + std::to_string(consumer.created.value() / 1000);
}

std::optional<ConsumerArn> parse_consumer_arn(std::string_view arn) {
    constexpr std::string_view infix = "/consumer/";
    const size_t at = arn.find(infix);
    const size_t colon = arn.rfind(':');
    if (at == arn.npos || colon == arn.npos || colon < at + infix.size()) return std::nullopt;
    ConsumerArn parsed{std::string(arn.substr(0, at)),
                       std::string(arn.substr(at + infix.size(), colon - at - infix.size())), 0};
    const auto [end, error] = std::from_chars(arn.data() + colon + 1, arn.data() + arn.size(), parsed.created_s);
    if (error != std::errc() || end != arn.data() + arn.size()) return std::nullopt;
    return parsed;
}

Result<std::vector<Consumer>> Consumers::list(const Stream& stream) {
    const std::string prefix = entry_name(stream, "");
    TRY_ASSIGN(const std::vector<Entry> entries, registry_.list(kind, stream.scope, prefix, listed_max));
    std::vector<Consumer> consumers;
    for (const Entry& entry : entries) {
        if (!entry.name.starts_with(prefix)) break;
        TRY_ASSIGN(Consumer consumer, decode(std::string_view(entry.name).substr(prefix.size()), entry.value));
        if (consumer.incarnation == stream.incarnation) consumers.push_back(std::move(consumer));
    }
    return consumers;
}

Result<std::optional<Consumer>> Consumers::find(const Stream& stream, std::string_view name) {
    TRY_ASSIGN(const auto value, registry_.get(kind, stream.scope, entry_name(stream, name)));
    if (!value) return std::optional<Consumer>();
    TRY_ASSIGN(Consumer consumer, decode(name, *value));
    if (consumer.incarnation != stream.incarnation) return std::optional<Consumer>();
    return std::optional(std::move(consumer));
}

Result<Consumer> Consumers::add(const Stream& stream, const std::string& name, TimestampMs now) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const std::vector<Consumer> all, list(stream));
    for (const Consumer& one : all) {
        if (one.name == name) return Error{ErrorCode::already_exists, "Consumer " + name + " already exists."};
    }
    if (all.size() >= consumers_max) {
        return Error{ErrorCode::resource_exhausted, "A stream has at most 20 registered consumers."};
    }
    Consumer consumer{name, stream.incarnation, now};
    TRY(registry_.put(kind, stream.scope, entry_name(stream, name), encode(consumer)));
    return consumer;
}

Status Consumers::remove(const Stream& stream, std::string_view name) {
    const std::lock_guard lock(mutex_);
    return registry_.remove(kind, stream.scope, entry_name(stream, name));
}

Status Consumers::remove_all(const Stream& stream) {
    TRY_ASSIGN(const std::vector<Consumer> all, list(stream));
    for (const Consumer& one : all) TRY(remove(stream, one.name));
    return {};
}

}  // namespace millrace::catalog

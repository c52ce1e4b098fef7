#include "src/function/registry/function_store.h"

#include <charconv>
#include <mutex>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/function/registry/record_codec.h"
#include "src/io/clock.h"

namespace millrace::function {
namespace {

constexpr size_t page = 500;  // entries a read of the registry

Error no_function(std::string_view name) {
    return {ErrorCode::not_found, "there is no function " + std::string(name)};
}

std::optional<uint64_t> number_of(std::string_view text) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
    return number;
}

// What makes a version another one: everything but its own name, times, and the description, which publishing may set
// and which is compared apart.
std::string substance(FunctionDefinition definition) {
    definition.version.clear();
    definition.revision_id.clear();
    definition.description.clear();
    definition.modified = TimestampMs(0);
    return encode(definition);
}

}  // namespace

FunctionStore::FunctionStore(catalog::Registry& registry, const io::Clock& clock, uint64_t code_bytes_max,
                             Changed changed)
    : registry_(registry), clock_(clock), code_bytes_max_(code_bytes_max), changed_(std::move(changed)) {}

Status FunctionStore::load() {
    Status bad;
    TRY(registry_.for_each(function_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        Result<FunctionRecord> record = decode_record(scope, entry.value);
        if (record.ok()) return place(nullptr, std::make_shared<const FunctionRecord>(std::move(record).value()));
        if (bad.ok()) bad = std::move(record).error();
    }));
    TRY(std::move(bad));
    for (const Record& record : all()) {
        TRY(each_version(*record, 0, [&](const FunctionDefinition& version) {
            usage_[version.scope].code_bytes += version.package_bytes;
            return true;
        }));
    }
    return {};
}

FunctionStore::Record FunctionStore::find(const Scope& scope, std::string_view name) const {
    const std::shared_lock held(mutex_);
    const auto at = records_.find(Key(scope, name));
    return at == records_.end() ? nullptr : at->second;
}

Result<FunctionStore::Record> FunctionStore::record(const Scope& scope, std::string_view name) const {
    Record found = find(scope, name);
    if (found == nullptr) return no_function(name);
    return found;
}

std::vector<FunctionStore::Record> FunctionStore::list(const Scope& scope, std::string_view after, size_t limit) const {
    const std::shared_lock held(mutex_);
    std::vector<Record> found;
    for (auto at = records_.upper_bound(Key(scope, after));
         at != records_.end() && at->first.first == scope && found.size() < limit; ++at) {
        found.push_back(at->second);
    }
    return found;
}

std::vector<FunctionStore::Record> FunctionStore::all() const {
    const std::shared_lock held(mutex_);
    std::vector<Record> found;
    found.reserve(records_.size());
    for (const auto& [key, record] : records_) found.push_back(record);
    return found;
}

// Puts `after` where `before` was, in memory: the record, its URLs and its part of the sums.
void FunctionStore::place(const Record& before, const Record& after) {
    const std::unique_lock held(mutex_);
    const FunctionDefinition& latest = (after != nullptr ? after : before)->latest;
    Functions::Usage& usage = usage_[latest.scope];
    if (before != nullptr) {
        --usage.functions;
        usage.code_bytes -= before->latest.package_bytes;
        usage.reserved_concurrency -= before->reserved_concurrency.value_or(0);
        for (const auto& [qualifier, url] : before->urls) urls_.erase(url.id);
    }
    if (after == nullptr) {
        records_.erase(Key(latest.scope, latest.name));
        return;
    }
    ++usage.functions;
    usage.code_bytes += after->latest.package_bytes;
    usage.reserved_concurrency += after->reserved_concurrency.value_or(0);
    for (const auto& [qualifier, url] : after->urls) urls_[url.id] = {latest.scope, latest.name, qualifier};
    records_[Key(latest.scope, latest.name)] = after;
}

Status FunctionStore::write(const Record& before, const Record& after) {
    TRY(registry_.put(function_kind, after->latest.scope, after->latest.name, encode(*after)));
    place(before, after);
    changed_(before, after);
    return {};
}

Result<FunctionStore::Record> FunctionStore::create(FunctionRecord record) {
    const FunctionDefinition& latest = record.latest;
    const auto held = locks_.lock(latest.name);
    if (find(latest.scope, latest.name) != nullptr) {
        return Error{ErrorCode::already_exists, "Function already exist: " + latest.name};
    }
    if (usage(latest.scope).code_bytes + latest.package_bytes > code_bytes_max_) {
        return Error{ErrorCode::resource_exhausted, "Code storage limit exceeded."};
    }
    TRY_ASSIGN(record.incarnation, registry_.next_number("lambda.incarnation"));
    record.created = record.latest.modified = clock_.now();
    record.latest.revision_id = random_uuid();
    Record made = std::make_shared<const FunctionRecord>(std::move(record));
    TRY(write(nullptr, made));
    return made;
}

Result<FunctionStore::Record> FunctionStore::update(const Scope& scope, std::string_view name,
                                                    const Functions::Edit& edit) {
    const auto held = locks_.lock(name);
    const Record before = find(scope, name);
    if (before == nullptr) return no_function(name);
    FunctionRecord changed = *before;
    TRY(edit(changed));
    if (encode(changed.latest) != encode(before->latest)) {
        changed.latest.revision_id = random_uuid();
        changed.latest.modified = clock_.now();
    }
    const uint64_t freed = before->latest.package_bytes;
    const uint64_t taken = changed.latest.package_bytes;
    if (taken > freed && usage(scope).code_bytes - freed + taken > code_bytes_max_) {
        return Error{ErrorCode::resource_exhausted, "Code storage limit exceeded."};
    }
    Record after = std::make_shared<const FunctionRecord>(std::move(changed));
    TRY(write(before, after));
    return after;
}

Status FunctionStore::remove(const Scope& scope, std::string_view name) {
    const auto held = locks_.lock(name);
    const Record before = find(scope, name);
    if (before == nullptr) return no_function(name);
    TRY_ASSIGN(const std::vector<FunctionDefinition> gone, versions(*before, 0, SIZE_MAX));
    TRY(registry_.remove(function_kind, scope, name));  // from here on nobody sees the versions
    place(before, nullptr);
    changed_(before, nullptr);
    for (const FunctionDefinition& version : gone) {
        const Status removed = registry_.remove(
            version_kind, scope, version_key(name, before->incarnation, number_of(version.version).value_or(0)));
        if (!removed.ok() && removed.error().code != ErrorCode::not_found) return removed;
        const std::unique_lock counting(mutex_);
        usage_[scope].code_bytes -= version.package_bytes;
    }
    return {};
}

Result<FunctionDefinition> FunctionStore::publish(const Scope& scope, std::string_view name,
                                                  std::optional<std::string> description,
                                                  const std::function<Status(const FunctionRecord&)>& check) {
    const auto held = locks_.lock(name);
    const Record before = find(scope, name);
    if (before == nullptr) return no_function(name);
    TRY(check(*before));
    if (!before->version_newest.empty()) {
        Result<FunctionDefinition> newest = version(*before, before->version_newest);
        const std::string& now = before->latest.description;
        const bool described_the_same = before->version_newest_described.value_or(now) == now;
        if (newest.ok() && described_the_same && substance(*newest) == substance(before->latest)) return newest;
    }
    if (usage(scope).code_bytes + before->latest.package_bytes > code_bytes_max_) {
        return Error{ErrorCode::resource_exhausted, "Code storage limit exceeded."};
    }
    FunctionDefinition made = before->latest;
    made.version = std::to_string(before->version_next);
    made.revision_id = random_uuid();
    made.modified = clock_.now();
    if (description) made.description = std::move(*description);
    TRY(registry_.put(version_kind, scope, version_key(name, before->incarnation, before->version_next), encode(made)));
    FunctionRecord counted = *before;
    counted.version_next = before->version_next + 1;
    counted.version_newest = made.version;
    counted.version_newest_described = before->latest.description;
    TRY(write(before, std::make_shared<const FunctionRecord>(std::move(counted))));
    const std::unique_lock counting(mutex_);
    usage_[scope].code_bytes += made.package_bytes;
    return made;
}

Result<FunctionDefinition> FunctionStore::version(const FunctionRecord& record, std::string_view number) const {
    const std::optional<uint64_t> wanted = number_of(number);
    const Error none{ErrorCode::not_found,
                     "the function " + record.latest.name + " has no version " + std::string(number)};
    if (!wanted || *wanted >= record.version_next) return none;
    TRY_ASSIGN(const auto stored, registry_.get(version_kind, record.latest.scope,
                                                version_key(record.latest.name, record.incarnation, *wanted)));
    if (!stored) return none;
    return decode_definition(record.latest.scope, *stored);
}

// Until `visit` says false.
Status FunctionStore::each_version(const FunctionRecord& record, uint64_t after,
                                   const std::function<bool(FunctionDefinition)>& visit) const {
    const std::string end = version_key(record.latest.name, record.incarnation, record.version_next);
    std::string at = version_key(record.latest.name, record.incarnation, after);
    for (;;) {
        TRY_ASSIGN(const auto entries, registry_.list(version_kind, record.latest.scope, at, page));
        for (const catalog::Entry& entry : entries) {
            if (entry.name >= end) return {};
            TRY_ASSIGN(FunctionDefinition version, decode_definition(record.latest.scope, entry.value));
            if (!visit(std::move(version))) return {};
            at = entry.name;
        }
        if (entries.size() < page) return {};
    }
}

Result<std::vector<FunctionDefinition>> FunctionStore::versions(const FunctionRecord& record, uint64_t after,
                                                                size_t limit) const {
    std::vector<FunctionDefinition> found;
    if (limit == 0) return found;
    TRY(each_version(record, after, [&](FunctionDefinition version) {
        found.push_back(std::move(version));
        return found.size() < limit;
    }));
    return found;
}

Status FunctionStore::remove_version(const Scope& scope, std::string_view name, std::string_view number) {
    const auto held = locks_.lock(name);
    const Record before = find(scope, name);
    if (before == nullptr) return no_function(name);
    TRY_ASSIGN(const FunctionDefinition gone, version(*before, number));
    for (const auto& [alias_name, alias] : before->aliases) {
        if (alias.version == number || alias.additional.contains(std::string(number))) {
            return Error{ErrorCode::failed_precondition, "the alias " + alias_name + " points to the version"};
        }
    }
    TRY(registry_.remove(version_kind, scope, version_key(name, before->incarnation, number_of(number).value_or(0))));
    {
        const std::unique_lock counting(mutex_);
        usage_[scope].code_bytes -= gone.package_bytes;
    }
    FunctionRecord changed = *before;
    const std::string qualifier(number);
    changed.policies.erase(qualifier);
    changed.event_invoke.erase(qualifier);
    changed.provisioned.erase(qualifier);
    return write(before, std::make_shared<const FunctionRecord>(std::move(changed)));
}

Result<FunctionName> FunctionStore::find_url(std::string_view url_id) const {
    const std::shared_lock held(mutex_);
    const auto at = urls_.find(std::string(url_id));
    if (at == urls_.end()) return Error{ErrorCode::not_found, "no function has the URL " + std::string(url_id)};
    return at->second;
}

Functions::Usage FunctionStore::usage(const Scope& scope) const {
    const std::shared_lock held(mutex_);
    const auto at = usage_.find(scope);
    return at == usage_.end() ? Functions::Usage() : at->second;
}

Result<std::set<std::string>> FunctionStore::packages_in_use() const {
    std::set<std::string> used;
    const auto add = [&](const FunctionDefinition& definition) {
        used.insert(definition.package_sha256);
        for (const UsedLayer& layer : definition.layers) used.insert(layer.package_sha256);
        return true;
    };
    for (const Record& record : all()) {
        add(record->latest);
        TRY(each_version(*record, 0, add));
    }
    return used;
}

}  // namespace millrace::function

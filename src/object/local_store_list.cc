// Listing: a walk over the bucket's keys in order. A common prefix costs one seek, however many keys it stands for.
#include "src/object/local_store.h"

namespace millrace::object {
namespace {

// The part of `key` that stands for a group of keys: through the first delimiter after the prefix. Empty where none.
std::string_view group_of(std::string_view key, const ListOptions& options) {
    if (options.delimiter.empty() || !key.starts_with(options.prefix)) return {};
    const size_t found = key.find(options.delimiter, options.prefix.size());
    return found == std::string_view::npos ? std::string_view() : key.substr(0, found + options.delimiter.size());
}

}  // namespace

Result<ListPage> LocalStore::list(std::string_view bucket, const ListOptions& options) {
    TRY(find_bucket(bucket));
    ListPage page;
    if (options.keys_max == 0) return page;  // as S3: nothing, and not truncated

    const std::string base = keys::objects_of(bucket);
    std::string from = base + options.prefix;
    if (!options.start_after.empty()) {
        // A whole group came last on the page before: go on behind it.
        const bool group = group_of(options.start_after, options) == options.start_after;
        from = std::max(from, group ? keys::after_prefix(base + options.start_after)
                                    : base + options.start_after + std::string(1, '\0'));
    }
    const std::string within = base + options.prefix;
    const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
    cursor->seek(from);
    while (cursor->valid() && cursor->key().starts_with(within)) {
        const std::string_view key = cursor->key().substr(base.size());
        if (page.objects.size() + page.common_prefixes.size() == options.keys_max) {
            page.truncated = true;
            return page;
        }
        if (const std::string_view group = group_of(key, options); !group.empty()) {
            page.next_start_after = group;
            page.common_prefixes.emplace_back(group);
            cursor->seek(keys::after_prefix(base + page.common_prefixes.back()));
            continue;
        }
        TRY_ASSIGN(ObjectInfo info, decode_listed(cursor->value()));
        info.key = key;
        page.next_start_after = info.key;
        page.objects.push_back(std::move(info));
        cursor->next();
    }
    TRY(cursor->status());
    page.next_start_after.clear();
    return page;
}

}  // namespace millrace::object

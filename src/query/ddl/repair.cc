#include "src/query/ddl/repair.h"

#include <cctype>

#include "src/object/store.h"
#include "src/query/ddl/executor.h"
#include "src/query/session/query_tables.h"

namespace millrace::query {

namespace {

// What Hive escapes in the folder names it writes.
bool escaped_in_paths(unsigned char c) {
    return c < 0x20 || c == 0x7f ||
           std::string_view("\"#%'*/:=?\\{}[]^").find(static_cast<char>(c)) != std::string_view::npos;
}

std::string escape(std::string_view value) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (escaped_in_paths(byte)) {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out;
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = std::tolower(static_cast<unsigned char>(c));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

struct Walk {
    const catalog::Table& table;
    object::Store& objects;
    std::string bucket;
    std::vector<std::vector<std::string>> found;
    std::vector<std::string> values;

    // Every folder "key=value/" under `prefix` for the next key.
    Status below(const std::string& prefix) {
        const std::string& key = table.partition_keys[values.size()].name;
        object::ListOptions options;
        options.prefix = prefix;
        options.delimiter = "/";
        for (;;) {
            TRY_ASSIGN(const object::ListPage page, objects.list(bucket, options));
            for (const std::string& folder : page.common_prefixes) {
                std::string_view name = std::string_view(folder).substr(prefix.size());
                if (name.ends_with('/')) name.remove_suffix(1);
                const size_t equals = name.find('=');
                if (equals == std::string_view::npos) continue;
                std::string key_here(name.substr(0, equals));
                for (char& c : key_here) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                if (key_here != key) continue;
                values.push_back(unescape(name.substr(equals + 1)));
                if (values.size() == table.partition_keys.size()) {
                    found.push_back(values);
                } else {
                    TRY(below(folder));
                }
                values.pop_back();
            }
            if (!page.truncated) return {};
            options.start_after = page.next_start_after;
        }
    }
};

}  // namespace

std::string partition_path(const std::vector<catalog::Column>& keys, const std::vector<std::string>& values) {
    std::string path;
    for (size_t i = 0; i < keys.size() && i < values.size(); ++i) {
        if (i > 0) path += '/';
        path += escape(keys[i].name) + "=" + escape(values[i]);
    }
    return path;
}

Result<std::vector<std::vector<std::string>>> partitions_on_disk(const catalog::Table& table, object::Store& objects,
                                                                 std::string_view account) {
    Walk walk{.table = table, .objects = objects, .bucket = {}, .found = {}, .values = {}};
    std::string prefix;
    if (table.partition_keys.empty() || !parse_location(table.storage.location, &walk.bucket, &prefix)) {
        return Error{ErrorCode::invalid_argument,
                     "FAILED: SemanticException MSCK REPAIR TABLE needs a partitioned table with an S3 location"};
    }
    if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
    TRY(object::check_owner(objects, walk.bucket, account));
    TRY(walk.below(prefix));
    return std::move(walk.found);
}

}  // namespace millrace::query

#include "src/service/dynamodb/items/answer.h"

#include <algorithm>

#include "src/io/executor.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_name.h"
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

// More names than these: the tree is cheaper than looking for each in the bytes.
constexpr size_t names_looked_up_max = 4;

bool is_top_level(const std::vector<table::Path>& paths) {
    return std::all_of(paths.begin(), paths.end(), [](const table::Path& path) { return path.size() == 1; });
}

}  // namespace

Result<table::Item> picked(const table::StoredItem& item, const std::vector<table::Path>& paths) {
    if (paths.size() > names_looked_up_max || !is_top_level(paths)) {
        TRY_ASSIGN(const table::Item whole, item.item());
        return pick(whole, paths);
    }
    table::Item some;
    for (const table::Path& path : paths) {
        TRY_ASSIGN(auto value, table::decode_attribute(item.bytes(), path.front().name));
        if (value) some.set(path.front().name, std::move(*value));
    }
    return some;
}

Status append_item(const table::StoredItem& item, const Projection& projection, std::string* out) {
    if (!projection) return table::append_json_of_encoded(item.bytes(), out);
    TRY_ASSIGN(const table::Item some, picked(item, *projection));
    table::append_json(some, out);
    return {};
}

void answer(const aws::RawCall& call, Result<std::string> body) {
    if (!body) return call.fail(failure_of(body.error()));
    call.succeed(*std::move(body));
}

void run_on(io::Executor& executor, const aws::RawCall& call, std::function<void()> work) {
    if (!executor.submit(std::move(work))) {
        call.fail({"ThrottlingException", "Too many requests wait: try again"});
    }
}

aws::Outcome<table::TableRef> find_items_table(table::Tables& tables, const aws::CallContext& context,
                                               std::string_view given, std::string_view place) {
    TRY_ASSIGN(const std::string name, table_name(context, given, place));
    auto table = tables.find(context.scope, name);
    if (!table) return table_not_found();
    const table::TableState state = (*table)->state;
    if (state == table::TableState::creating || state == table::TableState::deleting) return table_not_found();
    return *std::move(table);
}

}  // namespace millrace::service::dynamodb

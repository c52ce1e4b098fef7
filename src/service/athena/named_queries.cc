// Saved queries, one durable entry each: kind "athena.named_query", named by its id.
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/service/athena/athena.h"
#include "src/service/athena/errors.h"
#include "src/service/athena/limits.h"
#include "src/service/athena/page.h"
#include "src/service/athena/stored.h"

namespace millrace::service::athena {

using namespace aws::athena;

namespace {

constexpr size_t read_at_once = 500;

aws::Failure no_such(const std::string& id) {
    return invalid_request("NamedQuery " + id + " does not exist");
}

// The same token makes the same id, so that a call tried again makes no second query.
std::string id_for(const Scope& scope, const std::optional<std::string>& token) {
    if (!token) return random_uuid();
    std::string id = hex_encode(sha256(scope.account + "/" + scope.region + "/" + *token)).substr(0, 32);
    for (size_t at : {20, 16, 12, 8}) id.insert(at, 1, '-');
    return id;
}

}  // namespace

Result<std::vector<std::string>> Athena::named_query_ids(const Scope& scope, std::string_view work_group) {
    std::vector<std::string> ids;
    std::string after;
    for (;;) {
        TRY_ASSIGN(const auto entries, registry_.list(named_query_kind, scope, after, read_at_once));
        for (const catalog::Entry& entry : entries) {
            TRY_ASSIGN(const GetNamedQueryOutput stored, decode_stored<GetNamedQueryOutput>(entry.value));
            const std::optional<std::string> group = stored.NamedQuery ? stored.NamedQuery->WorkGroup : std::nullopt;
            if (group.value_or(std::string(primary_work_group)) == work_group) ids.push_back(entry.name);
        }
        if (entries.size() < read_at_once) return ids;
        after = entries.back().name;
    }
}

aws::Outcome<CreateNamedQueryOutput> Athena::create_named_query(const aws::CallContext& context,
                                                                const CreateNamedQueryInput& input) {
    NamedQuery query;
    query.Name = input.Name;
    query.Description = input.Description;
    query.Database = input.Database;
    query.QueryString = input.QueryString;
    query.WorkGroup = input.WorkGroup.value_or(std::string(primary_work_group));
    query.NamedQueryId = id_for(context.scope, input.ClientRequestToken);
    const std::lock_guard lock(work_groups_.changes());  // its group is not deleted meanwhile
    ATHENA_TRY(work_groups_.get(context.scope, *query.WorkGroup));
    ATHENA_TRY_ASSIGN(const auto earlier,
                      get_stored<GetNamedQueryOutput>(registry_, named_query_kind, context.scope, *query.NamedQueryId));
    if (earlier && earlier->NamedQuery &&
        (earlier->NamedQuery->QueryString != query.QueryString || earlier->NamedQuery->Name != query.Name)) {
        return invalid_request("Idempotent parameters do not match");
    }
    ATHENA_TRY(registry_.put(named_query_kind, context.scope, *query.NamedQueryId,
                             encode_stored(GetNamedQueryOutput{.NamedQuery = query})));
    return CreateNamedQueryOutput{.NamedQueryId = query.NamedQueryId};
}

aws::Outcome<GetNamedQueryOutput> Athena::get_named_query(const aws::CallContext& context,
                                                          const GetNamedQueryInput& input) {
    ATHENA_TRY_ASSIGN(auto query,
                      get_stored<GetNamedQueryOutput>(registry_, named_query_kind, context.scope, input.NamedQueryId));
    if (!query) return no_such(input.NamedQueryId);
    return std::move(*query);
}

aws::Outcome<BatchGetNamedQueryOutput> Athena::batch_get_named_query(const aws::CallContext& context,
                                                                     const BatchGetNamedQueryInput& input) {
    BatchGetNamedQueryOutput output;
    output.NamedQueries.emplace();
    output.UnprocessedNamedQueryIds.emplace();
    for (const std::string& id : input.NamedQueryIds) {
        ATHENA_TRY_ASSIGN(auto query, get_stored<GetNamedQueryOutput>(registry_, named_query_kind, context.scope, id));
        if (query && query->NamedQuery) {
            output.NamedQueries->push_back(std::move(*query->NamedQuery));
            continue;
        }
        const aws::Failure failure = no_such(id);
        output.UnprocessedNamedQueryIds->push_back(
            {.NamedQueryId = id, .ErrorCode = failure.code, .ErrorMessage = failure.message});
    }
    return output;
}

aws::Outcome<ListNamedQueriesOutput> Athena::list_named_queries(const aws::CallContext& context,
                                                                const ListNamedQueriesInput& input) {
    const std::string group = input.WorkGroup.value_or(std::string(primary_work_group));
    ATHENA_TRY(work_groups_.get(context.scope, group));
    TRY_ASSIGN(const std::string after, decode_token(input.NextToken));
    const auto asked = static_cast<size_t>(input.MaxResults.value_or(0));
    const size_t limit = asked == 0 ? list_page_max : asked;
    ATHENA_TRY_ASSIGN(const std::vector<std::string> ids, named_query_ids(context.scope, group));
    ListNamedQueriesOutput output;
    output.NamedQueryIds.emplace();
    for (const std::string& id : ids) {
        if (id <= after) continue;
        if (output.NamedQueryIds->size() == limit) {
            output.NextToken = encode_token(output.NamedQueryIds->back());
            break;
        }
        output.NamedQueryIds->push_back(id);
    }
    return output;
}

aws::Outcome<DeleteNamedQueryOutput> Athena::delete_named_query(const aws::CallContext& context,
                                                                const DeleteNamedQueryInput& input) {
    const Status removed = registry_.remove(named_query_kind, context.scope, input.NamedQueryId);
    if (!removed.ok() && removed.error().code == ErrorCode::not_found) return no_such(input.NamedQueryId);
    ATHENA_TRY(removed);
    return DeleteNamedQueryOutput{};
}

}  // namespace millrace::service::athena

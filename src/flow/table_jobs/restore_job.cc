// Interrupted, a restore loads everything again over what is there: the same items under the same keys.
#include "src/flow/table_jobs/restore_job.h"

#include <boost/json.hpp>

#include "src/flow/table_jobs/backup_file.h"
#include "src/flow/table_jobs/loader.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/table/value/item_codec.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr uint64_t report_every_items = 10'000;

Status fill(const TableJobParts& parts, Job* job, JobRun& run, Loader& loader) {
    TRY_ASSIGN(const RestoreRequest request, decode_restore_request(job->request));
    const auto add = [&](std::string_view bytes) -> Status {
        if (run.stopping()) return {ErrorCode::cancelled, "stopping"};
        TRY_ASSIGN(table::Item item, table::decode_item(bytes));
        TRY(loader.add(std::move(item), bytes.size()));
        if (++job->processed % report_every_items == 0) {
            job->items = loader.items();
            TRY(run.report(*job, false));
        }
        return {};
    };
    job->processed = 0;
    if (!request.backup_id.empty()) {
        Job backup;
        backup.scope = job->scope;
        backup.id = request.backup_id;
        run.begun();
        TRY(read_backup(parts.files, backup_path(parts, backup), add));
        return loader.flush();
    }
    TRY_ASSIGN(const table::TableRef source, parts.tables.find(job->scope, request.source_table));
    if (source->id != request.source_table_id) return {ErrorCode::not_found, "the source table was deleted"};
    Status failed;
    TRY(parts.tables.for_each(source, request.as_of, [&](const table::StoredItem& item) {
        if (job->processed == 0) run.begun();
        failed = add(item.bytes());
        return failed.ok();
    }));
    TRY(failed);
    return loader.flush();
}

}  // namespace

std::string encode(const RestoreRequest& request) {
    return json::serialize(json::object{{"backup_id", request.backup_id},
                                        {"source_table", request.source_table},
                                        {"source_table_id", request.source_table_id},
                                        {"as_of", request.as_of.value()}});
}

Result<RestoreRequest> decode_restore_request(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        RestoreRequest request;
        request.backup_id = json::value_to<std::string>(object.at("backup_id"));
        request.source_table = json::value_to<std::string>(object.at("source_table"));
        request.source_table_id = object.at("source_table_id").to_number<uint64_t>();
        request.as_of = TimestampMs(object.at("as_of").to_number<int64_t>());
        return request;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("the record of a restore is damaged: ") + error.what()};
    }
}

Status run_restore(const TableJobParts& parts, Job* job, JobRun& run) {
    TRY_ASSIGN(const table::TableRef target, table_being_made(parts.tables, job->scope, job->table, job->table_id));
    Loader loader(parts.tables, target);
    const Status filled = fill(parts, job, run, loader);
    job->items = loader.items();
    job->bytes = loader.bytes();
    if (!filled.ok()) {
        if (filled.error().code != ErrorCode::cancelled) {
            drop_unfinished(parts.tables, job->scope, job->table, job->table_id);
        }
        return filled;
    }
    return finish_table(parts.tables, *target);
}

}  // namespace millrace::flow

// A backup: the items of one moment in a file. Interrupted, it is made again from the beginning, of the moment it was
// asked for where the table keeps its history, else of a later one: nobody was told that it is there yet.
#include "src/flow/table_jobs/backup_file.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/table/tables.h"

namespace millrace::flow {
namespace {

constexpr uint64_t report_every_items = 10'000;

}  // namespace

Status run_backup(const TableJobParts& parts, Job* job, JobRun& run) {
    TRY_ASSIGN(const table::TableRef table, parts.tables.find(job->scope, job->table));
    if (table->id != job->table_id) return {ErrorCode::not_found, "the table was deleted"};
    const bool again = !job->progress.empty();
    std::optional<TimestampMs> as_of;
    if (again && table->history && table->history_since <= job->created) as_of = job->created;
    job->progress = "{}";
    TRY(run.report(*job, true));

    TRY_ASSIGN(const std::unique_ptr<BackupWriter> writer, BackupWriter::create(parts.files, backup_path(parts, *job)));
    Status failed;
    bool begun = false;
    TRY(parts.tables.for_each(table, as_of, [&](const table::StoredItem& item) {
        if (!begun) run.begun();
        begun = true;
        if (run.stopping()) {
            failed = Error{ErrorCode::cancelled, "stopping"};
            return false;
        }
        // Counted as stored: what the table itself counts needs each item decoded.
        failed = writer->add(item.bytes(), item.bytes().size());
        if (writer->items() % report_every_items == 0) {
            job->items = writer->items();
            static_cast<void>(run.report(*job, false));
        }
        return failed.ok();
    }));
    TRY(failed);
    TRY(writer->finish());
    job->items = writer->items();
    job->bytes = writer->counted_bytes();
    return {};
}

}  // namespace millrace::flow

// An import goes through the objects in the order of their keys. After each its counts and its key are saved, so that
// one that was interrupted goes on with the object it was in: loading records again changes nothing. Records that are
// no items of the table are counted, logged and left out, as is the rest of an object that can not be understood; the
// import has failed then, and the table stays with what it got, as on AWS. An object that can not be read leaves no
// table.
#include "src/flow/table_jobs/import_job.h"

#include <boost/json.hpp>

#include "src/base/json_text.h"
#include "src/flow/table_jobs/import_format.h"
#include "src/flow/table_jobs/loader.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/object/store.h"
#include "src/table/arn.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr uint64_t report_every_records = 10'000;
constexpr uint64_t logged_errors_max = 10'000;  // ours: a file of another format must not fill the journal
constexpr size_t logged_bytes_max = 1'000;      // of what is wrong with one

class Import {
  public:
    Import(const TableJobParts& parts, Job* job, JobRun& run, ImportRequest request, table::TableRef table)
        : parts_(parts), job_(*job), run_(run), request_(std::move(request)), table_(std::move(table)) {}

    Status carry_out() {
        TRY(check_job_bucket(parts_, request_.bucket, &job_));
        object::ListOptions options{.prefix = request_.prefix, .delimiter = {}, .start_after = job_.progress};
        for (;;) {
            TRY_ASSIGN(const object::ListPage page, parts_.objects.list(request_.bucket, options));
            for (const object::ObjectInfo& object : page.objects) {
                if (object.size == 0) continue;
                TRY(read_object(object.key));
                job_.progress = object.key;
                TRY(run_.report(job_, true));
            }
            if (!page.truncated) return {};
            options.start_after = page.next_start_after;
        }
    }

  private:
    Status read_object(const std::string& key) {
        TRY_ASSIGN(const std::unique_ptr<object::ObjectReader> reader,
                   parts_.objects.open_object(request_.bucket, key));
        uint64_t offset = 0;
        ObjectText text(request_.compression, [&](char* out, size_t size) -> Result<size_t> {
            TRY_ASSIGN(const size_t got, reader->read_at(offset, std::span(out, size)));
            offset += got;
            return got;
        });
        const auto records = import_records(request_.format, request_.csv, text, *table_);
        Loader loader(parts_.tables, table_);
        const Job before = job_;
        const auto count = [&] {
            job_.items = before.items + loader.items();
            job_.bytes = before.bytes + text.taken();
        };
        for (uint64_t index = 0;; ++index) {
            if (run_.stopping()) return {ErrorCode::cancelled, "stopping"};
            auto record = records->next();
            if (!record.ok()) {
                if (record.error().code != ErrorCode::invalid_argument)
                    return with_context(std::move(record).error(), key);
                refuse(key, index, record.error().message);
                break;
            }
            if (!*record) break;
            TRY(add(key, index, *std::move(*record), loader));
            if (job_.processed % report_every_records != 0) continue;
            count();
            TRY(run_.report(job_, false));
        }
        TRY(loader.flush());
        count();
        return {};
    }

    Status add(const std::string& key, uint64_t index, Result<table::Item> item, Loader& loader) {
        const Status fits = item.ok() ? check_item(*item, *table_) : Status(item.error());
        if (!fits.ok()) {
            refuse(key, index, fits.error().message);
            return {};
        }
        ++job_.processed;
        const size_t bytes = table::counted_bytes(*item);
        return loader.add(*std::move(item), bytes);
    }

    // The entry is AWS's. What is wrong may hold bytes of the object: they can be anything, and megabytes.
    void refuse(const std::string& key, uint64_t index, const std::string& why) {
        ++job_.processed;
        if (++job_.errors > logged_errors_max || !parts_.log) return;
        std::string entry = R"({"itemS3Pointer":{"bucket":)";
        append_json_string(request_.bucket, entry);
        entry += R"(,"key":)";
        append_json_string(key, entry);
        entry += R"(,"itemIndex":)" + std::to_string(index) + R"(},"importArn":)";
        append_json_string(table::arn_of(job_.scope, job_.table) + "/import/" + job_.id, entry);
        entry += R"(,"errorMessages":[)";
        append_json_string(std::string_view(why).substr(0, logged_bytes_max), entry);
        entry += "]}";
        parts_.log(job_.scope, std::string(import_log_group), job_.id + "/error", std::move(entry));
    }

    const TableJobParts& parts_;
    Job& job_;
    JobRun& run_;
    const ImportRequest request_;
    const table::TableRef table_;
};

// A crash came between the table's end and the job's.
bool is_finished(table::Tables& tables, const Job& job) {
    const auto table = tables.find(job.scope, job.table);
    return table.ok() && (*table)->id == job.table_id && (*table)->state != table::TableState::creating;
}

Status outcome_of(Job* job) {
    if (job->errors == 0) return {};
    job->failure_code = "ItemValidationError";
    return {ErrorCode::invalid_argument,
            "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for "
            "more details."};
}

}  // namespace

std::string encode(const ImportRequest& request) {
    json::array header;
    for (const std::string& name : request.csv.header) header.emplace_back(name);
    return json::serialize(json::object{{"bucket", request.bucket},
                                        {"prefix", request.prefix},
                                        {"csv", request.format == ImportFormat::csv},
                                        {"ion", request.format == ImportFormat::ion},
                                        {"delimiter", std::string(1, request.csv.delimiter)},
                                        {"header", std::move(header)},
                                        {"compression", static_cast<int>(request.compression)}});
}

Result<ImportRequest> decode_import_request(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        ImportRequest request;
        request.bucket = json::value_to<std::string>(object.at("bucket"));
        request.prefix = json::value_to<std::string>(object.at("prefix"));
        if (object.at("csv").as_bool()) request.format = ImportFormat::csv;
        if (const json::value* ion = object.if_contains("ion"); ion != nullptr && ion->as_bool()) {
            request.format = ImportFormat::ion;
        }
        request.csv.delimiter = object.at("delimiter").as_string().at(0);
        request.csv.header = json::value_to<std::vector<std::string>>(object.at("header"));
        request.compression = static_cast<InputCompression>(object.at("compression").to_number<int>());
        return request;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("the record of an import is damaged: ") + error.what()};
    }
}

Status run_import(const TableJobParts& parts, Job* job, JobRun& run) {
    TRY_ASSIGN(ImportRequest request, decode_import_request(job->request));
    if (is_finished(parts.tables, *job)) return outcome_of(job);
    TRY_ASSIGN(const table::TableRef table, table_being_made(parts.tables, job->scope, job->table, job->table_id));
    run.begun();
    const Status filled = Import(parts, job, run, std::move(request), table).carry_out();
    if (filled.ok()) {
        TRY(finish_table(parts.tables, *table));
        return outcome_of(job);
    }
    if (filled.error().code != ErrorCode::cancelled) {
        drop_unfinished(parts.tables, job->scope, job->table, job->table_id);
    }
    return filled;
}

}  // namespace millrace::flow

// An import goes through the objects in the order of their keys. After each its counts and its key are saved, so that
// one that was interrupted goes on with the object it was in: loading records again changes nothing. Records that are
// no items of the table are counted and left out, as AWS does; an object that can not be read fails the import.
#include "src/flow/table_jobs/import_job.h"

#include <boost/json.hpp>

#include "src/flow/table_jobs/import_format.h"
#include "src/flow/table_jobs/loader.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/object/store.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr uint64_t report_every_records = 10'000;

class Import {
  public:
    Import(const TableJobParts& parts, Job* job, JobRun& run, ImportRequest request, table::TableRef table)
        : parts_(parts), job_(*job), run_(run), request_(std::move(request)), table_(std::move(table)) {}

    Status carry_out() {
        Status owned = object::check_owner(parts_.objects, request_.bucket, job_.scope.account);
        if (!owned.ok()) {
            job_.failure_code = owned.error().code == ErrorCode::not_found ? "S3NoSuchBucket" : "S3AccessDenied";
            return owned;
        }
        object::ListOptions options{.prefix = request_.prefix, .delimiter = {}, .start_after = job_.progress};
        bool any = !job_.progress.empty();
        for (;;) {
            TRY_ASSIGN(const object::ListPage page, parts_.objects.list(request_.bucket, options));
            for (const object::ObjectInfo& object : page.objects) {
                if (object.size == 0) continue;
                any = true;
                TRY(read_object(object.key));
                job_.bytes += object.size;
                job_.progress = object.key;
                TRY(run_.report(job_, true));
            }
            if (!page.truncated) break;
            options.start_after = page.next_start_after;
        }
        if (any) return {};
        job_.failure_code = "S3NoSuchKey";
        return {ErrorCode::not_found, "there are no objects under " + request_.prefix + " in " + request_.bucket};
    }

  private:
    Status read_object(const std::string& key) {
        TRY_ASSIGN(const std::unique_ptr<object::ObjectReader> reader,
                   parts_.objects.open_object(request_.bucket, key));
        uint64_t offset = 0;
        LineReader lines(request_.compression, [&](char* out, size_t size) -> Result<size_t> {
            TRY_ASSIGN(const size_t got, reader->read_at(offset, std::span(out, size)));
            offset += got;
            return got;
        });
        Loader loader(parts_.tables, table_);
        const uint64_t items_before = job_.items;
        std::vector<std::string> header = request_.header;
        for (;;) {
            if (run_.stopping()) return {ErrorCode::cancelled, "stopping"};
            bool too_long = false;
            auto line = lines.next(request_.csv, &too_long);
            if (!line.ok()) {
                job_.failure_code = "ValidationError";
                return with_context(std::move(line).error(), key);
            }
            if (!*line) break;
            if ((*line)->empty() && !too_long) continue;
            if (request_.csv && header.empty()) {
                TRY(read_header(**line, key, &header));
                continue;
            }
            TRY(add(**line, header, loader));
            job_.items = items_before + loader.items();
            if (job_.processed % report_every_records == 0) TRY(run_.report(job_, false));
        }
        TRY(loader.flush());
        job_.items = items_before + loader.items();
        return {};
    }

    Status read_header(std::string_view line, const std::string& key, std::vector<std::string>* header) {
        if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
        auto names = split_csv(line, request_.delimiter);
        if (!names) {
            job_.failure_code = "ValidationError";
            return {ErrorCode::invalid_argument, key + ": the first line is not the names of CSV's columns"};
        }
        *header = *std::move(names);
        return {};
    }

    Status add(std::string_view line, const std::vector<std::string>& header, Loader& loader) {
        ++job_.processed;
        auto item = parse(line, header);
        if (!item.ok() || !check_item(*item, *table_).ok()) {
            ++job_.errors;
            return {};
        }
        const size_t bytes = table::counted_bytes(*item);
        return loader.add(*std::move(item), bytes);
    }

    Result<table::Item> parse(std::string_view line, const std::vector<std::string>& header) const {
        if (!request_.csv) return parse_import_json(line);
        auto fields = split_csv(line, request_.delimiter);
        if (!fields) return {ErrorCode::invalid_argument, "quotes that do not match"};
        return item_of_csv(header, *std::move(fields), *table_);
    }

    const TableJobParts& parts_;
    Job& job_;
    JobRun& run_;
    const ImportRequest request_;
    const table::TableRef table_;
};

}  // namespace

std::string encode(const ImportRequest& request) {
    json::array header;
    for (const std::string& name : request.header) header.emplace_back(name);
    return json::serialize(json::object{{"bucket", request.bucket},
                                        {"prefix", request.prefix},
                                        {"csv", request.csv},
                                        {"delimiter", std::string(1, request.delimiter)},
                                        {"header", std::move(header)},
                                        {"compression", static_cast<int>(request.compression)}});
}

Result<ImportRequest> decode_import_request(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        ImportRequest request;
        request.bucket = json::value_to<std::string>(object.at("bucket"));
        request.prefix = json::value_to<std::string>(object.at("prefix"));
        request.csv = object.at("csv").as_bool();
        request.delimiter = object.at("delimiter").as_string().at(0);
        request.header = json::value_to<std::vector<std::string>>(object.at("header"));
        request.compression = static_cast<InputCompression>(object.at("compression").to_number<int>());
        return request;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("the record of an import is damaged: ") + error.what()};
    }
}

Status run_import(const TableJobParts& parts, Job* job, JobRun& run) {
    TRY_ASSIGN(ImportRequest request, decode_import_request(job->request));
    TRY_ASSIGN(const table::TableRef table, table_being_made(parts.tables, job->scope, job->table, job->table_id));
    run.begun();
    const Status filled = Import(parts, job, run, std::move(request), table).carry_out();
    if (filled.ok()) return finish_table(parts.tables, *table);
    if (filled.error().code != ErrorCode::cancelled) {
        drop_unfinished(parts.tables, job->scope, job->table, job->table_id);
    }
    return filled;
}

}  // namespace millrace::flow

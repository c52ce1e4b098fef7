// An export writes, under PREFIX/AWSDynamoDB/ID/:
//   _started                     empty, first: the bucket can be written
//   data/NAME.json.gz            the items as lines (export_lines.h), a new file every part_bytes; NAME.ion.gz of Ion.
//   What
//                                an incremental export has lies under PREFIX/AWSDynamoDB/data, with that of others
//   manifest-files.json (.md5)   a line a data file: items, MD5, ETag, key
//   manifest-summary.json (.md5) the export itself, last
// (AWS's documentation calls the two .checksum; its exports have .md5.) Names follow from the export's id: interrupted,
// it writes the same files again from the same moment.
#include "src/flow/table_jobs/export_job.h"

#include <ctime>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/base/time_text.h"
#include "src/flow/encoder_formats.h"
#include "src/flow/table_jobs/export_lines.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/object/store.h"
#include "src/table/tables.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr uint64_t part_bytes = 128 << 20;  // of JSON, before compression

// 26 lower-case letters and digits, as AWS's.
std::string data_name(const std::string& id, size_t number) {
    constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
    std::string name;
    for (const char byte : sha256(id + "/" + std::to_string(number)).substr(0, 26)) {
        name += digits[static_cast<uint8_t>(byte) % digits.size()];
    }
    return name;
}

struct DataFile {
    std::string key;
    uint64_t items = 0;
    std::string md5;  // base64
    std::string etag;
};

// One data file on its way.
class Part {
  public:
    static Result<std::unique_ptr<Part>> begin(object::Store& objects, const std::string& bucket, std::string key) {
        TRY_ASSIGN(std::unique_ptr<object::Upload> upload, objects.begin_put(bucket, key, {}));
        return std::unique_ptr<Part>(new Part(std::move(upload), std::move(key)));
    }
    Status add(std::string_view line) {
        ++items_;
        bytes_ += line.size();
        return gzip_->write(line);
    }
    bool full() const { return bytes_ >= part_bytes; }
    Result<DataFile> finish() {
        TRY(gzip_->finish());
        TRY_ASSIGN(const object::ObjectInfo info, upload_->commit());
        std::string digest;
        MILLRACE_CHECK(hex_decode(info.etag, &digest));  // of a whole put: its MD5
        return DataFile{.key = key_, .items = items_, .md5 = base64_encode(digest), .etag = info.etag};
    }

  private:
    Part(std::unique_ptr<object::Upload> upload, std::string key)
        : upload_(std::move(upload)),
          key_(std::move(key)),
          gzip_(make_gzip_encoder([this](std::string_view bytes) { return upload_->write(bytes); })) {}

    std::unique_ptr<object::Upload> upload_;
    const std::string key_;
    std::unique_ptr<Encoder> gzip_;
    uint64_t items_ = 0;
    uint64_t bytes_ = 0;
};

class Export {
  public:
    Export(const TableJobParts& parts, Job* job, JobRun& run, ExportRequest request)
        : parts_(parts), job_(*job), run_(run), request_(std::move(request)) {
        const std::string root = (request_.prefix.empty() ? "" : request_.prefix + "/") + "AWSDynamoDB/";
        folder_ = root + job_.id + "/";
        data_folder_ = (request_.from ? root : folder_) + "data/";
    }

    Status carry_out() {
        TRY(check_bucket());
        TRY(put("_started", ""));
        TRY_ASSIGN(const table::TableRef table, parts_.tables.find(job_.scope, job_.table));
        if (table->id != job_.table_id) return {ErrorCode::not_found, "the table was deleted"};
        TRY(write_items(table));
        TRY(write_manifests());
        return {};
    }

  private:
    Status check_bucket() {
        Status owned = check_job_bucket(parts_, request_.bucket, &job_);
        if (owned.ok() && !request_.bucket_owner.empty() && request_.bucket_owner != job_.scope.account) {
            job_.failure_code = "S3AccessDenied";
            return {ErrorCode::permission_denied,
                    "Access Denied: bucket " + request_.bucket + " is not of account " + request_.bucket_owner};
        }
        return owned;
    }

    Status put(const std::string& name, std::string_view bytes) {
        auto info = parts_.objects.put(request_.bucket, folder_ + name, bytes, {});
        return info.ok() ? Status() : Status(info.error());
    }
    // With its MD5 beside it.
    Status put_checked(const std::string& name, std::string_view bytes) {
        TRY(put(name + ".json", bytes));
        return put(name + ".md5", base64_encode(md5(bytes)));
    }

    Status write_items(const table::TableRef& table) {
        ExportLines lines({.ion = request_.ion, .old_images = request_.old_images}, table->key);
        TRY(begin_part());
        Status failed;
        job_.items = job_.bytes = 0;
        if (request_.from) {
            TRY(parts_.tables.for_each_changed(table, *request_.from, request_.as_of,
                                               [&](const table::ChangedItem& item) {
                                                   failed = write(lines.change(item), bytes_of(item));
                                                   return failed.ok();
                                               }));
        } else {
            TRY(parts_.tables.for_each(table, request_.as_of, [&](const table::StoredItem& item) {
                failed = write(lines.item(item), item.bytes().size());
                return failed.ok();
            }));
        }
        TRY(failed);
        return end_part();  // an empty table has one empty file, as AWS's
    }

    static size_t bytes_of(const table::ChangedItem& item) {
        return (item.before ? item.before->bytes().size() : 0) + (item.after ? item.after->bytes().size() : 0);
    }

    Status write(const Result<std::string_view>& line, size_t bytes) {
        if (run_.stopping()) return {ErrorCode::cancelled, "stopping"};
        if (!line.ok()) return line.error();
        if (part_->full()) {
            TRY(end_part());
            TRY(begin_part());
            TRY(run_.report(job_, false));
        }
        TRY(part_->add(*line));
        ++job_.items;
        job_.bytes += bytes;
        return {};
    }

    Status begin_part() {
        const std::string key =
            data_folder_ + data_name(job_.id, files_.size()) + (request_.ion ? ".ion.gz" : ".json.gz");
        TRY_ASSIGN(part_, Part::begin(parts_.objects, request_.bucket, key));
        return {};
    }
    Status end_part() {
        TRY_ASSIGN(DataFile file, part_->finish());
        files_.push_back(std::move(file));
        return {};
    }

    Status write_manifests() {
        std::string lines;
        for (const DataFile& file : files_) {
            lines += json::serialize(json::object{{"itemCount", file.items},
                                                  {"md5Checksum", file.md5},
                                                  {"etag", file.etag},
                                                  {"dataFileS3Key", file.key}}) +
                     "\n";
        }
        TRY(put_checked("manifest-files", lines));
        const json::value prefix = request_.prefix.empty() ? json::value(nullptr) : json::value(request_.prefix);
        json::object summary{{"version", request_.from ? "2023-08-01" : "2020-06-30"},
                             {"exportArn", request_.export_arn},
                             {"startTime", iso_milliseconds(job_.created) + "Z"},
                             {"endTime", iso_milliseconds(parts_.clock.now()) + "Z"},
                             {"tableArn", request_.table_arn},
                             {"tableId", request_.table_uuid}};
        const std::string end = iso_milliseconds(request_.as_of) + "Z";
        if (request_.from) {
            summary["exportFromTime"] = iso_milliseconds(*request_.from) + "Z";
            summary["exportToTime"] = end;
        } else {
            summary["exportTime"] = end;
        }
        summary["s3Bucket"] = request_.bucket;
        summary["s3Prefix"] = prefix;
        summary["s3SseAlgorithm"] = nullptr;
        summary["s3SseKmsKeyId"] = nullptr;
        summary["manifestFilesS3Key"] = folder_ + "manifest-files.json";
        summary["billedSizeBytes"] = job_.bytes;
        summary["itemCount"] = job_.items;
        summary["outputFormat"] = request_.ion ? "ION" : "DYNAMODB_JSON";
        if (request_.from) summary["outputView"] = request_.old_images ? "NEW_AND_OLD_IMAGES" : "NEW_IMAGE";
        summary["exportType"] = request_.from ? "INCREMENTAL_EXPORT" : "FULL_EXPORT";
        TRY(put_checked("manifest-summary", json::serialize(summary)));
        job_.result = folder_ + "manifest-summary.json";
        return {};
    }

    const TableJobParts& parts_;
    Job& job_;
    JobRun& run_;
    const ExportRequest request_;
    std::string folder_, data_folder_;
    std::unique_ptr<Part> part_;
    std::vector<DataFile> files_;
};

}  // namespace

std::string encode(const ExportRequest& request) {
    json::object out{{"bucket", request.bucket},         {"prefix", request.prefix},
                     {"as_of", request.as_of.value()},   {"table_arn", request.table_arn},
                     {"table_uuid", request.table_uuid}, {"export_arn", request.export_arn}};
    out["bucket_owner"] = request.bucket_owner;
    out["ion"] = request.ion;
    if (request.from) {
        out["from"] = request.from->value();
        out["old_images"] = request.old_images;
    }
    return json::serialize(out);
}

Result<ExportRequest> decode_export_request(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        ExportRequest request;
        request.bucket = json::value_to<std::string>(object.at("bucket"));
        request.prefix = json::value_to<std::string>(object.at("prefix"));
        request.as_of = TimestampMs(object.at("as_of").to_number<int64_t>());
        if (const json::value* from = object.if_contains("from")) {
            request.from = TimestampMs(from->to_number<int64_t>());
            request.old_images = object.at("old_images").as_bool();
        }
        if (const json::value* owner = object.if_contains("bucket_owner")) {
            request.bucket_owner = json::value_to<std::string>(*owner);
        }
        if (const json::value* ion = object.if_contains("ion")) request.ion = ion->as_bool();
        request.table_arn = json::value_to<std::string>(object.at("table_arn"));
        request.table_uuid = json::value_to<std::string>(object.at("table_uuid"));
        request.export_arn = json::value_to<std::string>(object.at("export_arn"));
        return request;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("the record of an export is damaged: ") + error.what()};
    }
}

Status run_export(const TableJobParts& parts, Job* job, JobRun& run) {
    TRY_ASSIGN(ExportRequest request, decode_export_request(job->request));
    run.begun();  // of a moment that is given: nothing written later is in it
    return Export(parts, job, run, std::move(request)).carry_out();
}

}  // namespace millrace::flow

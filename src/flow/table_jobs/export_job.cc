// An export writes, under PREFIX/AWSDynamoDB/ID/:
//   _started                          empty, first: the bucket can be written
//   data/NAME.json.gz                 items as {"Item":{...}} lines, a new file every part_bytes
//   manifest-files.json (.checksum)   a line a data file: items, MD5, ETag, key
//   manifest-summary.json (.checksum) the export itself, last
// Names follow from the export's id: interrupted, it writes the same files again from the same moment.
#include "src/flow/table_jobs/export_job.h"

#include <ctime>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/base/time_text.h"
#include "src/flow/encoder_formats.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/object/store.h"
#include "src/table/tables.h"
#include "src/table/value/item_json.h"

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
        folder_ = (request_.prefix.empty() ? "" : request_.prefix + "/") + "AWSDynamoDB/" + job_.id + "/";
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
        Status owned = object::check_owner(parts_.objects, request_.bucket, job_.scope.account);
        if (!owned.ok()) {
            job_.failure_code = owned.error().code == ErrorCode::not_found ? "S3NoSuchBucket" : "S3AccessDenied";
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
        return put(name + ".checksum", base64_encode(md5(bytes)));
    }

    Status write_items(const table::TableRef& table) {
        TRY(begin_part());
        Status failed;
        job_.items = job_.bytes = 0;
        TRY(parts_.tables.for_each(table, request_.as_of, [&](const table::StoredItem& item) {
            failed = write(item);
            return failed.ok();
        }));
        TRY(failed);
        return end_part();  // an empty table has one empty file, as AWS's
    }

    Status write(const table::StoredItem& item) {
        if (run_.stopping()) return {ErrorCode::cancelled, "stopping"};
        line_ = R"({"Item":)";
        TRY(table::append_json_of_encoded(item.bytes(), &line_));
        line_ += "}\n";
        if (part_->full()) {
            TRY(end_part());
            TRY(begin_part());
            TRY(run_.report(job_, false));
        }
        TRY(part_->add(line_));
        ++job_.items;
        job_.bytes += item.bytes().size();
        return {};
    }

    Status begin_part() {
        const std::string key = folder_ + "data/" + data_name(job_.id, files_.size()) + ".json.gz";
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
        const json::object summary{{"version", "2020-06-30"},
                                   {"exportArn", request_.export_arn},
                                   {"startTime", iso_milliseconds(job_.created) + "Z"},
                                   {"endTime", iso_milliseconds(parts_.clock.now()) + "Z"},
                                   {"tableArn", request_.table_arn},
                                   {"tableId", request_.table_uuid},
                                   {"exportTime", iso_milliseconds(request_.as_of) + "Z"},
                                   {"s3Bucket", request_.bucket},
                                   {"s3Prefix", prefix},
                                   {"s3SseAlgorithm", nullptr},
                                   {"s3SseKmsKeyId", nullptr},
                                   {"manifestFilesS3Key", folder_ + "manifest-files.json"},
                                   {"billedSizeBytes", job_.bytes},
                                   {"itemCount", job_.items},
                                   {"outputFormat", "DYNAMODB_JSON"},
                                   {"exportType", "FULL_EXPORT"}};
        TRY(put_checked("manifest-summary", json::serialize(summary)));
        job_.result = folder_ + "manifest-summary.json";
        return {};
    }

    const TableJobParts& parts_;
    Job& job_;
    JobRun& run_;
    const ExportRequest request_;
    std::string folder_;
    std::unique_ptr<Part> part_;
    std::vector<DataFile> files_;
    std::string line_;
};

}  // namespace

std::string encode(const ExportRequest& request) {
    return json::serialize(json::object{{"bucket", request.bucket},
                                        {"prefix", request.prefix},
                                        {"as_of", request.as_of.value()},
                                        {"table_arn", request.table_arn},
                                        {"table_uuid", request.table_uuid},
                                        {"export_arn", request.export_arn}});
}

Result<ExportRequest> decode_export_request(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        ExportRequest request;
        request.bucket = json::value_to<std::string>(object.at("bucket"));
        request.prefix = json::value_to<std::string>(object.at("prefix"));
        request.as_of = TimestampMs(object.at("as_of").to_number<int64_t>());
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

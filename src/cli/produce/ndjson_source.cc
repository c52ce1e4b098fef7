#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "src/cli/produce/record_source.h"

namespace millrace::cli {
namespace {

constexpr size_t kLineBytesMax = 16 << 20;

class NdjsonSource : public RecordSource {
  public:
    NdjsonSource(std::unique_ptr<Input> input, std::string partition_key)
        : input_(std::move(input)), key_member_(std::move(partition_key)), buffer_(256 << 10, '\0') {}

    Result<bool> next(Record& record) override {
        do {
            TRY_ASSIGN(bool more, read_line(record.data));
            if (!more) return false;
        } while (record.data.find_first_not_of(" \t\r\n") == std::string::npos);
        if (key_member_.empty()) {
            record.partition_key = std::to_string(line_);
            return true;
        }
        TRY_ASSIGN(record.partition_key, key_of(record.data));
        return true;
    }

    double fraction() const override { return input_->fraction(); }

  private:
    // With its line feed, or one added where the last line has none. False at the end.
    Result<bool> read_line(std::string& line) {
        line.clear();
        ++line_;
        while (true) {
            if (at_ == end_) {
                TRY_ASSIGN(end_, input_->read(std::span<char>(buffer_)));
                at_ = 0;
                if (end_ == 0) {
                    if (line.empty()) return false;
                    line += '\n';
                    return true;
                }
            }
            const size_t feed = buffer_.find('\n', at_);
            const bool whole = feed < end_;
            const size_t stop = whole ? feed + 1 : end_;
            line.append(buffer_, at_, stop - at_);
            at_ = stop;
            if (line.size() > kLineBytesMax) return refuse("it is longer than 16 MiB");
            if (whole) return true;
        }
    }
    Result<std::string> key_of(const std::string& line) const {
        boost::system::error_code error;
        boost::json::value value = boost::json::parse(line, error);
        if (error || !value.is_object()) return refuse("it is not a JSON object");
        const boost::json::value* member = value.as_object().if_contains(key_member_);
        if (member == nullptr) return refuse("it has no member \"" + key_member_ + "\"");
        std::string key = member->is_string() ? std::string(member->as_string()) : boost::json::serialize(*member);
        if (key.empty() || key.size() > 256) return refuse("its partition key is not 1 to 256 characters long");
        return key;
    }
    Error refuse(const std::string& why) const {
        return {ErrorCode::invalid_argument, "line " + std::to_string(line_) + ": " + why};
    }

    std::unique_ptr<Input> input_;
    std::string key_member_;
    std::string buffer_;
    size_t at_ = 0;
    size_t end_ = 0;
    uint64_t line_ = 0;
};

}  // namespace

Result<std::unique_ptr<RecordSource>> make_ndjson_source(std::unique_ptr<Input> input, std::string partition_key) {
    return std::unique_ptr<RecordSource>(std::make_unique<NdjsonSource>(std::move(input), std::move(partition_key)));
}

}  // namespace millrace::cli

#include <algorithm>
#include <cstring>
#include <ctime>

#include "src/aws/json.h"
#include "src/cli/client/api.h"
#include "src/cli/produce/csv.h"
#include "src/cli/produce/record_source.h"

namespace millrace::cli {
namespace {

enum class Kind : uint8_t { text, number, time };

struct Column {
    std::string opening;  // ,"Name": with the quote of a string's value where it has one
    std::string name;
    Kind kind = Kind::text;
    std::string format;
};

class CsvSource : public RecordSource {
  public:
    CsvSource(std::unique_ptr<Input> input, Encoding encoding)
        : input_(std::move(input)), reader_(*input_), encoding_(encoding) {}

    Status open(const CsvOptions& options) {
        TRY_ASSIGN(bool any, reader_.next(fields_));
        if (!any) return {ErrorCode::invalid_argument, "the CSV has no header line"};
        // A byte order mark is no part of the first column's name.
        if (fields_[0].starts_with("\xef\xbb\xbf")) fields_[0].erase(0, 3);
        for (const std::string& field : fields_) {
            Column column;
            TRY_ASSIGN(column.name, text_of(field));
            columns_.push_back(std::move(column));
        }
        for (const std::string& name : options.numbers) {
            TRY_ASSIGN(size_t at, find(name));
            columns_[at].kind = Kind::number;
        }
        for (const auto& [name, format] : options.times) {
            TRY_ASSIGN(size_t at, find(name));
            columns_[at].kind = Kind::time;
            columns_[at].format = format;
        }
        if (!options.partition_key.empty()) {
            TRY_ASSIGN(key_column_, find(options.partition_key));
        }
        for (Column& column : columns_) {
            column.opening = json_quoted(column.name) + (column.kind == Kind::number ? ":" : ":\"");
        }
        return {};
    }

    Result<bool> next(Record& record) override {
        TRY_ASSIGN(bool more, reader_.next(fields_));
        if (!more) return false;
        if (fields_.size() != columns_.size()) {
            return refuse(std::to_string(fields_.size()) + " fields where the header has " +
                          std::to_string(columns_.size()));
        }
        record.data = "{";
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (fields_[i].empty()) continue;
            if (record.data.size() > 1) record.data += ',';
            record.data += columns_[i].opening;
            TRY(append_value(columns_[i], fields_[i], record.data));
        }
        record.data += "}\n";
        const std::string& key = fields_[key_column_];
        // Kinesis wants a key of 1 to 256 characters.
        TRY_ASSIGN(record.partition_key, text_of(key.empty() ? "-" : key));
        size_t end = std::min<size_t>(record.partition_key.size(), 256);
        while (end < record.partition_key.size() && (record.partition_key[end] & 0xc0) == 0x80) --end;
        record.partition_key.resize(end);
        return true;
    }

    double fraction() const override { return input_->fraction(); }

  private:
    Status append_value(const Column& column, const std::string& field, std::string& out) {
        switch (column.kind) {
            case Kind::number:
                if (!is_json_number(field)) {
                    return refuse(column.name + " \"" + field + "\" is not a number as JSON writes it");
                }
                out += field;
                return {};
            case Kind::time: {
                tm parts{};
                const char* end = strptime(field.c_str(), column.format.c_str(), &parts);
                if (end == nullptr || *end != '\0') {
                    return refuse(column.name + " \"" + field + "\" is not a time of the form " + column.format);
                }
                char text[32];
                strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S\"", &parts);
                out += text;
                return {};
            }
            case Kind::text: {
                TRY_ASSIGN(const std::string text, text_of(field));
                aws::append_json_escaped(text, out);
                out += '"';
                return {};
            }
        }
        return {};
    }
    Result<std::string> text_of(const std::string& field) const {
        if (encoding_ == Encoding::latin1) return utf8_from_latin1(field);
        if (is_utf8(field)) return field;
        if (encoding_ == Encoding::guess) return utf8_from_latin1(field);
        return refuse("\"" + utf8_from_latin1(field) + "\" is not UTF-8");
    }
    Result<size_t> find(const std::string& name) const {
        auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
        if (found == columns_.end()) {
            return {ErrorCode::invalid_argument, "the CSV's header has no column \"" + name + "\""};
        }
        return static_cast<size_t>(found - columns_.begin());
    }
    Error refuse(const std::string& why) const {
        return {ErrorCode::invalid_argument, "CSV line " + std::to_string(reader_.line()) + ": " + why};
    }

    std::unique_ptr<Input> input_;
    CsvReader reader_;
    Encoding encoding_;
    std::vector<Column> columns_;
    std::vector<std::string> fields_;
    size_t key_column_ = 0;
};

}  // namespace

CsvOptions retail_options() {
    return {{"Quantity", "UnitPrice"}, {{"InvoiceDate", "%m/%d/%Y %H:%M"}}, "InvoiceNo"};
}

Result<std::unique_ptr<RecordSource>> make_csv_source(std::unique_ptr<Input> input, CsvOptions options) {
    auto source = std::make_unique<CsvSource>(std::move(input), options.encoding);
    TRY(source->open(options));
    return std::unique_ptr<RecordSource>(std::move(source));
}

bool is_utf8(std::string_view text) {
    size_t i = 0;
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        size_t more = 0;
        if (c < 0x80) {
            ++i;
            continue;
        }
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if (c >= 0xe0 && c <= 0xef) {
            more = 2;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
        } else {
            return false;
        }
        if (i + more >= text.size()) return false;
        for (size_t k = 1; k <= more; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        }
        // Overlong forms, surrogates and what lies beyond U+10FFFF, by the second byte.
        const auto second = static_cast<unsigned char>(text[i + 1]);
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
            (c == 0xf4 && second > 0x8f)) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

std::string utf8_from_latin1(std::string_view text) {
    std::string out;
    for (char each : text) {
        const auto c = static_cast<unsigned char>(each);
        if (c < 0x80) {
            out += each;
        } else {
            out += static_cast<char>(0xc0 | (c >> 6));
            out += static_cast<char>(0x80 | (c & 0x3f));
        }
    }
    return out;
}

bool is_json_number(std::string_view text) {
    const auto digits = [&] {
        size_t count = 0;
        while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
        text.remove_prefix(count);
        return count;
    };
    if (text.starts_with('-')) text.remove_prefix(1);
    const bool zero = text.starts_with('0');
    const size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (digits() == 0) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (digits() == 0) return false;
    }
    return text.empty();
}

}  // namespace millrace::cli

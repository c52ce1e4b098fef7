#include "src/cli/produce/csv.h"

namespace millrace::cli {

CsvReader::CsvReader(Input& input, size_t record_bytes_max)
    : input_(input), record_bytes_max_(record_bytes_max), buffer_(256 << 10, '\0') {}

Result<bool> CsvReader::fill() {
    TRY_ASSIGN(end_, input_.read(std::span<char>(buffer_)));
    at_ = 0;
    return end_ > 0;
}

Error CsvReader::refuse(const char* why) const {
    return {ErrorCode::invalid_argument, "CSV line " + std::to_string(record_line_) + ": " + why};
}

Result<bool> CsvReader::next(std::vector<std::string>& fields) {
    enum class State : uint8_t { begin, plain, quoted, after_quote, carriage };
    State state = State::begin;  // of the current field
    size_t count = 0;            // fields begun
    size_t bytes = 0;
    std::string* field = nullptr;
    const auto begin_field = [&] {
        if (count == fields.size()) fields.emplace_back();
        field = &fields[count++];
        field->clear();
        state = State::begin;
    };
    record_line_ = line_;
    while (true) {
        if (at_ == end_) {
            TRY_ASSIGN(bool more, fill());
            if (!more) {
                if (state == State::quoted) return refuse("a quoted field does not end");
                if (field == nullptr) return false;
                fields.resize(count);
                return true;
            }
        }
        if (field == nullptr) begin_field();
        const char c = buffer_[at_++];
        if (++bytes > record_bytes_max_) return refuse("the record is too large: does a quote not close?");
        if (c == '\n') ++line_;
        if (state == State::quoted) {
            if (c == '"') {
                state = State::after_quote;
            } else {
                *field += c;
            }
            continue;
        }
        if (c == '\n') {
            if (count == 1 && field->empty() && state != State::after_quote) {  // an empty line is no record
                field = nullptr;
                count = 0;
                bytes = 0;
                record_line_ = line_;
                state = State::begin;
                continue;
            }
            fields.resize(count);
            return true;
        }
        if (state == State::carriage) {  // a carriage return that ends no line is a byte like others
            *field += '\r';
            state = State::plain;
        }
        if (c == ',') {
            begin_field();
        } else if (c == '"' && state == State::begin) {
            state = State::quoted;
        } else if (c == '"' && state == State::after_quote) {
            *field += '"';
            state = State::quoted;
        } else if (c == '\r') {
            state = State::carriage;
        } else if (state == State::after_quote) {
            return refuse("text follows a closing quote");
        } else {
            *field += c;
            state = State::plain;
        }
    }
}

}  // namespace millrace::cli

#include "src/flow/table_jobs/object_lines.h"

namespace millrace::flow {
namespace {

// Where a record of CSV ends, character by character: quotes mean something at a field's beginning only, as in
// split_csv(). Without a delimiter each line is a record.
class RecordEnd {
  public:
    explicit RecordEnd(std::optional<char> delimiter) : delimiter_(delimiter) { begin_field(); }

    bool is_at(char c) {
        if (at_ == At::quoted) {
            if (c == '"') at_ = At::closed;
            return false;
        }
        if (c == '\n') return true;
        if (c == '"' && (at_ == At::field || at_ == At::closed)) {  // or two quotes, which are one of the field
            at_ = At::quoted;
        } else if (c == delimiter_) {
            begin_field();
        } else {
            at_ = At::text;
        }
        return false;
    }
    void give_up() { at_ = At::text; }

  private:
    enum class At : uint8_t { field, text, quoted, closed };
    void begin_field() { at_ = delimiter_ ? At::field : At::text; }

    const std::optional<char> delimiter_;
    At at_ = At::text;
};

}  // namespace

Result<std::optional<std::string_view>> LineReader::next(std::optional<char> delimiter, bool* too_long) {
    text_.take(std::exchange(given_, 0));
    *too_long = false;
    RecordEnd end(delimiter);
    size_t scanned = 0;
    const auto give = [&](size_t bytes, size_t line_end) {
        std::string_view line = text_.window().substr(0, bytes);
        given_ = bytes + line_end;
        if (line.ends_with('\r')) line.remove_suffix(1);
        return std::optional(*too_long ? std::string_view() : line);
    };
    while (true) {
        const std::string_view window = text_.window();
        for (; scanned < window.size(); ++scanned) {
            if (end.is_at(window[scanned])) return give(scanned, 1);
        }
        if (scanned > import_line_bytes_max) {  // lets go of it and looks for its end
            *too_long = true;
            end.give_up();
            text_.take(std::exchange(scanned, 0));
        }
        TRY_ASSIGN(const bool more, text_.fill());
        if (more) continue;
        if (scanned == 0 && !*too_long) return std::optional<std::string_view>();
        return give(scanned, 0);
    }
}

}  // namespace millrace::flow

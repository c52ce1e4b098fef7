#include "src/flow/table_jobs/object_lines.h"

namespace millrace::flow {

Result<std::optional<std::string_view>> LineReader::next(bool quoted, bool* too_long) {
    text_.take(std::exchange(given_, 0));
    *too_long = false;
    bool inside = false;
    size_t scanned = 0;
    const auto give = [&](size_t bytes, size_t end) {
        std::string_view line = text_.window().substr(0, bytes);
        given_ = bytes + end;
        if (line.ends_with('\r')) line.remove_suffix(1);
        return std::optional(*too_long ? std::string_view() : line);
    };
    while (true) {
        const std::string_view window = text_.window();
        for (; scanned < window.size(); ++scanned) {
            const char c = window[scanned];
            if (c == '"') inside = quoted && !inside;
            if (c == '\n' && !inside) return give(scanned, 1);
        }
        if (scanned > import_line_bytes_max) {  // lets go of it and looks for its end
            *too_long = true;
            inside = false;
            text_.take(std::exchange(scanned, 0));
        }
        TRY_ASSIGN(const bool more, text_.fill());
        if (more) continue;
        if (scanned == 0 && !*too_long) return std::optional<std::string_view>();
        return give(scanned, 0);
    }
}

}  // namespace millrace::flow

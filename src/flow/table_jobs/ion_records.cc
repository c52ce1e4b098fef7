#include "src/flow/table_jobs/ion_records.h"

#include <utility>

namespace millrace::flow {
namespace {

Error not_ion(std::string_view what) {
    return {ErrorCode::invalid_argument, "not Amazon Ion text: " + std::string(what)};
}

bool is_blank(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_identifier(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

}  // namespace

Result<int> IonRecords::at(size_t i) {
    while (i >= text_.window().size()) {
        if (i >= ion_record_bytes_max) return not_ion("a record, or what is between two, is over 4 MiB");
        TRY_ASSIGN(const bool more, text_.fill());
        if (!more) return -1;
    }
    return static_cast<unsigned char>(text_.window()[i]);
}

Result<bool> IonRecords::is_at(size_t i, std::string_view what) {
    for (size_t k = 0; k < what.size(); ++k) {
        TRY_ASSIGN(const int c, at(i + k));
        if (c != static_cast<unsigned char>(what[k])) return false;
    }
    return true;
}

Result<std::optional<std::string_view>> IonRecords::next() {
    text_.take(std::exchange(given_, 0));
    for (;;) {
        TRY(skip_blanks());
        TRY_ASSIGN(const int c, at(0));
        if (!std::exchange(begun_, true) && c == 0xe0) return not_ion("it is binary Ion, which is not read");
        if (c < 0) {
            if (in_list_) return not_ion("a list that does not end");
            return std::optional<std::string_view>();
        }
        if (in_list_ && c == ']') {
            in_list_ = false;
            text_.take(1);
        } else if (in_list_ && between_) {
            if (c != ',') return not_ion("no comma after an element");
            between_ = false;
            text_.take(1);
        } else if (!in_list_ && c == '[') {
            in_list_ = true;
            between_ = false;
            text_.take(1);
        } else if (c == '{') {
            TRY_ASSIGN(given_, struct_end());
            between_ = true;
            return std::optional(text_.window().substr(0, given_));
        } else {
            TRY(take_marker());
        }
    }
}

Status IonRecords::skip_blanks() {
    for (;;) {
        TRY_ASSIGN(const int c, at(0));
        TRY_ASSIGN(const int next, c == '/' ? at(1) : Result<int>(-1));
        if (is_blank(c)) {
            text_.take(1);
        } else if (next == '/' || next == '*') {
            TRY_ASSIGN(const size_t end, comment_end(0));
            text_.take(end);
        } else {
            return {};
        }
    }
}

// $ion_1_0, which says that Ion begins; nothing else but structs may be there.
Status IonRecords::take_marker() {
    constexpr std::string_view marker = "$ion_1_0";
    TRY_ASSIGN(const bool is_marker, is_at(0, marker));
    TRY_ASSIGN(const int after, is_marker ? at(marker.size()) : Result<int>('x'));
    if (in_list_ || is_identifier(after)) return not_ion("a value that is no struct where a record should be");
    text_.take(marker.size());
    return {};
}

Result<size_t> IonRecords::comment_end(size_t begin) {
    TRY_ASSIGN(const int kind, at(begin + 1));
    for (size_t i = begin + 2;; ++i) {
        TRY_ASSIGN(const int c, at(i));
        if (kind == '/' && (c == '\n' || c < 0)) return i;
        if (c < 0) return not_ion("a comment that does not end");
        if (kind == '/' || c != '*') continue;
        TRY_ASSIGN(const int next, at(i + 1));
        if (next == '/') return i + 2;
    }
}

// Of "...", '...' and '''...'''.
Result<size_t> IonRecords::text_end(size_t begin) {
    TRY_ASSIGN(const int quote, at(begin));
    TRY_ASSIGN(const bool is_long, is_at(begin, "'''"));
    for (size_t i = begin + (is_long ? 3 : 1);; ++i) {
        TRY_ASSIGN(const int c, at(i));
        if (c < 0) return not_ion("text that does not end");
        if (c == '\\') {
            ++i;
        } else if (is_long) {
            TRY_ASSIGN(const bool ends, is_at(i, "'''"));
            if (ends) return i + 3;
        } else if (c == quote) {
            return i + 1;
        }
    }
}

// Of {{...}}: base64, or text.
Result<size_t> IonRecords::lob_end(size_t begin) {
    for (size_t i = begin + 2;;) {
        TRY_ASSIGN(const int c, at(i));
        if (c < 0) return not_ion("a blob that does not end");
        if (c == '"' || c == '\'') {
            TRY_ASSIGN(i, text_end(i));
            continue;
        }
        ++i;
        if (c != '}') continue;
        TRY_ASSIGN(const int next, at(i));
        if (next != '}') return not_ion("a blob that does not end");
        return i + 1;
    }
}

// Of the struct at the window's beginning. Which brackets match is the parser's to see.
Result<size_t> IonRecords::struct_end() {
    size_t depth = 0;
    for (size_t i = 0;;) {
        TRY_ASSIGN(const int c, at(i));
        if (c < 0) return not_ion("a struct that does not end");
        TRY_ASSIGN(const int next, c == '{' || c == '/' ? at(i + 1) : Result<int>(-1));
        if (c == '"' || c == '\'') {
            TRY_ASSIGN(i, text_end(i));
        } else if (c == '/' && (next == '/' || next == '*')) {
            TRY_ASSIGN(i, comment_end(i));
        } else if (c == '{' && next == '{' && depth > 0) {
            TRY_ASSIGN(i, lob_end(i));
        } else {
            ++i;
            if (c == '{' || c == '[' || c == '(') ++depth;
            if ((c == '}' || c == ']' || c == ')') && --depth == 0) return i;
        }
    }
}

}  // namespace millrace::flow

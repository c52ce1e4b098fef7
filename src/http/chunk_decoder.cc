#include "src/http/chunk_decoder.h"

#include <algorithm>

#include "src/http/characters.h"

namespace millrace::http {
namespace {

enum class Line : uint8_t { unfinished, bad, whole };

// Finds the line at the front of `bytes`, without its CR LF.
Line first_line(std::string_view bytes, size_t bytes_max, std::string_view* line) {
    size_t end = bytes.substr(0, bytes_max).find('\n');
    if (end == std::string_view::npos) return bytes.size() >= bytes_max ? Line::bad : Line::unfinished;
    if (end == 0 || bytes[end - 1] != '\r') return Line::bad;
    *line = bytes.substr(0, end - 1);
    return Line::whole;
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::bad(std::string_view message) {
    message_ = message;
    return {.bad = true};
}

void ChunkDecoder::skip(uint64_t bytes) {
    left_ -= bytes;
    if (left_ == 0) state_ = State::data_end;
}

ChunkDecoder::Step ChunkDecoder::next(std::string_view bytes, size_t data_bytes_max) {
    if (bytes.empty()) return {};
    switch (state_) {
        case State::size:
            return size_line(bytes);
        case State::data: {
            auto size = static_cast<size_t>(std::min<uint64_t>({left_, bytes.size(), data_bytes_max}));
            if (size > 0) skip(size);
            return {.taken = size, .data = bytes.substr(0, size)};
        }
        case State::data_end:
            if (bytes[0] != '\r') return bad("A chunk is longer than its size says.");
            if (bytes.size() < 2) return {};
            if (bytes[1] != '\n') return bad("A chunk is longer than its size says.");
            state_ = State::size;
            return {.taken = 2};
        case State::trailer:
            return trailer_line(bytes);
    }
    return {};
}

ChunkDecoder::Step ChunkDecoder::size_line(std::string_view bytes) {
    std::string_view line;
    switch (first_line(bytes, line_bytes_max, &line)) {
        case Line::unfinished:
            return {};
        case Line::bad:
            return bad("A chunk's size line does not end in CR LF, or is too long.");
        case Line::whole:
            break;
    }
    uint64_t size = 0;
    size_t digits = 0;
    for (; digits < line.size() && hex_digit(line[digits]) >= 0; ++digits) {
        if (digits == 15) return bad("A chunk's size is not a size.");
        size = size * 16 + static_cast<uint64_t>(hex_digit(line[digits]));
    }
    if (digits == 0) return bad("A chunk's size is not a size.");
    // The grammar allows blanks before an extension; nobody sends them, and readers disagree about them.
    if (digits < line.size() && line[digits] != ';') return bad("A chunk's size is not a size.");
    for (char c : line.substr(digits)) {
        if (!is_field_value(c)) return bad("A chunk's extension has a control character.");
    }
    overhead_ += line.size() - digits;
    if (overhead_ > overhead_bytes_max) return bad("The body's chunk extensions are too long.");
    left_ = size;
    state_ = size > 0 ? State::data : State::trailer;
    if (size == 0) overhead_ = 0;
    return {.taken = line.size() + 2};
}

ChunkDecoder::Step ChunkDecoder::trailer_line(std::string_view bytes) {
    std::string_view line;
    switch (first_line(bytes, trailer_bytes_max_, &line)) {
        case Line::unfinished:
            return {};
        case Line::bad:
            return bad("A trailer line does not end in CR LF, or is too long.");
        case Line::whole:
            break;
    }
    if (line.empty()) return {.taken = 2, .done = true};
    overhead_ += line.size();
    if (overhead_ > overhead_bytes_max) return bad("The body's trailers are too long.");
    size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return bad("A trailer line is not a header field.");
    for (char c : line.substr(0, colon)) {
        if (to_token_lower(c) == 0) return bad("A trailer line is not a header field.");
    }
    for (char c : line.substr(colon)) {
        if (!is_field_value(c)) return bad("A trailer's value has a control character.");
    }
    return {.taken = line.size() + 2, .trailer = line};
}

}  // namespace millrace::http

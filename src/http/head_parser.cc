#include "src/http/head_parser.h"

#include <cstring>

#include "src/http/characters.h"

namespace millrace::http {
void HeadParser::reset() {
    framing_ = Framing();
    taken_ = 0;
    scanned_ = 0;
    started_ = host_ = transfer_encoding_ = close_ = keep_alive_ = false;
    authority_.clear();
    status_ = 0;
    message_ = {};
}

bool HeadParser::bad(int status, std::string_view message) {
    status_ = status;
    message_ = message;
    return false;
}

HeadParser::Outcome HeadParser::feed(std::string_view bytes, size_t* taken, RequestHead* head) {
    size_t at = 0;
    for (;;) {
        const char* begin = bytes.data() + at;
        size_t left = bytes.size() - at;
        const void* found = left > scanned_ ? std::memchr(begin + scanned_, '\n', left - scanned_) : nullptr;
        size_t line_bytes = found ? static_cast<size_t>(static_cast<const char*>(found) - begin) + 1 : left;
        if (taken_ + line_bytes > bytes_max_) {
            bad(431, "The request's header is larger than this server allows.");
            return Outcome::bad;
        }
        if (!found) {
            scanned_ = left;
            *taken = at;
            if (left > 0) started_ = true;
            return Outcome::more;
        }
        scanned_ = 0;
        at += line_bytes;
        taken_ += line_bytes;
        *taken = at;
        if (line_bytes < 2 || begin[line_bytes - 2] != '\r') {
            bad(400, "A header line ends in LF without CR.");
            return Outcome::bad;
        }
        std::string_view line(begin, line_bytes - 2);
        if (head->method.empty()) {
            // Empty lines before a request are skipped (RFC 9112, section 2.2): old clients send one after a body.
            if (line.empty()) continue;
            started_ = true;
            if (!request_line(line, head)) return Outcome::bad;
        } else if (line.empty()) {
            return finish(head) ? Outcome::done : Outcome::bad;
        } else if (!field(line, head)) {
            return Outcome::bad;
        }
    }
}

bool HeadParser::request_line(std::string_view line, RequestHead* head) {
    size_t method_end = line.find(' ');
    size_t target_end = line.rfind(' ');
    if (method_end == std::string_view::npos || target_end == method_end) {
        return bad(400, "The request line is not METHOD TARGET VERSION.");
    }
    std::string_view method = line.substr(0, method_end);
    if (method.empty() || method.size() > 32) return bad(400, "The request's method is not a method.");
    for (char c : method) {
        if (to_token_lower(c) == 0) return bad(400, "The request's method is not a method.");
    }
    std::string_view version = line.substr(target_end + 1);
    if (version == "HTTP/1.1") {
        head->version = 11;
    } else if (version == "HTTP/1.0") {
        head->version = 10;
    } else if (version.starts_with("HTTP/")) {
        return bad(505, "This server speaks HTTP/1.0, HTTP/1.1 and HTTP/2.");
    } else {
        return bad(400, "The request line is not METHOD TARGET VERSION.");
    }
    head->method.assign(method);
    return target(line.substr(method_end + 1, target_end - method_end - 1), head);
}

bool HeadParser::target(std::string_view target, RequestHead* head) {
    if (target.size() > target_bytes_max) return bad(414, "The request's target is too long.");
    for (char c : target) {
        auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '#')
            return bad(400, "The request's target has a forbidden character.");
    }
    if (target == "*" && head->method == "OPTIONS") {
        head->path = "*";
        head->query.clear();
        return true;
    }
    if (!target.empty() && target.front() != '/') {  // absolute form: scheme://authority/path
        size_t scheme_end = target.find("://");
        std::string_view scheme = target.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
        if (!equals_lower(scheme, "http") && !equals_lower(scheme, "https")) {
            return bad(400, "The request's target is neither a path nor a URL.");
        }
        target.remove_prefix(scheme_end + 3);
        size_t authority_end = target.find_first_of("/?");
        std::string_view authority = target.substr(0, authority_end);
        if (authority.empty() || !is_host(authority)) return bad(400, "The request's target names no host.");
        authority_.assign(authority);
        target.remove_prefix(authority.size());
    } else if (target.empty()) {
        return bad(400, "The request's target is empty.");
    }
    size_t question = target.find('?');
    std::string_view path = target.substr(0, question);
    head->path.assign(path.empty() ? std::string_view("/") : path);
    if (question == std::string_view::npos) {
        head->query.clear();
    } else {
        head->query.assign(target.substr(question + 1));
    }
    return true;
}

bool HeadParser::field(std::string_view line, RequestHead* head) {
    if (line.front() == ' ' || line.front() == '\t') return bad(400, "A header field is folded over two lines.");
    if (head->headers.size() >= fields_max) return bad(431, "The request has too many header fields.");
    char name[256];
    size_t colon = 0;
    for (;; ++colon) {
        if (colon == line.size() || colon == sizeof name) return bad(400, "A header line has no field name.");
        if (line[colon] == ':') break;
        name[colon] = to_token_lower(line[colon]);
        if (name[colon] == 0) return bad(400, "A header field's name has a forbidden character.");
    }
    if (colon == 0) return bad(400, "A header field has no name.");
    std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!are_field_value(value)) return bad(400, "A header field's value has a control character.");
    std::string_view lower(name, colon);
    if (!known_field(lower, value, head)) return false;
    head->headers.add(lower, value);
    return true;
}

bool HeadParser::known_field(std::string_view name, std::string_view value, RequestHead* head) {
    switch (name.size()) {
        case 4:
            if (name == "host") {
                if (host_) return bad(400, "The request has more than one Host.");
                if (!is_host(value)) return bad(400, "The request's Host is not a host.");
                host_ = true;
            }
            return true;
        case 6:
            if (name == "expect") {
                if (!equals_lower(value, "100-continue"))
                    return bad(417, "The only expectation served is 100-continue.");
                framing_.expect_continue = true;
            }
            return true;
        case 10:
            if (name == "connection") connection(value);
            return true;
        case 14:
            return name != "content-length" || content_length(value, head);
        case 17:
            if (name == "transfer-encoding") {
                if (transfer_encoding_) return bad(400, "The request has more than one Transfer-Encoding.");
                if (!equals_lower(value, "chunked")) return bad(501, "The only transfer coding served is chunked.");
                transfer_encoding_ = framing_.chunked = true;
            }
            return true;
        default:
            return true;
    }
}

bool HeadParser::content_length(std::string_view value, RequestHead* head) {
    // 18 digits: larger than any body, and no overflow.
    if (value.empty() || value.size() > 18) return bad(400, "The request's Content-Length is not a length.");
    uint64_t length = 0;
    for (char c : value) {
        if (c < '0' || c > '9') return bad(400, "The request's Content-Length is not a length.");
        length = length * 10 + static_cast<uint64_t>(c - '0');
    }
    if (head->content_length && *head->content_length != length) {
        return bad(400, "The request has two different Content-Lengths.");
    }
    head->content_length = length;
    return true;
}

void HeadParser::connection(std::string_view value) {
    while (!value.empty()) {
        size_t comma = value.find(',');
        std::string_view option = trim_blanks(value.substr(0, comma));
        if (equals_lower(option, "close")) close_ = true;
        if (equals_lower(option, "keep-alive")) keep_alive_ = true;
        if (comma == std::string_view::npos) return;
        value.remove_prefix(comma + 1);
    }
}

bool HeadParser::finish(RequestHead* head) {
    if (framing_.chunked && head->content_length) {
        return bad(400, "The request has both a Content-Length and a Transfer-Encoding.");
    }
    if (head->version == 10) {
        if (transfer_encoding_) return bad(400, "HTTP/1.0 has no Transfer-Encoding.");
        framing_.expect_continue = false;  // RFC 9110, section 10.1.1: ignored in HTTP/1.0
        framing_.keep_alive = keep_alive_ && !close_;
    } else {
        if (!host_) return bad(400, "The request has no Host.");
        framing_.keep_alive = !close_;
    }
    if (!authority_.empty()) head->headers.set("host", authority_);
    return true;
}

}  // namespace millrace::http

#include "src/http/response_head.h"

#include <cstdio>
#include <ctime>

#include "src/http/characters.h"

namespace millrace::http {
namespace {

void append_number(uint64_t number, std::string* out) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number > 0);
    out->append(digits + at, sizeof digits - at);
}

void append_clean(std::string_view text, std::string* out) {
    const size_t begin = out->size();
    out->append(text);
    if (are_field_value(text)) return;
    for (size_t i = begin; i < out->size(); ++i) {
        if (!is_field_value((*out)[i])) (*out)[i] = ' ';
    }
}

}  // namespace

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

bool is_server_field(std::string_view name) {
    switch (name.size()) {
        case 4:
            return equals_lower(name, "date");
        case 7:
            return equals_lower(name, "upgrade");
        case 10:
            return equals_lower(name, "connection") || equals_lower(name, "keep-alive");
        case 14:
            return equals_lower(name, "content-length");
        case 17:
            return equals_lower(name, "transfer-encoding");
        default:
            return false;
    }
}

void write_response_head(const Response& response, const HeadOptions& options, std::string* out) {
    out->append("HTTP/1.1 ");
    append_number(static_cast<uint64_t>(response.status), out);
    out->push_back(' ');
    out->append(reason_phrase(response.status));
    out->append("\r\ndate: ");
    out->append(options.date);
    for (const auto& [name, value] : response.headers.fields()) {
        if (is_server_field(name)) continue;
        out->append("\r\n");
        append_clean(name, out);
        out->append(": ");
        append_clean(value, out);
    }
    if (options.content_length) {
        out->append("\r\ncontent-length: ");
        append_number(*options.content_length, out);
    }
    if (options.chunked) out->append("\r\ntransfer-encoding: chunked");
    if (options.close) {
        out->append("\r\nconnection: close");
    } else if (options.say_keep_alive) {
        out->append("\r\nconnection: keep-alive");
    }
    out->append("\r\n\r\n");
}

std::string http_date(int64_t unix_seconds) {
    static const char* const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto seconds = static_cast<time_t>(unix_seconds);
    tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                  months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text;
}

}  // namespace millrace::http

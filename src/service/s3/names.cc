#include "src/service/s3/names.h"

#include <algorithm>

#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"

namespace millrace::service::s3 {
namespace {

bool lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool looks_like_ip(std::string_view name) {
    return std::count(name.begin(), name.end(), '.') == 3 &&
           name.find_first_not_of("0123456789.") == std::string_view::npos;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

bool is_bucket_name(std::string_view name) {
    if (name.size() < 3 || name.size() > 63) return false;
    if (!lower_or_digit(name.front()) || !lower_or_digit(name.back())) return false;
    for (char c : name) {
        if (!lower_or_digit(c) && c != '.' && c != '-') return false;
    }
    if (name.find("..") != std::string_view::npos || looks_like_ip(name)) return false;
    for (std::string_view prefix : {"xn--", "sthree-", "amzn-s3-demo-"}) {
        if (name.starts_with(prefix)) return false;
    }
    for (std::string_view suffix : {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}) {
        if (name.ends_with(suffix)) return false;
    }
    return true;
}

aws::Outcome<void> check_key(std::string_view key) {
    if (key.size() <= key_bytes_max) return {};
    return aws::Failure{"KeyTooLongError",
                        "Your key is too long",
                        400,
                        {{"Size", std::to_string(key.size())}, {"MaxSizeAllowed", std::to_string(key_bytes_max)}},
                        {}};
}

aws::Outcome<CopySource> parse_copy_source(std::string_view header) {
    if (header.starts_with("arn:")) {
        return not_implemented("x-amz-copy-source", "access points are not served; name the source as bucket/key");
    }
    std::string_view path = header;
    if (const size_t query = header.find("?versionId="); query != std::string_view::npos) {
        if (header.substr(query + 11) != "null") {
            return not_implemented("x-amz-copy-source versionId", "buckets have no versions");
        }
        path = header.substr(0, query);
    }
    const std::string decoded = percent_decode(path);
    std::string_view source = decoded;
    if (source.starts_with('/')) source.remove_prefix(1);
    const size_t slash = source.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == source.size()) {
        return invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                                "x-amz-copy-source", header);
    }
    return CopySource{std::string(source.substr(0, slash)), std::string(source.substr(slash + 1))};
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        if (lower_or_digit(c) || (c >= 'A' && c <= 'Z') ||
            std::string_view("-_.*/").find(c) != std::string_view::npos) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.push_back('%');
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        }
    }
    return out;
}

std::string_view unquoted(std::string_view etag) {
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
    return etag;
}

std::string quoted(std::string_view etag) {
    return "\"" + std::string(etag) + "\"";
}

}  // namespace millrace::service::s3

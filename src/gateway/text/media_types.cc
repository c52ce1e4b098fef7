#include "src/gateway/text/media_types.h"

#include "src/gateway/text/uri.h"
#include "src/http/characters.h"

namespace millrace::gateway {

std::string media_type_of(std::string_view header) {
    return lower_case(http::trim_blanks(header.substr(0, header.find(';'))));
}

std::string first_accepted(std::string_view accept) {
    return media_type_of(accept.substr(0, accept.find(',')));
}

bool is_binary(const std::vector<std::string>& binary_media_types, std::string_view media_type) {
    for (const std::string& each : binary_media_types) {
        if (each == "*/*") return true;
        if (media_type.empty()) continue;
        const std::string type = lower_case(each);
        if (type == media_type) return true;
        if (type.ends_with("/*") && media_type.starts_with(std::string_view(type).substr(0, type.size() - 1)))
            return true;
    }
    return false;
}

}  // namespace millrace::gateway

#include "src/service/s3/metadata.h"

#include <algorithm>

#include "src/service/s3/errors.h"

namespace millrace::service::s3 {

std::optional<std::string> stored_encoding(const std::optional<std::string>& header) {
    if (!header) return std::nullopt;
    std::string kept;
    std::string_view rest = *header;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(','), rest.size());
        std::string_view coding = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        while (coding.starts_with(' ')) coding.remove_prefix(1);
        while (coding.ends_with(' ')) coding.remove_suffix(1);
        if (coding.empty() || coding == "aws-chunked") continue;
        if (!kept.empty()) kept += ",";
        kept += coding;
    }
    return kept;
}

aws::Outcome<void> check_user_metadata(const std::map<std::string, std::string>& metadata) {
    size_t bytes = 0;
    for (const auto& [name, value] : metadata) bytes += name.size() + value.size();
    if (bytes <= user_metadata_bytes_max) return {};
    return aws::Failure{"MetadataTooLarge",
                        "Your metadata headers exceed the maximum allowed metadata size",
                        400,
                        {{"Size", std::to_string(bytes)}, {"MaxSizeAllowed", std::to_string(user_metadata_bytes_max)}},
                        {}};
}

aws::Outcome<std::string> storage_class_of(const std::optional<std::string>& header) {
    if (!header) return std::string("STANDARD");
    for (std::string_view immediate :
         {"STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY"}) {
        if (*header == immediate) return *header;
    }
    for (std::string_view other :
         {"GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"}) {
        if (*header == other) {
            return not_implemented("storage class " + *header, "objects are read at once, without a restore");
        }
    }
    return aws::Failure{"InvalidStorageClass",
                        "The storage class you specified is not valid",
                        400,
                        {{"StorageClassRequested", *header}},
                        {}};
}

aws::Outcome<void> check_acl(const std::optional<std::string>& acl) {
    if (!acl || *acl == "private" || *acl == "bucket-owner-full-control") return {};
    return aws::Failure{"AccessControlListNotSupported", "The bucket does not allow ACLs", 400, {}, {}};
}

aws::Outcome<void> check_version(const std::optional<std::string>& version_id) {
    if (!version_id || *version_id == "null") return {};
    return invalid_argument("Invalid version id specified", "versionId", *version_id);
}

}  // namespace millrace::service::s3

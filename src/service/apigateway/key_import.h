// ImportApiKeys' file: comma-separated, with a header that names its columns.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/aws/failure.h"

namespace millrace::service::apigateway {

struct ImportedKey {
    std::string name, value, description;
    bool enabled = true;
    std::vector<std::string> plan_ids;
};

// At most 10,000 rows. BadRequestException: no column "key" and "name", or a row that is not of the header's columns.
aws::Outcome<std::vector<ImportedKey>> parse_key_csv(std::string_view text);

}  // namespace millrace::service::apigateway

#include <cstdio>

#include "src/aws/keys.h"
#include "src/base/time_text.h"
#include "src/cli/commands.h"
#include "src/io/clock.h"

namespace millrace::cli {

Result<int> keys_create(const KeysArguments& arguments) {
    if (arguments.account.size() != 12 || arguments.account.find_first_not_of("0123456789") != std::string::npos) {
        return {ErrorCode::invalid_argument, "an account is 12 digits, not \"" + arguments.account + "\""};
    }
    aws::Keys keys(arguments.data);
    TRY_ASSIGN(aws::Key key, keys.create(arguments.account, arguments.description, io::system_clock().now()));
    if (arguments.json) {
        std::printf("{\"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"%s\", \"Account\": \"%s\"}\n",
                    key.access_key_id.c_str(), key.secret.c_str(), key.account.c_str());
    } else {
        // Lines that a shell takes as they are.
        std::printf(
            "export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\nexport AWS_DEFAULT_REGION=us-east-1\n",
            key.access_key_id.c_str(), key.secret.c_str());
    }
    return 0;
}

Result<int> keys_list(const KeysArguments& arguments) {
    TRY_ASSIGN(std::vector<aws::Key> keys, aws::Keys(arguments.data).list());
    for (const aws::Key& key : keys) {
        std::printf("%s  account %s  created %sZ%s%s%s\n", key.access_key_id.c_str(), key.account.c_str(),
                    iso_seconds(key.created).c_str(), key.active ? "" : "  inactive",
                    key.description.empty() ? "" : "  ", key.description.c_str());
    }
    if (keys.empty())
        std::printf("no keys in %s: make one with `millrace keys create --data %s`\n", arguments.data.c_str(),
                    arguments.data.c_str());
    return 0;
}

Result<int> keys_delete(const KeysArguments& arguments) {
    TRY(aws::Keys(arguments.data).remove(arguments.access_key));
    std::printf("deleted %s\n", arguments.access_key.c_str());
    return 0;
}

}  // namespace millrace::cli

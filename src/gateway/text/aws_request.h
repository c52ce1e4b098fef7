// Custom domains are names that any account may claim, the server's own address among them: without this, whoever
// claims it would be handed what all the others ask of AWS's APIs there.
#pragma once

#include "src/http/message.h"

namespace millrace::gateway {

// Asked of AWS's APIs, whatever its Host: signed for another service than execute-api, in its head or its URL, naming
// an operation, or to a path of the server's own. Such a request is no custom domain's.
bool is_for_aws(const http::RequestHead& head);

}  // namespace millrace::gateway

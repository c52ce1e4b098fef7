// The ARN of a call, which policies are written about: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH.
//
// The path is decoded as the router decodes it, and last slashes are left out, so that "/%61dmin" and "/admin/" are
// denied where "/admin" is. An encoded slash or percent sign stays encoded: "/a%2Fb" is no "/a/b".
#pragma once

#include <string>
#include <string_view>

namespace millrace::gateway {

constexpr size_t method_arn_bytes_max = 1'600;  // AWS's, where an authorizer is asked; over it 414

// `prefix`: up to the stage and its '/'.
std::string method_arn(std::string_view prefix, std::string_view method, std::string_view path);

}  // namespace millrace::gateway

#pragma once

#include <memory>

#include "src/http/protocol.h"

namespace millrace::http {

class Connection;

// HTTP/1.0 and 1.1 on this connection, which outlives it. See http1.cc.
std::unique_ptr<Protocol> make_http1(Connection& connection);

}  // namespace millrace::http

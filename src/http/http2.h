#pragma once

#include <memory>

#include "src/http/protocol.h"

namespace millrace::http {

class Connection;

// HTTP/2 on this connection, which outlives it. See http2.cc.
std::unique_ptr<Protocol> make_http2(Connection& connection);

}  // namespace millrace::http

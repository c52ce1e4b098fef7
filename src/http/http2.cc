#include "src/http/http2.h"

#include "src/http/connection.h"
#include "src/http/http1.h"

namespace millrace::http {

std::unique_ptr<Protocol> make_http2(Connection& connection) {
    return make_http1(connection);  // refuses the preface
}

}  // namespace millrace::http

#include "src/http/server_core.h"

#include <utility>

#include "src/http/tls.h"

namespace millrace::http {

ServerCore::ServerCore(ServerOptions server_options, Handler& server_handler, io::Executor& server_executor,
                       io::Executor* server_uploads)
    : options(std::move(server_options)),
      handler(server_handler),
      executor(server_executor),
      uploads(server_uploads != nullptr ? *server_uploads : server_executor),
      budget(options.limits.gathered_bytes_total_max) {}

ServerCore::~ServerCore() = default;

}  // namespace millrace::http

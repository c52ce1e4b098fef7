// Any text is a definition or is refused; what it becomes can be exported, and the export be read.
#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

#include "src/base/result.h"
#include "src/gateway/open_api/document.h"
#include "src/gateway/open_api/export.h"
#include "src/gateway/open_api/import.h"
#include "src/gateway/open_api/import_http_api.h"

using namespace millrace;
using namespace millrace::gateway;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto tree = parse_document({reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!tree.ok()) return 0;
    http_api::HttpApi http;
    static_cast<void>(import_http_api(*tree, static_cast<BasePathMode>(data[0] % 3), http).ok());
    RestApi api;
    api.id = "abc";
    api.root_id = "root";
    api.resources["root"] = {"root", "", "", "/", {}};
    ImportOptions options;
    options.mode = data[0] & 1 ? ImportMode::overwrite : ImportMode::merge;
    options.base_path = static_cast<BasePathMode>((data[0] >> 1) % 3);
    if (!import_open_api(*tree, options, api).ok()) return 0;
    const OpenApiVersion version = data[0] & 8 ? OpenApiVersion::swagger_2 : OpenApiVersion::open_api_3;
    const boost::json::value out = export_open_api(api, {version, "host", "stage", true, true, true});
    MILLRACE_CHECK(parse_document(boost::json::serialize(out)).ok());
    return 0;
}

// One import under way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/gateway/open_api/import.h"
#include "src/gateway/open_api/tree.h"

namespace millrace::gateway {

class Importer {
  public:
    Importer(const boost::json::value& document, const ImportOptions& options, RestApi& api)
        : document_(document), options_(options), api_(api) {}

    // import.cc
    Status run();
    std::vector<std::string> take_warnings() { return std::move(warnings_); }

  private:
    using Value = boost::json::value;

    void clear();
    Status take_info();
    void take_settings();
    void take_validators();
    void take_gateway_responses();

    // import_security.cc
    Status take_security_schemes();
    Status take_authorizer(const std::string& name, const Value& scheme, const Value& extension);
    Status secure(const Value& operation, Method& method);
    void apply_scheme(const std::string& name, const Value& scopes, Method& method);

    // import_models.cc
    Status take_models();
    // The schema's text with its references as API Gateway writes them.
    std::string schema_text(const Value& schema) const;
    // The model that a schema refers to, or one made of it. "": there is none.
    std::string model_for(const Value& schema);
    // What a "$ref" of the definition names; the value itself where it is none; null: nothing.
    const Value* resolve(const Value& value) const;

    // import_paths.cc
    Status take_paths();
    Status take_path(const std::string& path, const Value& item);
    Status take_operation(const std::string& path, const Value& item, std::string verb, const Value& operation);
    Result<Resource*> resource_at(const std::string& path);
    void take_parameters(const boost::json::array* parameters, const Value& operation, Method& method);
    static void take_path_parameters(std::string_view path, Method& method);
    void take_body(const Value& operation, Method& method);
    void take_responses(const Value& operation, Method& method);

    // import_integration.cc
    Status take_integration(const std::string& place, const Value& extension, const Resource& resource, Method& method);

    void warn(std::string text) { warnings_.push_back(std::move(text)); }
    bool swagger() const { return member_of(document_, "swagger") != nullptr; }

    const Value& document_;
    const ImportOptions options_;
    RestApi& api_;
    std::vector<std::string> warnings_;
    std::map<std::string, std::string> validator_ids_;   // by name
    std::map<std::string, std::string> authorizer_ids_;  // by security scheme
    std::set<std::string> key_schemes_, signed_schemes_;
};

inline Error invalid_import(std::string why) {
    return {ErrorCode::invalid_argument, std::move(why)};
}

}  // namespace millrace::gateway

// Layers and their versions, kept in the registry: "lambda.layer" by name (which number comes next), and
// "lambda.layer_version" by name and number.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/function/definition.h"

namespace millrace::catalog {
class Registry;
}

namespace millrace::function {

struct LayerVersionName {
    Scope scope;
    std::string layer;
    uint64_t version = 0;
};
// "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION". nullopt for anything else.
std::optional<LayerVersionName> parse_layer_version_arn(std::string_view arn);

// Any thread; may block on the registry's disk. Changes are durable on return.
class LayerStore {
  public:
    static Result<std::unique_ptr<LayerStore>> open(catalog::Registry& registry);  // outlives the store
    virtual ~LayerStore() = default;
    // Gives it the layer's next number, which is never given again.
    virtual Result<LayerVersion> publish(LayerVersion version) = 0;
    virtual Result<LayerVersion> find(const Scope& scope, std::string_view layer, uint64_t version) = 0;  // not_found
    // The newest version of each layer that still has one, in order of names.
    virtual Result<std::vector<LayerVersion>> list(const Scope& scope, std::string_view after, size_t limit) = 0;
    // Newest first, below `below` (0: from the newest).
    virtual Result<std::vector<LayerVersion>> versions(const Scope& scope, std::string_view layer, uint64_t below,
                                                       size_t limit) = 0;
    virtual Status remove(const Scope& scope, std::string_view layer, uint64_t version) = 0;  // fine where absent
    using Edit = std::function<Status(LayerVersion&)>;
    virtual Result<LayerVersion> update(const Scope& scope, std::string_view layer, uint64_t version,
                                        const Edit& edit) = 0;  // not_found
    virtual uint64_t code_bytes(const Scope& scope) = 0;        // of all versions' packages; no disk
    // Every version there is: what packages are in use.
    virtual Status for_each(const std::function<void(const LayerVersion&)>& visit) = 0;
};

}  // namespace millrace::function

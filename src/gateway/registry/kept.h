// Definitions of one kind: in the registry, and in memory by scope and name.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/catalog/registry.h"
#include "src/gateway/registry/codec.h"

namespace millrace::gateway {

// Not safe for several threads: whoever has one guards it. What it hands out is immutable.
template <class T>
class Kept {
  public:
    using Pointer = std::shared_ptr<const T>;

    // `kind` lives for ever.
    Kept(catalog::Registry& registry, std::string_view kind) : registry_(registry), kind_(kind) {}

    // Calls `visit` with each entry that there is.
    using Visit = std::function<void(const Scope&, const std::string& name, const Pointer&)>;
    Status load(const Visit& visit) {
        Status status;
        TRY(registry_.for_each(kind_, [&](const Scope& scope, const catalog::Entry& entry) {
            T found;
            Status decoded = decode(scope, entry.value, &found);
            if (!decoded.ok()) {
                if (status.ok()) status = with_context(decoded.error(), std::string(kind_) + " " + entry.name);
                return;
            }
            const Pointer kept = std::make_shared<const T>(std::move(found));
            all_[{scope, entry.name}] = kept;
            visit(scope, entry.name, kept);
        }));
        return status;
    }

    // Written first, then placed: what is in memory is durable.
    Status write(const Scope& scope, const std::string& name, const T& value) {
        return registry_.put(kind_, scope, name, encode(value));
    }
    void place(const Scope& scope, const std::string& name, Pointer value) { all_[{scope, name}] = std::move(value); }
    Status erase(const Scope& scope, const std::string& name) { return registry_.remove(kind_, scope, name); }
    void drop(const Scope& scope, const std::string& name) { all_.erase({scope, name}); }

    Pointer find(const Scope& scope, std::string_view name) const {
        const auto at = all_.find(std::pair(scope, std::string(name)));
        return at == all_.end() ? nullptr : at->second;
    }
    std::vector<Pointer> list(const Scope& scope) const {
        std::vector<Pointer> out;
        for (auto at = all_.lower_bound({scope, std::string()}); at != all_.end() && at->first.first == scope; ++at) {
            out.push_back(at->second);
        }
        return out;
    }

  private:
    catalog::Registry& registry_;
    const std::string_view kind_;
    std::map<std::pair<Scope, std::string>, Pointer> all_;
};

}  // namespace millrace::gateway

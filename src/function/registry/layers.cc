#include "src/function/registry/layers.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "src/catalog/registry.h"
#include "src/catalog/striped_mutex.h"
#include "src/function/registry/record_codec.h"

namespace millrace::function {
namespace {

constexpr size_t page = 1000;  // entries a read of the registry

class LayerStoreImpl final : public LayerStore {
  public:
    explicit LayerStoreImpl(catalog::Registry& registry) : registry_(registry) {}

    Status load() {
        return for_each([this](const LayerVersion& version) { bytes_[version.scope] += version.package_bytes; });
    }

    Result<LayerVersion> publish(LayerVersion version) override {
        const auto held = locks_.lock(version.layer);
        TRY_ASSIGN(const uint64_t next, next_number(version.scope, version.layer));
        version.version = next;
        // The number first: a death in between skips one, and never gives one twice.
        TRY(registry_.put(layer_kind, version.scope, version.layer, std::to_string(next + 1)));
        TRY(registry_.put(layer_version_kind, version.scope, layer_version_key(version.layer, next), encode(version)));
        const std::lock_guard counting(bytes_lock_);
        bytes_[version.scope] += version.package_bytes;
        return version;
    }

    Result<LayerVersion> find(const Scope& scope, std::string_view layer, uint64_t version) override {
        TRY_ASSIGN(const auto stored, registry_.get(layer_version_kind, scope, layer_version_key(layer, version)));
        if (!stored) return no_such(layer, version);
        return decode_layer(scope, *stored);
    }

    Result<std::vector<LayerVersion>> list(const Scope& scope, std::string_view after, size_t limit) override {
        std::vector<LayerVersion> newest;
        std::string at(after);
        while (newest.size() < limit) {
            TRY_ASSIGN(const auto names, registry_.list(layer_kind, scope, at, limit - newest.size()));
            if (names.empty()) break;
            for (const catalog::Entry& name : names) {
                at = name.name;
                TRY_ASSIGN(std::vector<LayerVersion> first, versions(scope, name.name, 0, 1));
                if (!first.empty()) newest.push_back(std::move(first.front()));
            }
        }
        return newest;
    }

    Result<std::vector<LayerVersion>> versions(const Scope& scope, std::string_view layer, uint64_t below,
                                               size_t limit) override {
        std::vector<LayerVersion> found;
        TRY_ASSIGN(const uint64_t next, next_number(scope, layer));
        const std::string prefix = std::string(layer) + ":";
        std::string at = prefix;
        for (bool more = true; more;) {
            TRY_ASSIGN(const auto entries, registry_.list(layer_version_kind, scope, at, page));
            more = entries.size() == page;
            for (const catalog::Entry& entry : entries) {
                if (!entry.name.starts_with(prefix)) {
                    more = false;
                    break;
                }
                at = entry.name;
                TRY_ASSIGN(LayerVersion version, decode_layer(scope, entry.value));
                if (version.version < next && (below == 0 || version.version < below)) {
                    found.push_back(std::move(version));
                }
            }
        }
        std::reverse(found.begin(), found.end());
        if (found.size() > limit) found.resize(limit);
        return found;
    }

    Status remove(const Scope& scope, std::string_view layer, uint64_t version) override {
        const auto held = locks_.lock(layer);
        const Result<LayerVersion> found = find(scope, layer, version);
        if (!found.ok() && found.error().code == ErrorCode::not_found) return {};
        TRY(registry_.remove(layer_version_kind, scope, layer_version_key(layer, version)));
        const std::lock_guard counting(bytes_lock_);
        if (found.ok()) bytes_[scope] -= found->package_bytes;
        return {};
    }

    Result<LayerVersion> update(const Scope& scope, std::string_view layer, uint64_t version,
                                const Edit& edit) override {
        const auto held = locks_.lock(layer);
        TRY_ASSIGN(LayerVersion found, find(scope, layer, version));
        TRY(edit(found));
        TRY(registry_.put(layer_version_kind, scope, layer_version_key(layer, version), encode(found)));
        return found;
    }

    uint64_t code_bytes(const Scope& scope) override {
        const std::lock_guard counting(bytes_lock_);
        const auto at = bytes_.find(scope);
        return at == bytes_.end() ? 0 : at->second;
    }

    Status for_each(const std::function<void(const LayerVersion&)>& visit) override {
        Status bad;
        TRY(registry_.for_each(layer_version_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            Result<LayerVersion> version = decode_layer(scope, entry.value);
            if (version.ok()) return visit(*version);
            if (bad.ok()) bad = std::move(version).error();
        }));
        return bad;
    }

  private:
    static Error no_such(std::string_view layer, uint64_t version) {
        return {ErrorCode::not_found,
                "there is no version " + std::to_string(version) + " of the layer " + std::string(layer)};
    }

    Result<uint64_t> next_number(const Scope& scope, std::string_view layer) {
        TRY_ASSIGN(const auto stored, registry_.get(layer_kind, scope, layer));
        uint64_t next = 1;
        if (stored) {
            const auto [end, error] = std::from_chars(stored->data(), stored->data() + stored->size(), next);
            if (error != std::errc() || end != stored->data() + stored->size()) {
                return Error{ErrorCode::corruption, "a layer's entry in the registry is not a number"};
            }
        }
        return next;
    }

    catalog::Registry& registry_;
    catalog::StripedMutex locks_;
    std::mutex bytes_lock_;
    std::map<Scope, uint64_t> bytes_;
};

}  // namespace

Result<std::unique_ptr<LayerStore>> LayerStore::open(catalog::Registry& registry) {
    auto layers = std::make_unique<LayerStoreImpl>(registry);
    TRY(layers->load());
    return std::unique_ptr<LayerStore>(std::move(layers));
}

}  // namespace millrace::function

#include "src/catalog/sealed_registry.h"

#include <utility>

#include "src/catalog/key.h"

namespace millrace::catalog {
namespace {

class SealedRegistry final : public Registry {
  public:
    SealedRegistry(std::unique_ptr<Registry> inner, SecretKeys keys, std::set<std::string, std::less<>> kinds)
        : inner_(std::move(inner)), keys_(std::move(keys)), kinds_(std::move(kinds)) {}

    Status seal_all() {
        for (const std::string& kind : kinds_) {
            std::vector<std::pair<Scope, Entry>> old;
            TRY(inner_->for_each(kind, [&](const Scope& scope, const Entry& entry) {
                if (!keys_.is_sealed_by_first(entry.value)) old.emplace_back(scope, entry);
            }));
            for (auto& [scope, entry] : old) {
                TRY_ASSIGN(std::string text, opened(kind, scope, entry.name, entry.value));
                TRY(put(kind, scope, entry.name, std::move(text)));
            }
        }
        return {};
    }

    Result<std::optional<std::string>> get(std::string_view kind, const Scope& scope, std::string_view name) override {
        TRY_ASSIGN(std::optional<std::string> stored, inner_->get(kind, scope, name));
        if (!stored || !kinds_.contains(kind)) return stored;
        TRY_ASSIGN(stored, opened(kind, scope, name, *stored));
        return stored;
    }
    Status create(std::string_view kind, const Scope& scope, std::string_view name, std::string value) override {
        return inner_->create(kind, scope, name, sealed(kind, scope, name, std::move(value)));
    }
    Status put(std::string_view kind, const Scope& scope, std::string_view name, std::string value) override {
        return inner_->put(kind, scope, name, sealed(kind, scope, name, std::move(value)));
    }
    Status remove(std::string_view kind, const Scope& scope, std::string_view name) override {
        return inner_->remove(kind, scope, name);
    }
    Result<std::vector<Entry>> list(std::string_view kind, const Scope& scope, std::string_view after,
                                    size_t limit) override {
        TRY_ASSIGN(std::vector<Entry> entries, inner_->list(kind, scope, after, limit));
        if (!kinds_.contains(kind)) return entries;
        for (Entry& entry : entries) {
            TRY_ASSIGN(entry.value, opened(kind, scope, entry.name, entry.value));
        }
        return entries;
    }
    Status for_each(std::string_view kind, const std::function<void(const Scope&, const Entry&)>& visit) override {
        if (!kinds_.contains(kind)) return inner_->for_each(kind, visit);
        Status failed;
        TRY(inner_->for_each(kind, [&](const Scope& scope, const Entry& entry) {
            Result<std::string> text = opened(kind, scope, entry.name, entry.value);
            if (text.ok()) {
                visit(scope, {entry.name, *std::move(text)});
            } else if (failed.ok()) {
                failed = std::move(text).error();
            }
        }));
        return failed;
    }
    Result<uint64_t> next_number(std::string_view counter) override { return inner_->next_number(counter); }

  private:
    std::string sealed(std::string_view kind, const Scope& scope, std::string_view name, std::string value) const {
        return kinds_.contains(kind) ? keys_.seal(value, place(kind, scope, name)) : std::move(value);
    }
    Result<std::string> opened(std::string_view kind, const Scope& scope, std::string_view name,
                               std::string_view stored) const {
        Result<std::string> text = keys_.unseal(stored, place(kind, scope, name));
        if (!text.ok()) return with_context(text.error(), std::string(kind) + " " + std::string(name));
        return text;
    }
    static std::string place(std::string_view kind, const Scope& scope, std::string_view name) {
        return key_of({kind, scope.account, scope.region, name});
    }

    const std::unique_ptr<Registry> inner_;
    const SecretKeys keys_;
    const std::set<std::string, std::less<>> kinds_;
};

}  // namespace

Result<std::unique_ptr<Registry>> seal_kinds(std::unique_ptr<Registry> inner, SecretKeys keys,
                                             std::set<std::string, std::less<>> kinds) {
    auto out = std::make_unique<SealedRegistry>(std::move(inner), std::move(keys), std::move(kinds));
    TRY(out->seal_all());
    return std::unique_ptr<Registry>(std::move(out));
}

}  // namespace millrace::catalog

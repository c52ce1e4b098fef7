// Templates by their text, so that a text is parsed once. Bounded: two generations of at most `generation_max` each; a
// generation that is full becomes the old one, what is used again moves to the new one. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/base/result.h"

namespace millrace::table {

template <class Syntax>
class TemplateCache {
  public:
    using Parse = Result<Syntax> (*)(std::string_view);
    static constexpr size_t generation_max = 1024;

    // What `parse` makes of the text; its errors are not kept.
    Result<std::shared_ptr<const Syntax>> get(std::string_view text, Parse parse) {
        if (auto found = find(text)) return found;
        TRY_ASSIGN(Syntax syntax, parse(text));
        auto made = std::make_shared<const Syntax>(std::move(syntax));
        const std::lock_guard lock(mutex_);
        keep(std::string(text), made);
        return std::shared_ptr<const Syntax>(std::move(made));
    }

  private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Generation = std::unordered_map<std::string, std::shared_ptr<const Syntax>, Hash, std::equal_to<>>;

    std::shared_ptr<const Syntax> find(std::string_view text) {
        const std::lock_guard lock(mutex_);
        if (const auto at = young_.find(text); at != young_.end()) return at->second;
        const auto at = old_.find(text);
        if (at == old_.end()) return nullptr;
        auto found = at->second;
        keep(std::string(text), found);
        return found;
    }

    void keep(std::string text, std::shared_ptr<const Syntax> syntax) {
        if (young_.size() >= generation_max) {
            old_ = std::move(young_);
            young_.clear();
        }
        young_.insert_or_assign(std::move(text), std::move(syntax));
    }

    std::mutex mutex_;
    Generation young_;
    Generation old_;
};

}  // namespace millrace::table

// Patch operations: what PATCH changes of a resource, by JSON pointers. Each kind of resource has a table of the paths
// and operations that API Gateway documents for it:
// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/service/apigateway/errors.h"

namespace millrace::service::apigateway {

struct Patch {
    std::string op, path, from;
    std::optional<std::string> value;
    std::vector<std::string> parts;  // of the path, with ~1 as '/' and ~0 as '~'
    std::string text() const { return value.value_or(""); }
    bool removes() const { return op == "remove"; }
};

// "/a~1b/c" -> {"a/b", "c"}.
std::vector<std::string> pointer_parts(std::string_view path);
// Whether `pattern` is the path's: "{}" stands for any one part, "{*}" for one or more.
bool matches_pointer(std::string_view pattern, const std::vector<std::string>& parts);

aws::Outcome<bool> parse_flag(const Patch& patch);
aws::Outcome<int32_t> parse_integer(const Patch& patch, int32_t least, int32_t most);
aws::Outcome<double> parse_number(const Patch& patch);

// The generated shape's list.
template <class Operations>
std::vector<Patch> patches_of(const Operations& operations) {
    std::vector<Patch> patches;
    if (!operations) return patches;
    for (const auto& it : *operations) {
        Patch& patch = patches.emplace_back();
        patch.op = it.op.value_or("");
        patch.path = it.path.value_or("null");
        patch.value = it.value;
        patch.from = it.from.value_or("");
        patch.parts = pointer_parts(patch.path);
    }
    return patches;
}

// What a patch can not be applied for, in one of two forms that API Gateway's resources have.
enum class PatchErrors { naming_paths, short_ones };

struct PatchPlace {
    std::string_view path;  // "/variables/{}"
    std::string_view ops;   // "add replace remove"
};
aws::Failure no_such_place(const Patch& patch, const std::vector<PatchPlace>& places, PatchErrors form);

template <class T>
struct PatchRule {
    PatchPlace place;
    std::function<aws::Outcome<void>(T&, const Patch&)> apply;
};

template <class T>
class PatchTable {
  public:
    PatchTable(PatchErrors form, std::vector<PatchRule<T>> rules) : form_(form), rules_(std::move(rules)) {}

    // In order; where one fails `target` is half changed and not to be kept.
    aws::Outcome<void> apply(T& target, const std::vector<Patch>& patches) const {
        for (const Patch& patch : patches) TRY(apply_one(target, patch));
        return {};
    }

  private:
    aws::Outcome<void> apply_one(T& target, const Patch& patch) const {
        for (const PatchRule<T>& rule : rules_) {
            const bool allowed = !patch.op.empty() && rule.place.ops.find(patch.op) != std::string_view::npos;
            if (allowed && matches_pointer(rule.place.path, patch.parts)) return rule.apply(target, patch);
        }
        std::vector<PatchPlace> places;
        for (const PatchRule<T>& rule : rules_) places.push_back(rule.place);
        return no_such_place(patch, places, form_);
    }

    const PatchErrors form_;
    const std::vector<PatchRule<T>> rules_;
};

// What most rules do.
template <class T>
auto patch_text(std::string T::* member) {
    return [member](T& target, const Patch& patch) -> aws::Outcome<void> {
        target.*member = patch.removes() ? "" : patch.text();
        return {};
    };
}
template <class T>
auto patch_flag(bool T::* member) {
    return [member](T& target, const Patch& patch) -> aws::Outcome<void> {
        if (patch.removes()) {
            target.*member = false;
            return {};
        }
        TRY_ASSIGN(target.*member, parse_flag(patch));
        return {};
    };
}
template <class T>
auto patch_integer(int32_t T::* member, int32_t least, int32_t most) {
    return [=](T& target, const Patch& patch) -> aws::Outcome<void> {
        TRY_ASSIGN(target.*member, parse_integer(patch, least, most));
        return {};
    };
}
// The entry that the path's last part names. `missing`: what NotFoundException says where it is not there.
template <class T>
auto patch_entry(std::map<std::string, std::string> T::* member, std::string missing) {
    return [=](T& target, const Patch& patch) -> aws::Outcome<void> {
        auto& map = target.*member;
        const std::string& name = patch.parts.back();
        if (patch.op != "add" && !map.contains(name)) return not_found(missing);
        if (patch.removes()) {
            map.erase(name);
        } else {
            map[name] = patch.text();
        }
        return {};
    };
}
template <class T>
auto patch_flag_entry(std::map<std::string, bool> T::* member, std::string missing) {
    return [=](T& target, const Patch& patch) -> aws::Outcome<void> {
        auto& map = target.*member;
        const std::string& name = patch.parts.back();
        if (patch.op != "add" && !map.contains(name)) return not_found(missing);
        if (patch.removes()) {
            map.erase(name);
            return {};
        }
        const bool flag = patch.value && *patch.value == "true";
        map[name] = flag;
        return {};
    };
}
// Adds, replaces or removes the item `item_of(patch)` of a list whose items are each there once.
template <class T, class ItemOf>
auto patch_item(std::vector<std::string> T::* member, ItemOf item_of) {
    return [=](T& target, const Patch& patch) -> aws::Outcome<void> {
        auto& list = target.*member;
        const std::string item = item_of(patch);
        std::erase(list, item);
        if (patch.op == "replace" && patch.value) list.push_back(*patch.value);
        if (patch.op == "add") list.push_back(item);
        return {};
    };
}

// A place that is refused by name.
template <class T>
auto patch_refused(std::string_view name, std::string_view reason) {
    return [=](T&, const Patch&) -> aws::Outcome<void> { return not_honoured(name, reason); };
}
// The same, but for `only`, which is what there is.
template <class T>
auto patch_fixed(std::string_view name, std::string_view only, std::string_view reason) {
    return [=](T&, const Patch& patch) -> aws::Outcome<void> {
        if (patch.removes() || patch.text() == only) return {};
        return not_honoured(name, reason);
    };
}

}  // namespace millrace::service::apigateway

#include "src/bus/index/conjunctions.h"

namespace millrace::bus {
namespace {

using flow::pattern::Pattern;
using flow::pattern::Values;
using ObjectPtr = std::shared_ptr<const Pattern::Object>;

// Every conjunction so far goes on in each way of the object's; false where they become too many.
bool multiply(const Pattern::Object& object, bool with_ors, std::vector<Conjunction>* out) {
    for (const auto& [name, node] : object.fields) {
        if (const auto* values = std::get_if<Values>(&node)) {
            for (Conjunction& each : *out) each.all.push_back(values);
        } else if (!multiply(*std::get<ObjectPtr>(node), with_ors, out)) {
            return false;
        }
    }
    for (const std::vector<ObjectPtr>& alternatives : object.ors) {
        if (!with_ors) {
            for (Conjunction& each : *out) each.complete = false;
            continue;
        }
        std::vector<Conjunction> all;
        for (const ObjectPtr& alternative : alternatives) {
            std::vector<Conjunction> one = *out;
            if (!multiply(*alternative, true, &one)) return false;
            all.insert(all.end(), one.begin(), one.end());
            if (all.size() > conjunctions_max) return false;
        }
        *out = std::move(all);
    }
    return true;
}

}  // namespace

std::vector<Conjunction> conjunctions_of(const Pattern::Object& root) {
    std::vector<Conjunction> out(1);
    if (multiply(root, true, &out)) return out;
    out.assign(1, {});
    multiply(root, false, &out);
    return out;
}

}  // namespace millrace::bus

// Velocity templates, the language of API Gateway's mapping templates: compiled once, rendered often.
// https://velocity.apache.org/engine/1.7/vtl-reference.html (Apache 1.7, which API Gateway speaks)
//
// References ($a, $!a, ${a.b[0].c("x")}), #set, #if/#elseif/#else, #foreach (with $foreach.index, count, hasNext,
// first, last), #break, #stop, #macro and calls with and without a body, #define, #evaluate, comments, #[[verbatim]]#,
// ranges, lists, maps, arithmetic, comparison and logic. #include and #parse read files: refused by name.
//
// A template is hostile: rendering is bounded in steps, output, iterations and depth, and touches nothing but the
// values that it is given.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/vtl/value.h"

namespace millrace::vtl {

struct Limits {
    uint64_t steps_max = 1'000'000;      // nodes evaluated
    size_t output_bytes_max = 10 << 20;  // AWS's payload limit
    uint64_t loop_max = 1'000;           // iterations of one #foreach: AWS's limit
    int64_t ms_max = 3'000;              // looked at where methods are called: one may search a whole document
    int depth_max = 64;                  // macros, definitions and evaluations within each other
};

// What a template sees and changes. One rendering at a time.
class Context {
  public:
    // Velocity's engine, or API Gateway's own: there a reference without a value prints nothing, and null == "".
    enum class Dialect : uint8_t { velocity, api_gateway };
    Context() = default;
    explicit Context(Dialect dialect) : dialect_(dialect) {}
    Dialect dialect() const { return dialect_; }

    void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }
    const Value* find(std::string_view name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? nullptr : &found->second;
    }
    void erase(std::string_view name) {
        if (const auto found = values_.find(name); found != values_.end()) values_.erase(found);
    }

  private:
    Dialect dialect_ = Dialect::velocity;
    std::map<std::string, Value, std::less<>> values_;
};

class Template {  // immutable; any thread
  public:
    // invalid_argument: what is wrong, with line and column. Texts over 300 KB are refused, as AWS refuses them.
    static Result<std::shared_ptr<const Template>> parse(std::string_view text);
    virtual ~Template() = default;
    // resource_exhausted over a limit; invalid_argument where an #evaluate does not parse. Whatever else goes wrong in
    // a template is silent, as in Velocity: a reference without a value prints itself.
    virtual Result<std::string> render(Context& context, const Limits& limits = {}) const = 0;
};

}  // namespace millrace::vtl

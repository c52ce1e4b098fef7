// Any text as each kind of expression, over placeholders that fit many; what compiles is carried out.
//   first byte: which kind; the rest: the text.
#include "src/table/expression/expression.h"
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

namespace {

using namespace millrace::table;

const char* const sample =
    R"({"p":{"S":"key"},"a":{"N":"5"},"b":{"S":"hello"},"c":{"B":"gA=="},"d":{"BOOL":true},)"
    R"("l":{"L":[{"N":"1"},{"S":"x"},{"M":{"k":{"N":"7"}}}]},"m":{"M":{"k":{"N":"7"},"l":{"L":[{"S":"yo"}]}}},)"
    R"("s":{"SS":["a","b"]},"n":{"NS":["1","2"]}})";

Placeholders placeholders() {
    Placeholders some;
    some.names = {{"#a", "a"}, {"#l", "l"}, {"#m", "m"}, {"#dot", "a.b"}};
    for (const auto& [name, value] : *parse_item_json(
             R"({":a":{"N":"1"},":b":{"S":"h"},":c":{"B":"gA=="},":l":{"L":[{"S":"x"}]},":s":{"SS":["a"]},)"
             R"(":n":{"NS":["2"]},":t":{"S":"N"},":m":{"M":{}}})")) {
        some.values[name] = value;
    }
    return some;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Item item = *parse_item_json(sample);
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    Placeholders given = placeholders();
    switch (data[0] % 4) {
        case 0:
            if (const auto condition = compile_condition("ConditionExpression", text, given)) {
                (void)(*condition)->holds(&item);
                (void)(*condition)->holds(nullptr);
            }
            break;
        case 1:
            if (const auto update = compile_update(text, given)) {
                Item after = item;
                if ((*update)->apply(&after)) {
                    MILLRACE_CHECK(decode_item(encode_item(after)).value() == after);
                    (void)pick(after, (*update)->written());
                }
            }
            break;
        case 2:
            if (const auto paths = compile_projection(text, given)) {
                const Item picked = pick(item, *paths);
                MILLRACE_CHECK(counted_bytes(picked) <= counted_bytes(item));
            }
            break;
        default:
            (void)compile_key_condition(text, {"p", Type::S, "a", Type::N}, given);
    }
    (void)check_all_used(given);
    return 0;
}

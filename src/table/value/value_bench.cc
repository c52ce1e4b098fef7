// What an item of about 1 KiB costs to pack, unpack and print, and what expressions cost: value_bench [seconds a row]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "src/table/expression/expression.h"
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

namespace {

using namespace millrace::table;
// Processor time: what else runs on the machine does not count.
double now() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <class Work>
void row(const char* name, double seconds, Work&& work) {
    uint64_t rounds = 0;
    const double start = now();
    double elapsed = 0;
    while (elapsed < seconds) {
        for (int i = 0; i < 1000; ++i) work();
        rounds += 1000;
        elapsed = now() - start;
    }
    std::printf("%-44s %8.0f ns\n", name, elapsed / static_cast<double>(rounds) * 1e9);
}

Item kilobyte() {
    std::string json = R"({"pk":{"S":"customer-1234567890"},"sk":{"N":"1234567890"},"total":{"N":"19.99"},)"
                       R"("tags":{"SS":["a","b","c"]},"address":{"M":{"city":{"S":"Oslo"},"zip":{"N":"150"}}},)"
                       R"("lines":{"L":[{"M":{"sku":{"S":"x"},"n":{"N":"2"}}},{"M":{"sku":{"S":"y"},"n":{"N":"1"}}}]},)"
                       R"("note":{"S":")" +
                       std::string(750, 'n') + "\"}}";
    return parse_item_json(json).value();
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
    const Item item = kilobyte();
    const std::string bytes = encode_item(item);
    std::string out;
    row("encode_item", seconds, [&] {
        out.clear();
        encode_item(item, &out);
    });
    row("decode_item", seconds, [&] { (void)decode_item(bytes); });
    row("decode_attribute", seconds, [&] { (void)decode_attribute(bytes, "total"); });
    row("append_json_of_encoded", seconds, [&] {
        out.clear();
        (void)append_json_of_encoded(bytes, &out);
    });
    row("Number::parse", seconds, [] { (void)Number::parse("1234567.89"); });
    const Number one = Number::of(1);
    Number sum;
    row("Number::add", seconds, [&] { sum = *Number::add(one, sum); });

    Placeholders given;
    given.names = {{"#t", "total"}};
    given.values = {{":v", AttributeValue{Number::of(3)}}, {":one", AttributeValue{one}}};
    const auto condition = [&](std::string_view text) { return *compile_condition("FilterExpression", text, given); };
    row("compile attribute_not_exists(pk), cached", seconds, [&] { (void)condition("attribute_not_exists(pk)"); });
    row("compile SET #t = #t + :one, cached", seconds, [&] { (void)compile_update("SET #t = #t + :one", given); });
    const auto exists = condition("attribute_not_exists(pk)");
    const auto filter = condition("#t > :v AND (size(tags) = :one OR address.zip > :v)");
    bool held = false;
    row("attribute_not_exists(pk)", seconds, [&] { held ^= exists->holds(&item); });
    row("three comparisons, two paths", seconds, [&] { held ^= filter->holds(&item); });
    const auto update = *compile_update("SET #t = #t + :one", given);
    Item changing = item;
    row("SET #t = #t + :one, applied", seconds, [&] { (void)update->apply(&changing); });
    std::printf("%s", held ? "" : "");
    return 0;
}

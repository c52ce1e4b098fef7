// Which records share a call.
#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

std::vector<size_t> counts_of(std::string arn, const std::vector<Item>& items) {
    Target target;
    target.arn = std::move(arn);
    const Kind kind = kind_of(target.arn).value();
    const auto calls = make_calls(kind, target, items, io::system_clock());
    std::vector<size_t> counts;
    for (size_t first = 0; first < items.size(); first += counts.back())
        counts.push_back(calls->next(first, items.size()).count);
    return counts;
}

std::vector<Item> small_ones(size_t count) {
    return std::vector<Item>(count, Item{.body = "{}"});
}

TEST(RecordCalls, CallsStayUnderTheServicesLimits) {
    const std::string stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    EXPECT_EQ(counts_of(stream, small_ones(600)), (std::vector<size_t>{500, 100}));
    std::vector<Item> items = small_ones(10);
    for (const size_t i : {0, 4, 5, 6}) items[i].body = std::string(1'030'000, 'x');
    EXPECT_EQ(counts_of(stream, items), (std::vector<size_t>{6, 4}));
}

}  // namespace
}  // namespace millrace::target

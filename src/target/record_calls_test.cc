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
    for (size_t first = 0; first < items.size(); first += counts.back()) counts.push_back(calls->next(first).count);
    return counts;
}

std::vector<Item> small_ones(size_t count) {
    return std::vector<Item>(count, Item{.body = "{}"});
}

TEST(RecordCalls, WhatMayBeRefusedTakesNobodyWithIt) {
    const std::string firehose = "arn:aws:firehose:us-east-1:000000000000:deliverystream/d";
    const std::string stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    EXPECT_EQ(counts_of(stream, small_ones(600)), (std::vector<size_t>{500, 100}));
    std::vector<Item> items = small_ones(10);
    items[0].body = items[4].body = std::string(1'030'000, 'x');
    EXPECT_EQ(counts_of(firehose, items), (std::vector<size_t>{1, 3, 1, 5}));
    items = small_ones(3);
    items[1].partition_key = std::string(257, 'k');
    EXPECT_EQ(counts_of(stream, items), (std::vector<size_t>{1, 1, 1}));
}

}  // namespace
}  // namespace millrace::target

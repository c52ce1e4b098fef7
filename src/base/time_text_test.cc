#include "src/base/time_text.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(TimeText, SecondsAndMilliseconds) {
    EXPECT_EQ(iso_milliseconds(TimestampMs(0)), "1970-01-01T00:00:00.000");
    EXPECT_EQ(iso_milliseconds(TimestampMs(1'573'689'518'021)), "2019-11-13T23:58:38.021");
    EXPECT_EQ(iso_seconds(TimestampMs(1'573'689'518'999)), "2019-11-13T23:58:38");
    EXPECT_EQ(iso_milliseconds(TimestampMs(-1)), "1969-12-31T23:59:59.999");
    EXPECT_EQ(iso_seconds(TimestampMs(-1000)), "1969-12-31T23:59:59");
}

}  // namespace
}  // namespace millrace

#include "src/service/dynamodbstreams/iterator.h"

#include <gtest/gtest.h>

namespace millrace::service::dynamodbstreams {
namespace {

const Iterator example{.stream_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-11-21T10:00:00.000",
                       .stream_id = 7,
                       .shard = 0,
                       .sequence = 41,
                       .issued = TimestampMs(1'700'000'000'000)};

TEST(Iterators, OpenGivesBackWhatWasSealed) {
    const Iterators iterators("key");
    EXPECT_EQ(iterators.open(iterators.seal(example)), example);
}

TEST(Iterators, RefuseWhatAnotherKeySealedAndEveryChangedCharacter) {
    const Iterators iterators("key");
    EXPECT_FALSE(Iterators("other").open(iterators.seal(example)));
    const std::string sealed = iterators.seal(example);
    for (size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const auto opened = iterators.open(changed);
        EXPECT_TRUE(!opened || *opened == example) << i;  // base64's last characters have unused bits
        EXPECT_FALSE(iterators.open(sealed.substr(0, i))) << i;
    }
}

}  // namespace
}  // namespace millrace::service::dynamodbstreams

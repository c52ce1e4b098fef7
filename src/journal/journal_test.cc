#include "src/journal/journal.h"

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/table/temporary_directory.h"

namespace millrace::journal {
namespace {

constexpr int64_t day_ms = 86'400'000;
const Scope scope;

struct World {
    explicit World(uint64_t bytes_max = 1 << 30) : bytes_max(bytes_max) { open(); }
    void open() {
        journal.reset();
        auto opened = Journal::open({.directory = directory.path() + "/journal",
                                     .bytes_max = bytes_max,
                                     .waiting_bytes_max = 4096,
                                     .flush_ms = 3'600'000,
                                     .sweep_ms = 0},
                                    clock);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        journal = std::move(opened).value();
    }
    TimestampMs ago(int64_t ms) const { return TimestampMs(clock.now().value() - ms); }
    std::vector<std::string> messages(const StreamRead& what, const std::string& stream = "s") {
        auto events = journal->read(scope, "g", stream, what);
        std::vector<std::string> texts;
        if (!events.ok()) return {"error: " + events.error().message};
        for (const StoredEvent& event : *events) texts.push_back(event.message);
        return texts;
    }
    std::vector<std::string> group_messages(const GroupRead& what) {
        auto page = journal->read(scope, "g", what);
        std::vector<std::string> texts;
        if (!page.ok()) return {"error: " + page.error().message};
        for (const StoredEvent& event : page->events) texts.push_back(event.message);
        return texts;
    }

    table::TemporaryDirectory directory;
    uint64_t bytes_max;
    io::ManualClock clock;
    std::unique_ptr<Journal> journal;
};

using Texts = std::vector<std::string>;

TEST(Journal, KeepsWhatWasPutOverARestart) {
    World world;
    ASSERT_TRUE(world.journal->create_group(scope, "g", {{"team", "a"}}).ok());
    ASSERT_TRUE(world.journal->create_stream(scope, "g", "s").ok());
    ASSERT_TRUE(world.journal->put(scope, "g", "s", {{world.ago(2), "one"}, {world.ago(1), "two"}}).ok());
    world.open();
    EXPECT_EQ(world.messages({}), (Texts{"one", "two"}));
    const auto group = world.journal->group(scope, "g");
    ASSERT_TRUE(group.ok());
    EXPECT_EQ(group->bytes, 2 * (3 + event_overhead_bytes));
    EXPECT_EQ(group->tags.at("team"), "a");
    EXPECT_EQ(world.journal->stream(scope, "g", "s")->last, world.ago(1));
}

TEST(Journal, OrdersByTimeThenArrivalAndReadsBothWays) {
    World world;
    world.journal->write(scope, "g", "s", {world.ago(5), "b"});
    world.journal->write(scope, "g", "s", {world.ago(9), "a"});
    world.journal->write(scope, "g", "s", {world.ago(5), "c"});
    world.journal->write(scope, "g", "t", {world.ago(6), "other"});
    ASSERT_TRUE(world.journal->flush().ok());
    EXPECT_EQ(world.messages({}), (Texts{"a", "b", "c"}));
    EXPECT_EQ(world.messages({.newest = true, .count_max = 2}), (Texts{"b", "c"}));
    EXPECT_EQ(world.messages({.from_ms = world.ago(5).value()}), (Texts{"b", "c"}));
    EXPECT_EQ(world.messages({.to_ms = world.ago(5).value()}), (Texts{"a"}));
    EXPECT_EQ(world.group_messages({}), (Texts{"a", "other", "b", "c"}));
    EXPECT_EQ(world.group_messages({.stream_prefix = "t"}), (Texts{"other"}));
    EXPECT_EQ(world.group_messages({.streams = {"t", "s"}}), (Texts{"a", "other", "b", "c"}));
    // Page by page, each way of reading gives the same.
    for (const Texts& streams : {Texts{}, Texts{"s", "t"}}) {
        Texts all;
        GroupRead what{.streams = streams, .count_max = 1};
        for (int i = 0; i < 9; ++i) {
            const auto page = world.journal->read(scope, "g", what);
            ASSERT_TRUE(page.ok());
            for (const StoredEvent& event : page->events) all.push_back(event.message);
            if (!page->next) break;
            what.after = page->next;
        }
        EXPECT_EQ(all, (Texts{"a", "other", "b", "c"}));
    }
}

TEST(Journal, DropsRatherThanWaits) {
    World world;
    for (int i = 0; i < 20; ++i) world.journal->write(scope, "g", "s", {world.ago(1), std::string(500, 'x')});
    EXPECT_GT(world.journal->dropped(), 0u);
    ASSERT_TRUE(world.journal->flush().ok());
    EXPECT_EQ(world.messages({}).size() + world.journal->dropped(), 20u);
}

TEST(Journal, RetentionTakesWhatIsOldAndItsOwnEmptyStreams) {
    World world;
    ASSERT_TRUE(world.journal->create_group(scope, "g", {}).ok());
    ASSERT_TRUE(world.journal->create_stream(scope, "g", "s").ok());
    ASSERT_TRUE(world.journal->put(scope, "g", "s", {{world.ago(0), "old"}}).ok());
    world.journal->write(scope, "g", "own", {world.ago(0), "old"});
    ASSERT_TRUE(world.journal->flush().ok());
    ASSERT_TRUE(world.journal->set_retention(scope, "g", 1).ok());
    world.clock.advance_ms(day_ms + 120'000);
    ASSERT_TRUE(world.journal->put(scope, "g", "s", {{world.ago(0), "new"}}).ok());
    ASSERT_TRUE(world.journal->sweep().ok());
    EXPECT_EQ(world.messages({}), (Texts{"new"}));
    EXPECT_EQ(world.journal->stream(scope, "g", "s")->first, world.ago(0));
    EXPECT_FALSE(world.journal->stream(scope, "g", "own").ok());
    EXPECT_EQ(world.journal->group(scope, "g")->bytes, 3 + event_overhead_bytes);
}

TEST(Journal, TheBoundTakesTheOldestOfAllGroups) {
    World world(1000);
    for (int i = 0; i < 20; ++i) {
        world.journal->write(scope, i % 2 ? "g" : "h", "s", {world.ago(0), std::string(100, 'a' + i)});
        ASSERT_TRUE(world.journal->flush().ok());
        world.clock.advance_ms(60'000);
    }
    ASSERT_TRUE(world.journal->sweep().ok());
    const auto texts = world.messages({});
    ASSERT_FALSE(texts.empty());
    EXPECT_EQ(texts.back(), std::string(100, 'a' + 19));
    EXPECT_LE(world.journal->group(scope, "g")->bytes + world.journal->group(scope, "h")->bytes, 1000);
    EXPECT_GE(world.journal->group(scope, "g")->bytes, 3 * 126);
    EXPECT_GE(world.journal->group(scope, "h")->bytes, 3 * 126);
}

TEST(Journal, RemovedStreamsAndGroupsLeaveNothing) {
    World world;
    world.journal->write(scope, "g", "s", {world.ago(0), "gone"});
    world.journal->write(scope, "g", "t", {world.ago(0), "stays"});
    ASSERT_TRUE(world.journal->flush().ok());
    ASSERT_TRUE(world.journal->remove_stream(scope, "g", "s").ok());
    EXPECT_EQ(world.group_messages({}), (Texts{"stays"}));
    EXPECT_EQ(world.journal->group(scope, "g")->bytes, 5 + event_overhead_bytes);
    ASSERT_TRUE(world.journal->remove_group(scope, "g").ok());
    ASSERT_TRUE(world.journal->create_group(scope, "g", {}).ok());
    EXPECT_EQ(world.group_messages({}), (Texts{}));
    EXPECT_EQ(world.journal->put(scope, "g", "t", {{world.ago(0), "x"}}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace millrace::journal

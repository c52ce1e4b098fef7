#include "src/aws/keys.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace millrace::aws {
namespace {

class KeysTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "keys-XXXXXX").string();
        root_ = mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    std::string directory() const { return root_ + "/not/made/yet"; }
    std::string file() const { return directory() + "/keys.json"; }

    std::string root_;
};

TEST_F(KeysTest, CreatedKeysAreFoundByAServerThatRunsAlready) {
    Keys server(directory());
    EXPECT_EQ(server.find("AKIANOBODY"), nullptr);
    Keys command(directory());
    const Result<Key> made = command.create("123456789012", "for \"tests\"", TimestampMs(1'700'000'000'000));
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->access_key_id.size(), 20u);
    EXPECT_EQ(made->secret.size(), 40u);
    const auto found = server.find(made->access_key_id);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->secret, made->secret);
    EXPECT_EQ(found->account, "123456789012");
    EXPECT_EQ(found->description, "for \"tests\"");
    EXPECT_EQ(found->created, TimestampMs(1'700'000'000'000));
    EXPECT_TRUE(found->active);
}

TEST_F(KeysTest, TheFileIsItsOwnersAlone) {
    ASSERT_TRUE(Keys(directory()).create("123456789012", "", TimestampMs(0)).ok());
    struct stat info{};
    ASSERT_EQ(stat(file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(KeysTest, DeactivatedAndRemoved) {
    Keys keys(directory());
    const Key one = *keys.create("123456789012", "one", TimestampMs(0));
    const Key two = *keys.create("123456789012", "two", TimestampMs(0));
    ASSERT_TRUE(keys.set_active(one.access_key_id, false).ok());
    ASSERT_TRUE(keys.remove(two.access_key_id).ok());
    EXPECT_EQ(keys.remove(two.access_key_id).error().code, ErrorCode::not_found);
    EXPECT_EQ(keys.set_active("AKIANOBODY", true).error().code, ErrorCode::not_found);
    const std::vector<Key> left = *keys.list();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].description, "one");
    EXPECT_FALSE(left[0].active);
    Keys server(directory());
    EXPECT_FALSE(server.find(one.access_key_id)->active);
    EXPECT_EQ(server.find(two.access_key_id), nullptr);
}

TEST_F(KeysTest, ADamagedFileIsReportedAndDoesNotUnsetWhatIsInForce) {
    Keys keys(directory());
    const Key key = *keys.create("123456789012", "", TimestampMs(0));
    ASSERT_NE(keys.find(key.access_key_id), nullptr);
    for (const char* text : {"", "{", "{\"version\":2,\"keys\":[]}", "{\"version\":1,\"keys\":[{}]}"}) {
        std::ofstream(file()) << text;
        EXPECT_EQ(keys.list().error().code, ErrorCode::corruption) << text;
        EXPECT_EQ(keys.create("123456789012", "", TimestampMs(0)).error().code, ErrorCode::corruption);
        EXPECT_EQ(keys.find("AKIANOBODY"), nullptr);
        EXPECT_NE(keys.find(key.access_key_id), nullptr);
    }
}

TEST_F(KeysTest, EphemeralKeysAreOneAnAccountAndNeverInTheFile) {
    Keys keys(directory());
    const auto made = keys.ephemeral("123456789012");
    EXPECT_FALSE(made->session_token.empty());
    EXPECT_EQ(keys.ephemeral("123456789012"), made);
    EXPECT_NE(keys.ephemeral("210987654321")->access_key_id, made->access_key_id);
    EXPECT_EQ(keys.find(made->access_key_id), made);
    ASSERT_TRUE(keys.list().ok());
    EXPECT_TRUE(keys.list()->empty());
    EXPECT_FALSE(std::filesystem::exists(file()));
    EXPECT_EQ(Keys(directory()).find(made->access_key_id), nullptr);
}

TEST_F(KeysTest, AccountsAreTwelveDigits) {
    Keys keys(directory());
    for (const char* account : {"", "12345678901", "1234567890123", "12345678901x"})
        EXPECT_EQ(keys.create(account, "", TimestampMs(0)).error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(keys.list()->empty());
}

}  // namespace
}  // namespace millrace::aws

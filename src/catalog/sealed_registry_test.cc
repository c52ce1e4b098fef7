#include "src/catalog/sealed_registry.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::catalog {
namespace {

constexpr std::string_view kind = "events.connection";
const Scope scope{.account = "000000000000", .region = "us-east-1"};

class Sealing : public testing::Test {
  protected:
    Result<std::unique_ptr<Registry>> open() {
        TRY_ASSIGN(SecretKeys keys, SecretKeys::open(path_));
        return seal_kinds(Registry::open(*store_), std::move(keys), {std::string(kind)});
    }
    std::string stored(std::string_view name) { return **plain_->get(kind, scope, name); }
    std::string read() {
        std::ostringstream out;
        out << std::ifstream(path_).rdbuf();
        return out.str();
    }
    void write(const std::string& text) { std::ofstream(path_) << text; }

    table::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/secrets.key";
    std::unique_ptr<table::KeyValueStore> store_ =
        *table::open_rocksdb({.directory = directory_.path() + "/store", .sync = false});
    std::unique_ptr<Registry> plain_ = Registry::open(*store_);
};

TEST_F(Sealing, WhatIsSecretIsSealedOnDiskAndPlainToWhoAsks) {
    const auto registry = *open();
    ASSERT_TRUE(registry->create(kind, scope, "a", "hush").ok());
    ASSERT_TRUE(registry->create("other", scope, "a", "open").ok());
    EXPECT_EQ(stored("a").find("hush"), std::string::npos);
    EXPECT_EQ(**plain_->get("other", scope, "a"), "open");
    EXPECT_EQ(**registry->get(kind, scope, "a"), "hush");
    EXPECT_EQ(registry->list(kind, scope, "", 10)->at(0).value, "hush");
    ASSERT_TRUE(registry->for_each(kind, [](const Scope&, const Entry& each) { EXPECT_EQ(each.value, "hush"); }).ok());
    struct stat info = {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    const std::string once = stored("a");
    ASSERT_TRUE(registry->put(kind, scope, "a", "hush").ok());
    EXPECT_NE(stored("a"), once);  // never the same nonce
}

TEST_F(Sealing, WhatWasPlainIsSealedAtTheStart) {
    ASSERT_TRUE(plain_->create(kind, scope, "old", "hush").ok());
    const auto registry = *open();
    EXPECT_EQ(stored("old").find("hush"), std::string::npos);
    EXPECT_EQ(**registry->get(kind, scope, "old"), "hush");
}

TEST_F(Sealing, AKeyIsChangedByALineMoreAndARestart) {
    ASSERT_TRUE((*open())->create(kind, scope, "a", "hush").ok());
    const std::string old = read();
    const std::string fresh(64, '7');
    write(fresh + "\n" + old);
    const std::string before = stored("a");
    EXPECT_EQ(**(*open())->get(kind, scope, "a"), "hush");
    EXPECT_NE(stored("a"), before);
    write(fresh + "\n");
    EXPECT_EQ(**(*open())->get(kind, scope, "a"), "hush");
    write(old);
    EXPECT_EQ(open().error().code, ErrorCode::corruption);
}

TEST_F(Sealing, WhatIsChangedOrPutElsewhereIsNotOpened) {
    const auto registry = *open();
    ASSERT_TRUE(registry->create(kind, scope, "a", "hush").ok());
    const std::string good = stored("a");
    for (size_t i = 18; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        ASSERT_TRUE(plain_->put(kind, scope, "a", bad).ok());
        EXPECT_FALSE(registry->get(kind, scope, "a").ok()) << i;
    }
    for (const size_t size : {18u, 30u, 50u}) {
        ASSERT_TRUE(plain_->put(kind, scope, "a", good.substr(0, size)).ok());
        EXPECT_FALSE(registry->get(kind, scope, "a").ok()) << size;
    }
    ASSERT_TRUE(plain_->put(kind, scope, "b", good).ok());
    EXPECT_EQ(registry->get(kind, scope, "b").error().code, ErrorCode::corruption);
}

TEST_F(Sealing, AFileThatOthersReadOrThatHasNoKeyStopsTheStart) {
    ASSERT_TRUE(open().ok());
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    EXPECT_EQ(open().error().code, ErrorCode::failed_precondition);
    ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
    write("# nothing\n");
    EXPECT_EQ(open().error().code, ErrorCode::invalid_argument);
    write("abc\n");
    EXPECT_EQ(open().error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace millrace::catalog

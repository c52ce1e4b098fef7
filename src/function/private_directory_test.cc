#include "src/function/private_directory.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace millrace::function {
namespace {

namespace fs = std::filesystem;

// Each folder in the one before: `depth` of them, with a file and a link out of it in each.
void make_deep(const std::string& path, int depth, const std::string& outside) {
    int at = ::open(path.c_str(), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < depth; ++i) {
        ASSERT_EQ(::mkdirat(at, "d", 0700), 0);
        ASSERT_EQ(::symlinkat(outside.c_str(), at, "link"), 0);
        ::close(::openat(at, "file", O_CREAT | O_WRONLY, 0000));
        const int next = ::openat(at, "d", O_RDONLY | O_DIRECTORY);
        ASSERT_GE(next, 0);
        if (i > 0) ::fchmod(at, 0000);
        ::close(at);
        at = next;
    }
    ::close(at);
}

TEST(PrivateDirectory, HoweverDeepItIsRemovedAndNothingElse) {
    std::string parent = fs::temp_directory_path() / "millrace-private-XXXXXX";
    ASSERT_NE(::mkdtemp(parent.data()), nullptr);
    const std::string outside = parent + "/outside";
    fs::create_directory(outside);
    std::ofstream(outside + "/kept") << "kept";
    auto made = make_private_directory(parent, 3, -1);
    ASSERT_TRUE(made.ok());
    make_deep(*made, 300, outside);
    make_deep(outside, 2, outside);  // its neighbour stays as deep as it is

    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{128, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    remove_private_directory(*made);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_FALSE(fs::exists(*made));
    EXPECT_TRUE(fs::exists(outside + "/kept"));
    EXPECT_TRUE(fs::exists(outside + "/d"));
    EXPECT_TRUE(make_private_directory(parent, 3, -1).ok());
    remove_private_directory(parent);
    EXPECT_FALSE(fs::exists(parent));
}

}  // namespace
}  // namespace millrace::function

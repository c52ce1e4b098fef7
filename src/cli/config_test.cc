#include "src/cli/config.h"

#include <set>

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(Config, EveryDefaultIsWithinItsOwnBounds) {
    Config config = default_config();  // stops the process where one is not
    EXPECT_EQ(config.listen, "127.0.0.1:4566");
    EXPECT_EQ(config.auth, "sign");
    EXPECT_EQ(config.header_bytes_max, 65536u);
    EXPECT_EQ(config.idle_ms_max, 75'000u);
    EXPECT_EQ(config.streamed_body_bytes_max, uint64_t{5} << 40);
    EXPECT_TRUE(check(config).ok());
}

TEST(Config, NamesAreUniqueAndEachHasASentence) {
    std::set<std::string_view> names;
    for (const Setting& setting : settings()) {
        EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
        EXPECT_TRUE(setting.sentence.ends_with(".")) << setting.name;
    }
}

TEST(Config, NumbersTakeUnits) {
    Config config = default_config();
    EXPECT_TRUE(set(config, "header-bytes-max", "128KiB").ok());
    EXPECT_EQ(config.header_bytes_max, 128u << 10);
    EXPECT_TRUE(set(config, "idle-ms-max", "2min").ok());
    EXPECT_EQ(config.idle_ms_max, 120'000u);
    EXPECT_TRUE(set(config, "idle-ms-max", "250ms").ok());
    EXPECT_EQ(config.idle_ms_max, 250u);
    EXPECT_TRUE(set(config, "idle-ms-max", "1500").ok());
    EXPECT_EQ(config.idle_ms_max, 1500u);
}

TEST(Config, WhatIsNotAllowedSaysWhatIs) {
    Config config = default_config();
    for (auto [name, text] :
         std::initializer_list<std::pair<const char*, const char*>>{{"header-bytes-max", "12"},
                                                                    {"header-bytes-max", "-1"},
                                                                    {"header-bytes-max", "64KB"},
                                                                    {"header-bytes-max", ""},
                                                                    {"header-bytes-max", "99999999999999999999TiB"},
                                                                    {"connections-max", "64KiB"},
                                                                    {"auth", "maybe"},
                                                                    {"tls", "yes"},
                                                                    {"no-such-thing", "1"}}) {
        Status status = set(config, name, text);
        ASSERT_FALSE(status.ok()) << name << "=" << text;
        EXPECT_NE(status.error().message.find(name), std::string::npos) << status.error().message;
    }
}

TEST(Config, AFileIsNamesAndValuesAndErrorsNameTheLine) {
    Config config = default_config();
    EXPECT_TRUE(apply_file(config, "# ours\n\nlisten = 127.0.0.1:9000  # a port\ntls=true\r\n").ok());
    EXPECT_EQ(config.listen, "127.0.0.1:9000");
    EXPECT_TRUE(config.tls);
    Status status = apply_file(config, "tls = true\nauth maybe\n");
    ASSERT_FALSE(status.ok());
    EXPECT_TRUE(status.error().message.starts_with("line 2")) << status.error().message;
}

TEST(Config, TheEnvironmentNamesSettingsInCapitals) {
    Config config = default_config();
    char header[] = "MILLRACE_HEADER_BYTES_MAX=2KiB";
    char other[] = "HOME=/tmp";
    char* environment[] = {other, header, nullptr};
    EXPECT_TRUE(apply_environment(config, environment).ok());
    EXPECT_EQ(config.header_bytes_max, 2048u);
}

TEST(Config, AuthOffIsForLoopbackAlone) {
    Config config = default_config();
    config.auth = "off";
    EXPECT_TRUE(check(config).ok());
    for (const char* listen : {"0.0.0.0:4566", "192.168.1.4:4566", "[::]:4566", "127.evil.example:4566"}) {
        config.listen = listen;
        Status status = check(config);
        ASSERT_FALSE(status.ok()) << listen;
        EXPECT_NE(status.error().message.find("auth off is refused"), std::string::npos);
    }
    for (const char* listen : {"127.0.0.2:0", "[::1]:4566", "localhost:4566"}) {
        config.listen = listen;
        EXPECT_TRUE(check(config).ok()) << listen;
    }
}

TEST(Config, ListenIsAnAddressAndAPort) {
    EXPECT_EQ(parse_listen("[::1]:80")->host, "::1");
    EXPECT_EQ(parse_listen("0.0.0.0:0")->port, 0);
    for (const char* text : {"", "4566", ":4566", "127.0.0.1:", "127.0.0.1:65536", "::1:4566", "a:b"}) {
        EXPECT_FALSE(parse_listen(text).ok()) << text;
    }
}

TEST(Config, TheDocumentHasARowForEverySetting) {
    const std::string text = configuration_markdown();
    for (const Setting& setting : settings()) {
        EXPECT_NE(text.find("| `" + std::string(setting.name) + "` |"), std::string::npos) << setting.name;
    }
}

}  // namespace
}  // namespace millrace::cli

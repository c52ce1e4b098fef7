#include "src/http/outbound/policy.h"

#include <gtest/gtest.h>

namespace millrace::http {
namespace {

IpAddress ip(std::string_view text) {
    IpAddress address;
    EXPECT_TRUE(IpAddress::parse(text, &address)) << text;
    return address;
}

OutboundPolicy policy(std::string_view allow, std::string_view hosts = "*") {
    auto parsed = OutboundPolicy::parse(allow, hosts);
    EXPECT_TRUE(parsed.ok()) << parsed.error().message;
    return std::move(parsed).value();
}

bool may(const OutboundPolicy& policy, std::string_view host, uint16_t port, std::string_view address) {
    return policy.check_host(host, port).ok() && policy.check_address(host, port, ip(address)).ok();
}

TEST(OutboundPolicy, knows_what_is_public) {
    for (const char* text : {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
                             "223.255.255.255", "2606:4700::1111", "2002:808:808::1", "64:ff9b::808:808"})
        EXPECT_TRUE(is_public(ip(text))) << text;
    for (const char* text : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:127.0.0.1",
                             "::ffff:8.8.8.8",
                             "::127.0.0.1",
                             "fc00::1",
                             "fd00:ec2::254",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1",
                             "2001::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "2002:a00:1::1",
                             "64:ff9b::7f00:1",
                             "64:ff9b::a9fe:a9fe",
                             "64:ff9b:1::1",
                             "100::1",
                             "3fff::1",
                             "5f00::1"})
        EXPECT_FALSE(is_public(ip(text))) << text;
}

TEST(OutboundPolicy, refuses_what_is_not_public_by_default_and_says_what_to_do) {
    const OutboundPolicy standard;
    EXPECT_TRUE(may(standard, "example.com", 443, "93.184.216.34"));
    const Status refused = standard.check_address("rebound.example.com", 80, ip("169.254.169.254"));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::permission_denied);
    EXPECT_NE(refused.error().message.find("outbound-allow"), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("169.254.169.254"), std::string::npos);
    EXPECT_FALSE(standard.check_host("127.0.0.1", 80).ok());  // before any look-up
}

TEST(OutboundPolicy, allows_what_the_operator_names) {
    const OutboundPolicy some = policy("127.0.0.1:8080, 10.0.0.0/8 fd00::/8,[::1]:90 db.internal *.corp.example:443");
    EXPECT_TRUE(may(some, "127.0.0.1", 8080, "127.0.0.1"));
    EXPECT_TRUE(may(some, "localhost", 8080, "::ffff:127.0.0.1"));
    EXPECT_FALSE(may(some, "127.0.0.1", 8081, "127.0.0.1"));
    EXPECT_FALSE(may(some, "127.0.0.2", 8080, "127.0.0.2"));
    EXPECT_TRUE(may(some, "x", 1, "10.255.0.1"));
    EXPECT_FALSE(may(some, "x", 1, "11.0.0.1") && !is_public(ip("11.0.0.1")));
    EXPECT_TRUE(may(some, "x", 1, "fd12::1"));
    EXPECT_TRUE(may(some, "x", 90, "::1"));
    EXPECT_FALSE(may(some, "x", 91, "::1"));
    EXPECT_TRUE(may(some, "db.internal", 5432, "192.168.7.7"));
    EXPECT_FALSE(may(some, "a.db.internal", 5432, "192.168.7.7"));
    EXPECT_TRUE(may(some, "a.corp.example", 443, "192.168.7.7"));
    EXPECT_FALSE(may(some, "a.corp.example", 80, "192.168.7.7"));
    EXPECT_FALSE(may(some, "corp.example", 443, "192.168.7.7"));
}

TEST(OutboundPolicy, a_host_by_name_does_not_cover_metadata) {
    const OutboundPolicy some = policy("db.internal");
    for (const char* text :
         {"169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "fd00:ec2::254", "::ffff:169.254.1.1"})
        EXPECT_FALSE(may(some, "db.internal", 80, text)) << text;
    EXPECT_TRUE(may(policy("169.254.169.254"), "x", 80, "169.254.169.254"));
}

TEST(OutboundPolicy, holds_to_the_list_of_hosts) {
    const OutboundPolicy some = policy("localhost", "blockchain.info, *.example.com 9.9.9.0/24");
    EXPECT_TRUE(may(some, "blockchain.info", 443, "104.16.0.1"));
    EXPECT_TRUE(may(some, "api.example.com", 443, "104.16.0.1"));
    EXPECT_TRUE(may(some, "localhost", 443, "127.0.0.1"));
    EXPECT_TRUE(may(some, "nine", 443, "9.9.9.9"));
    EXPECT_FALSE(may(some, "example.com", 443, "104.16.0.1"));
    EXPECT_FALSE(may(some, "blockchain.info", 443, "10.0.0.1"));
    EXPECT_FALSE(policy("", "blockchain.info").check_host("example.com", 80).ok());
    EXPECT_FALSE(policy("", "").check_host("example.com", 80).ok());
}

TEST(OutboundPolicy, says_which_entry_is_none) {
    for (const char* text : {"10.0.0.0/33", "host:0", "host:70000", "[::1", "[::1]x", "http://x", "a b/c",
                             "fe80::1%eth0", "*", "*.", "::ffff:0.0.0.0/8", "10.0.0.0/-1"}) {
        const auto parsed = OutboundPolicy::parse(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace millrace::http

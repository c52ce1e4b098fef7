#include "src/gateway/mapping/source.h"

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

TEST(Source, EachForm) {
    using Kind = Source::Kind;
    const std::pair<const char*, Kind> forms[] = {{"'a text'", Kind::text},
                                                  {"method.request.path.id", Kind::path},
                                                  {"method.request.querystring.q", Kind::query},
                                                  {"method.request.multivaluequerystring.q", Kind::multi_query},
                                                  {"method.request.header.X-Id", Kind::header},
                                                  {"method.request.multivalueheader.X-Id", Kind::multi_header},
                                                  {"method.request.body", Kind::body},
                                                  {"method.request.body.order.id", Kind::body_path},
                                                  {"integration.response.body.$.Items[0].S", Kind::body_path},
                                                  {"integration.response.header.Location", Kind::header},
                                                  {"context.identity.sourceIp", Kind::context},
                                                  {"stageVariables.stream", Kind::stage_variable}};
    for (const auto& [text, kind] : forms) {
        const Result<Source> source = Source::parse(text);
        ASSERT_TRUE(source.ok()) << text;
        EXPECT_EQ(source->kind, kind) << text;
    }
    EXPECT_EQ(Source::parse("'a text'")->name, "a text");
    EXPECT_EQ(Source::parse("method.request.header.X-Id")->name, "x-id");
    EXPECT_TRUE(Source::parse("integration.response.header.a")->of_answer);
}

TEST(Source, WhatIsNone) {
    for (const char* bad : {"", "'", "text", "method.request.", "method.request.path.", "method.request.cookie.a",
                            "integration.response.path.a", "context.", "method.request.body.", "method.request.bodyx"})
        EXPECT_FALSE(Source::parse(bad).ok()) << bad;
}

TEST(Target, OfItsSide) {
    EXPECT_EQ(Target::parse("integration.request.path.key", "integration.request")->name, "key");
    EXPECT_EQ(Target::parse("method.response.header.X-A", "method.response")->name, "x-a");
    EXPECT_FALSE(Target::parse("method.response.path.a", "method.response").ok());
    EXPECT_FALSE(Target::parse("integration.request.header.", "integration.request").ok());
    EXPECT_FALSE(Target::parse("method.response.header.a", "integration.request").ok());
}

}  // namespace
}  // namespace millrace::gateway

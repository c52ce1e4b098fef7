#include "src/service/apigateway/patch.h"

#include <gtest/gtest.h>

namespace millrace::service::apigateway {
namespace {

struct Thing {
    std::string name;
    bool on = false;
    std::map<std::string, std::string> entries;
    std::vector<std::string> types;
};

const PatchTable<Thing>& table(PatchErrors form) {
    static const auto make = [](PatchErrors of) {
        return PatchTable<Thing>(of, {
                                         {{"/name", "replace"}, patch_text(&Thing::name)},
                                         {{"/on", "replace"}, patch_flag(&Thing::on)},
                                         {{"/entries/{}", "add replace remove"},
                                          patch_entry(&Thing::entries, "Invalid parameter name specified")},
                                         {{"/types/{}", "add remove replace"},
                                          patch_item(&Thing::types, [](const Patch& it) { return it.parts.back(); })},
                                         {{"/old", "replace remove"}, patch_refused<Thing>("old", "it is gone")},
                                     });
    };
    static const PatchTable<Thing> naming = make(PatchErrors::naming_paths);
    static const PatchTable<Thing> shorter = make(PatchErrors::short_ones);
    return form == PatchErrors::naming_paths ? naming : shorter;
}

Patch patch(std::string op, std::string path, std::optional<std::string> value = {}) {
    Patch it;
    it.op = std::move(op);
    it.path = std::move(path);
    it.value = std::move(value);
    it.parts = pointer_parts(it.path);
    return it;
}

std::string message(const std::vector<Patch>& patches, PatchErrors form = PatchErrors::naming_paths) {
    Thing thing;
    const auto outcome = table(form).apply(thing, patches);
    return outcome.ok() ? "" : outcome.error().message;
}

TEST(PatchTest, PartsAreUnescaped) {
    EXPECT_EQ(pointer_parts("/a~1b/~0c/"), (std::vector<std::string>{"a/b", "~c", ""}));
    EXPECT_EQ(pointer_parts("/~01"), (std::vector<std::string>{"~1"}));
    EXPECT_EQ(pointer_parts(""), (std::vector<std::string>{""}));
}

TEST(PatchTest, ManyPartsAreMatchedInTheMiddle) {
    EXPECT_TRUE(matches_pointer("/a/{*}/end", pointer_parts("/a//x/GET/end")));
    EXPECT_TRUE(matches_pointer("/a/{*}/end", pointer_parts("/a/x/end")));
    EXPECT_FALSE(matches_pointer("/a/{*}/end", pointer_parts("/a/end")));
    EXPECT_FALSE(matches_pointer("/a/{*}/end", pointer_parts("/a/x/other")));
    EXPECT_FALSE(matches_pointer("/a/{}", pointer_parts("/a")));
}

TEST(PatchTest, OperationsAreAppliedInOrder) {
    Thing thing;
    ASSERT_TRUE(table(PatchErrors::naming_paths)
                    .apply(thing, {patch("replace", "/name", "one"), patch("replace", "/name", "two"),
                                   patch("add", "/entries/a~1b", "x"), patch("add", "/entries/c", "y"),
                                   patch("replace", "/entries/a~1b", "z"), patch("remove", "/entries/c"),
                                   patch("add", "/types/image~1png"), patch("add", "/types/image~1png"),
                                   patch("add", "/types/b"), patch("replace", "/types/b", "c")})
                    .ok());
    EXPECT_EQ(thing.name, "two");
    EXPECT_EQ(thing.entries, (std::map<std::string, std::string>{{"a/b", "z"}}));
    EXPECT_EQ(thing.types, (std::vector<std::string>{"image/png", "c"}));
}

TEST(PatchTest, WhatIsNotAllowedIsSaidAsApiGatewaySaysIt) {
    EXPECT_EQ(message({patch("replace", "/wrong", "x")}),
              "Invalid patch path  '/wrong' specified for op 'replace'. Must be one of: [/name, /on, /entries/{}, "
              "/types/{}, /old]");
    EXPECT_EQ(message({patch("test", "/name", "x")}),
              "Invalid patch path  '/name' specified for op 'test'. Please choose supported operations");
    EXPECT_EQ(message({patch("replace", "/wrong", "x")}, PatchErrors::short_ones), "Invalid patch path /wrong");
    EXPECT_EQ(message({patch("add", "/name", "x")}, PatchErrors::short_ones),
              "Invalid patch operation specified. Must be one of: [replace]");
    EXPECT_EQ(message({patch("remove", "/entries/none")}), "Invalid parameter name specified");
    EXPECT_EQ(message({patch("replace", "/on", "perhaps")}), "Invalid boolean value 'perhaps' specified for /on");
    EXPECT_EQ(message({patch("replace", "/old", "x")}), "Millrace does not honour the parameter old: it is gone");
}

}  // namespace
}  // namespace millrace::service::apigateway

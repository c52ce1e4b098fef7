// AWS's documented examples of $input and $util, and what its users rely on.
#include "src/gateway/mapping/template_objects.h"

#include <gtest/gtest.h>

#include "src/vtl/template.h"

namespace millrace::gateway {
namespace {

std::string render(std::string_view text, std::string_view body) {
    const Payload payload(body);
    const auto map = [](std::initializer_list<std::pair<const char*, const char*>> entries) {
        auto made = std::make_shared<vtl::Map>();
        for (const auto& [name, value] : entries) made->put(name, value);
        return vtl::Value(std::move(made));
    };
    const InputParameters parameters{
        .path = [&] { return map({{"id", "17"}}); },
        .query = [&] { return map({{"type", "dog"}, {"id", "of the query"}}); },
        .header = [&] { return map({{"Content-Type", "application/json"}}); },
    };
    vtl::Context context(vtl::Context::Dialect::api_gateway);
    context.set("input", make_input(payload, parameters));
    context.set("util", util_object());
    const auto compiled = vtl::Template::parse(text);
    if (!compiled.ok()) return "PARSE: " + compiled.error().message;
    const Result<std::string> out = (*compiled)->render(context);
    return out.ok() ? *out : "ERROR: " + out.error().message;
}

constexpr const char* stock = R"({"bin":"5","category":"fruits","price":1.99,"none":null,
    "tags":[{"n":"a/b"},{"n":"it's \"q\" \u00e9"}]})";

TEST(Input, PathsAndJson) {
    EXPECT_EQ(render("$input.path('$.category')", stock), "fruits");
    EXPECT_EQ(render("$input.json('$.category')", stock), "\"fruits\"");
    EXPECT_EQ(render("$input.json('$.price') $input.path('$.price')", stock), "1.99 1.99");
    EXPECT_EQ(render("$input.path('tags[0].n') $input.json('bin')", stock), "a/b \"5\"");
    EXPECT_EQ(render("{\"t\": $input.path('$.tags')}", R"({"tags":[{"n":1.0}]})"), R"({"t": [{"n":1.0}]})");
    EXPECT_EQ(render("$input.json('$.tags[0]')", stock), R"({"n":"a/b"})");
    EXPECT_EQ(render("$input.json('$')", R"({ "a" : [1, 2] })"), R"({"a":[1,2]})");
    EXPECT_EQ(render("#set($in = $input.path('$'))$in.category $in.tags.size() $in.tags[0].n", stock), "fruits 2 a/b");
    EXPECT_EQ(render("#foreach($t in $input.path('$.tags'))$t.n#if($foreach.hasNext);#end#end", stock),
              "a/b;it's \"q\" \xC3\xA9");
    EXPECT_EQ(render("[$input.path('$.missing')][$input.json('$.missing')]", stock), "[][\"\"]");
    EXPECT_EQ(render("#if($input.path('$.missing') == '')none#end", stock), "none");
    EXPECT_EQ(render("$input.json('$')", ""), "{}");
    EXPECT_EQ(render("$input.body", "not json"), "not json");
    EXPECT_EQ(render("$input.body ($input.body.x)", ""), "{} ()") << "as AWS shows an empty body";
    EXPECT_EQ(render("#if($input.path('$.missing'))a#{else}b#end", stock), "b");
    EXPECT_EQ(
        render("#set($r = $input.path('$.none'))[$r $r.x #if($r == $null)null#end #if($r == '')empty#end]", stock),
        "[  null empty]")
        << "what has no value prints nothing";
    EXPECT_EQ(render("[$input.path('$.a')]", "not json"), "[]");
}

TEST(Input, Parameters) {
    EXPECT_EQ(
        render("$input.params('id') $input.params('type') $input.params('content-type') [$input.params('x')]", ""),
        "17 dog application/json []");
    EXPECT_EQ(render("$input.params().querystring.get('id') $input.params().path.id", ""), "of the query 17");
    EXPECT_EQ(render("#set($all = $input.params())#foreach($t in $all.keySet())#set($p = $all.get($t))"
                     "$t:#foreach($n in $p.keySet())$n=$util.escapeJavaScript($p.get($n));#end #end",
                     ""),
              "path:id=17; querystring:type=dog;id=of the query; header:Content-Type=application\\/json; ");
}

TEST(Util, Functions) {
    EXPECT_EQ(render("$util.escapeJavaScript($input.path('$.tags[1].n'))", stock), R"(it\'s \"q\" \u00E9)");
    EXPECT_EQ(render("$util.escapeJavaScript(\"a\nb\")", ""), "a\\nb");
    EXPECT_EQ(render("$util.base64Encode($input.body)", "Hi\n"), "SGkK");
    EXPECT_EQ(render("$util.base64Decode('SGkK')", ""), "Hi\n");
    EXPECT_EQ(render("$util.urlEncode('a b&c/*~')", ""), "a+b%26c%2F*%7E");
    EXPECT_EQ(render("$util.urlDecode('a+b%26c')", ""), "a b&c");
    EXPECT_EQ(render("#set($o = $util.parseJson($input.path('$.e')))$o.key[1]", R"({"e":"{\"key\":[1,2]}"})"), "2");
    EXPECT_EQ(render("[$util.parseJson('{')]", ""), "[]");
}

}  // namespace
}  // namespace millrace::gateway

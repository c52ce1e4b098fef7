#include "src/vtl/template.h"

#include <gtest/gtest.h>

namespace millrace::vtl {
namespace {

std::string render(std::string_view text, Context context = {}, Limits limits = {}) {
    context.set("name", "Ada");
    context.set("n", int64_t{7});
    context.set("no", false);
    context.set("list", make_list({"a", "b", "c"}));
    context.set("body", *parse_json(R"({"id":1,"tags":["x","y"],"who":{"first":"Ada"},"none":null,"f":1.5})"));
    auto parsed = Template::parse(text);
    if (!parsed.ok()) return "PARSE: " + parsed.error().message;
    auto out = (*parsed)->render(context, limits);
    return out.ok() ? *out : "ERROR: " + out.error().message;
}

TEST(Template, References) {
    EXPECT_EQ(render("Hi $name, ${name}s $!name!"), "Hi Ada, Adas Ada!");
    EXPECT_EQ(render("$who $!who ${who} $!{who}."), "$who  ${who} .");
    EXPECT_EQ(render("$body.who.first $body.tags[1] $body['id'] $body.get('f')"), "Ada y 1 1.5");
    EXPECT_EQ(render("$body.tags $body.who"), "[\"x\",\"y\"] {first=Ada}") << "lists from JSON print as JSON";
    EXPECT_EQ(render("cost: $5, $ and $$name, a$name.b"), "cost: $5, $ and $Ada, a$name.b");
    EXPECT_EQ(render("$body.none|$!body.none|"), "$body.none||");
    EXPECT_EQ(render("$name.length()... $name.substring(1)."), "3... da.");
    EXPECT_EQ(render("x=$name[0"), "x=Ada[0");
}

TEST(Template, EscapedReferences) {
    EXPECT_EQ(render(R"(\$name \\$name \$who)"), R"($name \Ada \$who)");
    EXPECT_EQ(render(R"(\#if(true) a\nb)"), R"(#if(true) a\nb)");
}

TEST(Template, SetTakesItsLineAway) {
    EXPECT_EQ(render("a\n  #set($x = 1)\nb$x"), "a\n  b1");
    EXPECT_EQ(render("a #set($x = 1)b"), "a b") << "blanks go only where there is nothing else";
    EXPECT_EQ(render("  #set($x = 1)\n#if(true)\n  #set($y = 2)\n## c\n  #set($z = 3)\n$x$y$z#end"), "123");
    EXPECT_EQ(render("#set($x = 1)#set($x = $body.none)#set($x = 1 / 0)#set($x = $nobody)$x"), "1")
        << "null changes nothing";
    EXPECT_EQ(render("#set($x = 'a')#set($x = $x + 'b')$x"), "ab");
    EXPECT_EQ(render(R"(#set($m = {"k": 1, "l": [1, 2]})#set($m.k = 5)#set($m["z"] = "q")$m)"), "{k=5, l=[1, 2], z=q}");
    EXPECT_EQ(render("#set($l = [1..3])#set($l[0] = 9)$l $l.size()"), "[9, 2, 3] 3");
}

TEST(Template, Conditions) {
    EXPECT_EQ(render("#if($name == 'Ada')yes#{else}no#end"), "yes");
    EXPECT_EQ(render("#if($no)a#elseif($n > 6 && $n < 8)b#else c#end"), "b");
    EXPECT_EQ(render("#if(!$missing)none#end"), "none");
    EXPECT_EQ(render("#if($n == 7 and not ($n ne 7))x#end#if($n lt 7 or $no)y#end"), "x");
    EXPECT_EQ(render("[\n#if(true)\n  a\n#else\n  b\n#end\n]"), "[\n  a\n]");
}

TEST(Template, Foreach) {
    EXPECT_EQ(render("#foreach($x in $list)$x#if($foreach.hasNext),#end#end"), "a,b,c");
    EXPECT_EQ(render("#foreach($x in $list)$foreach.index$foreach.count$velocityCount #end"), "011 122 233 ");
    EXPECT_EQ(render("#foreach($k in $body.who.keySet())$k=$body.who.get($k)#end"), "first=Ada");
    EXPECT_EQ(render("#foreach($e in $body.who.entrySet())$e.key:$e.getValue()#end"), "first:Ada");
    EXPECT_EQ(render("#foreach($x in $list)#if($x == 'b')#break#end$x#end."), "a.");
    EXPECT_EQ(render("#foreach($x in [])x#{else}empty#end"), "empty");
    EXPECT_EQ(render("#foreach($a in [1,2])#foreach($b in [1,2])$foreach.parent.index$foreach.index #end#end"),
              "00 01 10 11 ");
    EXPECT_EQ(render("#foreach($a in [1,2])#foreach($b in "
                     "[3])$foreach.topmost.count$foreach.hasNext()$foreach.isFirst() #end#end"),
              "1falsetrue 2falsetrue ");
    EXPECT_EQ(render("#set($x = 1)#foreach($x in [5])#end$x"), "1") << "the loop's variable is the loop's";
}

TEST(Template, MacrosDefinesAndEvaluate) {
    EXPECT_EQ(render("#macro(hi $who)Hi $who!#end#hi('Bo')#hi($name)"), "Hi Bo!Hi Ada!");
    EXPECT_EQ(render("#hi('x')#macro(hi $a $b)${a}-$!b#end"), "x-");
    EXPECT_EQ(render("#macro(m)first#end#macro(m)second#end#m #m()"), "first first") << "the first of a name stays";
    EXPECT_EQ(render("#macro(box)<$bodyContent>#end#@box()in $name#end"), "<in Ada>");
    EXPECT_EQ(render("#define($d)n=$n#end#set($n = 8)$d"), "n=8");
    EXPECT_EQ(render("#set($t = '$name' + '!')#evaluate($t)"), "Ada!");
    EXPECT_EQ(render("a#stop b"), "a");
    EXPECT_EQ(render("#fff # title #note(that it is text) #nobody('x')"),
              "#fff # title #note(that it is text) #nobody('x')");
}

TEST(Template, CommentsAndVerbatim) {
    EXPECT_EQ(render("a## gone\nb#* gone\n too *#c#[[$name #if(]]#"), "abc$name #if(");
}

TEST(Template, Arithmetic) {
    EXPECT_EQ(render("#set($x = 7 / 2 + 2 * 3 - 1 % 2)$x"), "8");
    EXPECT_EQ(render("#set($x = 7.0 / 2)$x"), "3.5");
    EXPECT_EQ(render("#set($x = (1 + 2) * 3)$x"), "9");
    EXPECT_EQ(render("#set($x = 1 / 0)$!x."), ".");
    EXPECT_EQ(render("#set($x = 1e3)$x #set($x = .5)$x #set($x = -1.5E-7)$x"), "1000.00.5-1.5E-7");
    EXPECT_EQ(render("$big.n $big.f",
                     [] {
                         Context context;
                         context.set("big", *parse_json(R"({"n":11400714819323198485,"f":1.0})"));
                         return context;
                     }()),
              "11400714819323198485 1.0");
    EXPECT_EQ(render("#set($i = 0)#set($v = $i.parseInt('42') + 1)$v"), "43");
    EXPECT_EQ(render("#set($x = 9223372036854775807 + 1)$x"), "9.223372036854776E18");
}

TEST(Template, Strings) {
    EXPECT_EQ(render(R"(#set($s = "a $name ""q""")$s)"), R"(a Ada "q")");
    EXPECT_EQ(render("#set($s = 'no $name')$s"), "no $name");
    EXPECT_EQ(render(R"($name.toUpperCase() $name.replaceAll("[a-d]", "<$0>") $name.contains("d"))"),
              "ADA A<d><a> true");
    EXPECT_EQ(render(R"(#set($c = "a,b,,")#set($p = $c.split(","))$p.size())"), "2");
    EXPECT_EQ(render(R"(#set($s = "x\'y")$s.replaceAll("\\'","'"))"), "x'y");
    EXPECT_EQ(
        render(
            R"(#set($l = [1, 2, 3])$l.add(0, 9)$l.removeAll([2])$l.containsAll([1, 3]) $l $l.lastIndexOf(3)$l.clear()$l)"),
        "truetrue [9, 1, 3] 2[]");
    EXPECT_EQ(
        render(R"(#set($m = {"a": 1})$m.putIfAbsent("a", 2)$m.clear()$m #foreach($c in $name.toCharArray())$c.#end)"),
        "1{} A.d.a.");
    EXPECT_EQ(render(R"($name.repeat(2) $name.hashCode() $name.isBlank() $name.lastIndexOf("a", 1))"),
              "AdaAda 65662 false -1");
    EXPECT_EQ(render(R"($name.matches("A.a") $name.indexOf("z") $name.equals("Ada"))"), "true -1 true");
}

TEST(Template, WhatIsNoTemplateSaysWhere) {
    EXPECT_EQ(render("a\n#if(true"), "PARSE: #if wants ) at line 2, column 9");
    EXPECT_EQ(render("#if(true)x"), "PARSE: #if without #end at line 1, column 11");
    EXPECT_EQ(render("x#end"), "PARSE: #end without what it ends at line 1, column 6");
    EXPECT_TRUE(render("#parse('x')").starts_with("PARSE: #parse reads files"));
    EXPECT_TRUE(render("#set($x = )").starts_with("PARSE: a value is expected"));
    EXPECT_TRUE(render("#set($x = " + std::string(5000, '(')).starts_with("PARSE: too much nesting"));
}

TEST(Template, EverythingIsBounded) {
    const Limits limits{.steps_max = 10'000, .output_bytes_max = 10'000, .loop_max = 100, .depth_max = 20};
    EXPECT_TRUE(render("#macro(f)#f()#end#f()", {}, limits).starts_with("ERROR: the template calls itself too deep"));
    EXPECT_TRUE(render("#foreach($a in [1..101])x#end", {}, limits).starts_with("ERROR: #foreach over more than 100"));
    EXPECT_TRUE(
        render("#foreach($a in [1..100])#foreach($b in [1..100])#foreach($c in [1..100])#end#end#end", {}, limits)
            .starts_with("ERROR: the template takes too many steps"));
    EXPECT_TRUE(render("#set($s = 'xxxxxxxxxxxxxxxx')#foreach($a in [1..40])#set($s = $s + $s)#end$s", {}, limits)
                    .starts_with("ERROR"));
    EXPECT_TRUE(render("#define($d)$d#end$d", {}, limits).starts_with("ERROR"));
    EXPECT_EQ(render("$name.length()", {}, {.ms_max = 0}), "ERROR: the template takes too long");
    EXPECT_TRUE(render("#set($t = '#evaluate($t)')#evaluate($t)", {}, limits).starts_with("ERROR"));
    EXPECT_EQ(
        render("#set($l = [])#set($m = {})#set($x = $l.add($m))#set($m.l = $l)#set($x = $l.add($l))$l", {}, limits),
        "[{}]")
        << "nothing holds itself";
}

}  // namespace
}  // namespace millrace::vtl

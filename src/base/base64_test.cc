#include "src/base/base64.h"

#include <random>

#include <gtest/gtest.h>

namespace millrace {
namespace {

// From the definition, one bit string at a time.
std::string slow_encode(std::string_view bytes) {
    static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) text += digits[bits >> (held - 6) & 63];
    }
    if (held > 0) text += digits[bits << (6 - held) & 63];
    while (text.size() % 4 != 0) text += '=';
    return text;
}

TEST(Base64, Rfc4648Vectors) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(base64_encode(bytes), text);
        std::string out;
        ASSERT_TRUE(base64_decode(text, &out));
        EXPECT_EQ(out, bytes);
    }
}

TEST(Base64, EveryLengthRoundTrips) {
    std::mt19937_64 random(2);
    for (size_t size = 0; size < 400; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        const std::string text = base64_encode(bytes);
        ASSERT_EQ(text, slow_encode(bytes)) << size;
        std::string out;
        ASSERT_TRUE(base64_decode(text, &out));
        ASSERT_EQ(out, bytes);
    }
}

// At every place of a long text, every one of the 256 characters: refused unless it is a digit.
TEST(Base64, NoForeignCharacterPassesAnywhere) {
    const std::string good = base64_encode(std::string(72, 'x'));
    ASSERT_EQ(good.size(), 96u);
    std::string out;
    for (size_t at = 0; at < good.size(); ++at) {
        for (int c = 0; c < 256; ++c) {
            std::string text = good;
            text[at] = static_cast<char>(c);
            const bool digit = isalnum(c) || c == '+' || c == '/';
            const bool padding = c == '=' && at == good.size() - 1;
            const bool accepted = base64_decode(text, &out);
            if (padding) continue;  // depends on the bits before it; tested below
            ASSERT_EQ(accepted, digit) << at << " " << c;
        }
    }
}

TEST(Base64, PaddingIsStrict) {
    std::string out;
    for (const char* text :
         {"Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm=v", "Z=9v", "Zh==", "Zm9=", " Zg="}) {
        EXPECT_FALSE(base64_decode(text, &out)) << text;
    }
}

}  // namespace
}  // namespace millrace

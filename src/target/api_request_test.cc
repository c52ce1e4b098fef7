// Where an API destination's request goes, whatever an event holds.
#include "src/target/api_request.h"

#include <gtest/gtest.h>

namespace millrace::target {
namespace {

Result<std::string> url_of(std::string endpoint, HttpParameters parameters) {
    ApiDestination destination;
    destination.url = std::move(endpoint);
    destination.method = "POST";
    Connection connection;
    connection.authorization = "API_KEY";
    connection.user = "x-key";
    connection.secret = "secret";
    connection.parameters.query = {{"key", "the connection's", true}};
    Item item{.body = "{}", .http = std::move(parameters)};
    TRY_ASSIGN(const ApiRequest request, make_api_request(destination, connection, item, "", ""));
    return request.head.url;
}

TEST(ApiRequest, ValuesFillThePathAlone) {
    EXPECT_EQ(url_of("https://h/a/*/b*c", {.path_values = {"x/y", "?"}}).value(),
              "https://h/a/x%2Fy/b%3Fc?key=the%20connection%27s");
    EXPECT_EQ(url_of("https://h/a/*", {}).value(), "https://h/a/?key=the%20connection%27s");
    // Kept by a server that did not look: nothing is sent.
    for (const char* endpoint : {"https://*/a", "https://*.h/a", "https://h:*/a", "https://h*", "https://h/a?b=*",
                                 "https://h?*", "*://h/a", "https://h#*"}) {
        const auto made = url_of(endpoint, {.path_values = {"evil.example"}});
        ASSERT_FALSE(made.ok()) << endpoint;
        EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
        EXPECT_FALSE(check_stars(endpoint).ok()) << endpoint;
    }
    EXPECT_TRUE(check_stars("https://h/a/*/b?c=%2A").ok());
}

TEST(ApiRequest, AValueDoesNotStepOutOfItsPath) {
    for (const char* value : {"..", "."}) EXPECT_FALSE(url_of("https://h/public/*/x", {.path_values = {value}}).ok());
    EXPECT_FALSE(url_of("https://h/public/.*", {.path_values = {"."}}).ok());
    EXPECT_FALSE(url_of("https://h/public/%2e*", {.path_values = {"."}}).ok());
    EXPECT_TRUE(url_of("https://h/public/*", {.path_values = {"..."}}).ok());
    EXPECT_TRUE(url_of("https://h/public/*", {.path_values = {"%2e%2e"}}).ok());  // encoded once more
    EXPECT_TRUE(url_of("https://h/../*", {.path_values = {"a"}}).ok());           // who wrote the endpoint meant it
}

TEST(ApiRequest, AnEventDoesNotReplaceWhatTheConnectionAdds) {
    EXPECT_EQ(url_of("https://h/a", {.query = {{"key", "another"}, {"b", "1"}}}).value(),
              "https://h/a?b=1&key=the%20connection%27s");
}

}  // namespace
}  // namespace millrace::target

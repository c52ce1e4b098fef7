#include "src/aws/endpoint.h"

#include <cstdlib>
#include <filesystem>

#include "tests/aws/example/example.h"
#include "tests/aws/example/fake_exchange.h"
#include <gtest/gtest.h>

#include "src/aws/signer.h"
#include "src/aws/sigv4.h"
#include "src/aws/time_text.h"
#include "src/base/base64.h"
#include "src/base/checksum.h"

namespace millrace::aws {
namespace {

constexpr int64_t start_ms = 1'763'663'400'000;

class TestClock final : public io::Clock {
  public:
    TimestampMs now() const override { return TimestampMs(now_ms); }
    int64_t monotonic_ns() const override { return now_ms * 1'000'000; }
    int64_t now_ms = start_ms;
};

class InlineExecutor final : public io::Executor {
  public:
    bool submit(std::function<void()> task) override {
        if (full) return false;
        ++count;
        task();
        return true;
    }
    void stop() override {}
    bool full = false;
    int count = 0;
};

class EndpointTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "endpoint-XXXXXX").string();
        directory_ = mkdtemp(pattern.data());
        keys_ = std::make_unique<Keys>(directory_);
        key_ = *keys_->create("123456789012", "", TimestampMs(0));
        make(Auth::sign);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    void make(Auth auth) {
        EndpointOptions options;
        options.auth = auth;
        endpoint_ = make_endpoint(options, testing::all_services(example_), *keys_, executor_, clock_);
    }

    static http::RequestHead head_of(std::string method, std::string path) {
        http::RequestHead head;
        head.method = std::move(method);
        head.path = path.substr(0, path.find('?'));
        if (path.size() > head.path.size()) head.query = path.substr(head.path.size() + 1);
        head.headers.add("host", "127.0.0.1:4566");
        return head;
    }
    static http::RequestHead kinesis_head(std::string_view operation,
                                          std::string_view type = "application/x-amz-json-1.1") {
        http::RequestHead head = head_of("POST", "/");
        head.headers.add("x-amz-target", "Kinesis_20131202." + std::string(operation));
        head.headers.add("content-type", type);
        return head;
    }
    void sign(http::RequestHead& head, std::string_view body, std::string service = "kinesis") {
        Signer({key_.access_key_id, key_.secret}, "eu-west-1", std::move(service)).sign(head, body, clock_.now());
    }
    http::Response call(const http::RequestHead& head, std::string body) {
        testing::FakeExchange::Seen seen = testing::call(*endpoint_, head, std::move(body));
        EXPECT_EQ(seen.count, 1);
        if (!seen.streamed.empty()) seen.response.body = seen.streamed;
        return std::move(seen.response);
    }
    http::Response call_signed(http::RequestHead head, std::string body, std::string service = "kinesis") {
        sign(head, body, std::move(service));
        return call(head, std::move(body));
    }

    testing::Example example_;
    TestClock clock_;
    InlineExecutor executor_;
    std::string directory_;
    std::unique_ptr<Keys> keys_;
    Key key_;
    std::unique_ptr<Endpoint> endpoint_;
};

TEST_F(EndpointTest, ExactlyTheOpenRoutesSkipVerification) {
    // What is open, word for word: a new row must be added here too, by someone who means it.
    std::vector<std::string> open;
    for (const OpenRoute& route : open_routes)
        open.push_back(std::string(route.method) + " " + std::string(route.path));
    EXPECT_EQ(open, (std::vector<std::string>{"GET /_millrace/health", "HEAD /_millrace/health"}));

    endpoint_->set_ready(true);
    endpoint_->add_route({"GET", "/_millrace/secret", [](const http::RequestHead&) {
                              http::Response response;
                              response.body = "secret";
                              return response;
                          }});
    const std::vector<std::string> paths = {"/",
                                            "/_millrace",
                                            "/_millrace/",
                                            "/_millrace/health",
                                            "/_millrace/health/",
                                            "/_millrace/health/..",
                                            "/_millrace//health",
                                            "/_millrace/HEALTH",
                                            "/_millrace/%68ealth",
                                            "/_millrace/secret",
                                            "/_millrace/health/../secret",
                                            "/bucket",
                                            "/bucket/key",
                                            "/2015-03-31/functions",
                                            "/service/GraniteServiceVersion20100801/operation/ListMetrics"};
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"}) {
        for (const std::string& path : paths) {
            const http::Response response = call(head_of(method, path), "");
            const bool good = response.status < 400;
            EXPECT_EQ(good,
                      path == "/_millrace/health" && (std::string(method) == "GET" || std::string(method) == "HEAD"))
                << method << " " << path << " " << response.status;
            EXPECT_EQ(response.body.find("secret\""), std::string::npos);
        }
    }
    EXPECT_EQ(call_signed(head_of("GET", "/_millrace/secret"), "", "millrace").body, "secret");
}

TEST_F(EndpointTest, EveryOperationOfEveryServiceWantsASignature) {
    for (const Service& service : testing::all_services(example_)) {
        for (const OperationModel& operation : service.model->operations) {
            http::RequestHead head = head_of("POST", "/");
            head.headers.add("x-amz-target",
                             std::string(service.model->target_prefix) + "." + std::string(operation.name));
            EXPECT_GE(call(head, "{}").status, 400) << operation.name;
        }
    }
}

TEST_F(EndpointTest, HealthSaysWhetherWeAreReady) {
    EXPECT_EQ(call(head_of("GET", "/_millrace/health"), "").status, 503);
    endpoint_->set_ready(true);
    EXPECT_EQ(call(head_of("GET", "/_millrace/health"), "").status, 200);
}

TEST_F(EndpointTest, TimeIsHeldToTheSkew) {
    for (const int64_t shift_ms : {-299'000, 0, 299'000}) {
        http::RequestHead head = kinesis_head("PutRecord");
        sign(head, R"({"Data":"","PartitionKey":"k"})");
        clock_.now_ms = start_ms + shift_ms;
        EXPECT_EQ(call(head, R"({"Data":"","PartitionKey":"k"})").status, 200) << shift_ms;
        clock_.now_ms = start_ms;
    }
    http::RequestHead head = kinesis_head("ListStreams");
    sign(head, "{}");
    clock_.now_ms = start_ms + 301'000;
    const http::Response late = call(head, "{}");
    EXPECT_EQ(late.status, 400);
    EXPECT_NE(late.body.find("Signature expired: " + basic_date_time(TimestampMs(start_ms)) + " is now earlier than"),
              std::string::npos)
        << late.body;
    EXPECT_NE(late.body.find("- 5 min.)"), std::string::npos);
    clock_.now_ms = start_ms - 301'000;
    EXPECT_NE(call(head, "{}").body.find("Signature not yet current"), std::string::npos);
    clock_.now_ms = start_ms;
    http::RequestHead get = head_of("GET", "/bucket/key");
    sign(get, "", "s3");
    clock_.now_ms += 301'000;
    EXPECT_NE(call(get, "").body.find("<Code>RequestTimeTooSkewed</Code>"), std::string::npos);
}

TEST_F(EndpointTest, PresignedUrlsExpire) {
    example_.objects["bucket/key"] = "content";
    Signer signer({key_.access_key_id, key_.secret}, "eu-west-1", "s3");
    http::RequestHead head = head_of("GET", "/bucket/key");
    head.query = signer.presigned_query(head, clock_.now(), 3600);
    EXPECT_EQ(call(head, "").body, "content");
    clock_.now_ms = start_ms + 3'600'000;
    EXPECT_EQ(call(head, "").status, 200);
    clock_.now_ms += 1000;
    const http::Response expired = call(head, "");
    EXPECT_EQ(expired.status, 403);
    EXPECT_NE(expired.body.find("Request has expired"), std::string::npos);
    clock_.now_ms = start_ms;
    head.headers.add("x-amz-meta-extra", "1");
    EXPECT_EQ(call(head, "").status, 403);
}

TEST_F(EndpointTest, EveryPartOfASignedRequestIsCovered) {
    const std::string body = R"({"Data":"","PartitionKey":"k"})";
    http::RequestHead good = kinesis_head("PutRecord");
    sign(good, body);
    EXPECT_EQ(call(good, body).status, 200);
    EXPECT_EQ(call(good, body + " ").status, 400);
    for (const char* name : {"host", "x-amz-date", "x-amz-target", "content-type"}) {
        http::RequestHead bad = good;
        bad.headers.set(name, std::string(good.headers.get(name)) + "x");
        EXPECT_GE(call(bad, body).status, 400) << name;
        bad.headers.remove(name);
        EXPECT_GE(call(bad, body).status, 400) << name;
    }
    http::RequestHead bad = good;
    bad.method = "PUT";
    EXPECT_GE(call(bad, body).status, 400);
    bad = good;
    bad.path = "/x";
    EXPECT_GE(call(bad, body).status, 400);
    bad = good;
    bad.query = "x=y";
    EXPECT_GE(call(bad, body).status, 400);
    std::string text(good.headers.get("authorization"));
    for (size_t i = text.size() - 64; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == '0' ? '1' : '0';
        bad = good;
        bad.headers.set("authorization", changed);
        EXPECT_GE(call(bad, body).status, 400);
    }
}

TEST_F(EndpointTest, AKeyThatIsDeactivatedNoLongerOpens) {
    http::RequestHead head = kinesis_head("ListStreams");
    sign(head, "{}");
    EXPECT_EQ(call(head, "{}").status, 200);
    ASSERT_TRUE(keys_->set_active(key_.access_key_id, false).ok());
    Keys fresh(directory_);  // as a server reads it, a second later
    EndpointOptions options;
    options.auth = Auth::sign;
    endpoint_ = make_endpoint(options, testing::all_services(example_), fresh, executor_, clock_);
    EXPECT_NE(call(head, "{}").body.find("UnrecognizedClientException"), std::string::npos);
    endpoint_.reset();
}

TEST_F(EndpointTest, NoSessionTokenIsOneOfOurs) {
    http::RequestHead head = kinesis_head("ListStreams");
    head.headers.add("x-amz-security-token", "token");
    sign(head, "{}");
    EXPECT_NE(call(head, "{}").body.find("UnrecognizedClientException"), std::string::npos);
    head = head_of("GET", "/bucket/key");
    head.headers.add("x-amz-security-token", "token");
    sign(head, "", "s3");
    EXPECT_NE(call(head, "").body.find("<Code>InvalidToken</Code>"), std::string::npos);
}

TEST_F(EndpointTest, AnEphemeralKeyOpensWithItsTokenAlone) {
    key_ = *keys_->ephemeral("000000000000");
    http::RequestHead head = kinesis_head("ListStreams");
    sign(head, "{}");
    EXPECT_NE(call(head, "{}").body.find("UnrecognizedClientException"), std::string::npos);
    head = kinesis_head("ListStreams");
    head.headers.add("x-amz-security-token", key_.session_token);
    sign(head, "{}");
    EXPECT_EQ(call(head, "{}").status, 200);
    head = kinesis_head("ListStreams");
    head.headers.add("x-amz-security-token", key_.session_token.substr(1));
    sign(head, "{}");
    EXPECT_NE(call(head, "{}").body.find("UnrecognizedClientException"), std::string::npos);
}

TEST_F(EndpointTest, UnverifiedBodiesStillHaveTheHashThatTheySay) {
    make(Auth::off);
    http::RequestHead head = head_of("PUT", "/bucket/key");
    head.headers.add("x-amz-content-sha256", empty_sha256);
    EXPECT_EQ(call(head, "body").status, 400);
    EXPECT_TRUE(example_.objects.empty());
    EXPECT_EQ(call(head, "").status, 200);
    http::RequestHead remove = head_of("POST", "/bucket?delete");
    remove.headers.add("x-amz-content-sha256", empty_sha256);
    EXPECT_EQ(call(remove, "<Delete><Object><Key>key</Key></Object></Delete>").status, 400);
    EXPECT_EQ(example_.objects.size(), 1u);
}

TEST_F(EndpointTest, AnS3BodyMustHaveTheHashThatWasSigned) {
    http::RequestHead head = head_of("PUT", "/bucket/key");
    sign(head, "body", "s3");
    EXPECT_EQ(call(head, "body").status, 200);
    EXPECT_EQ(example_.objects["bucket/key"], "body");
    EXPECT_NE(call(head, "b0dy").body.find("<Code>XAmzContentSHA256Mismatch</Code>"), std::string::npos);
    EXPECT_EQ(example_.objects["bucket/key"], "body");
    head.headers.remove("x-amz-content-sha256");
    EXPECT_GE(call(head, "body").status, 400);
    // Gathered bodies as well.
    http::RequestHead remove = head_of("POST", "/bucket?delete");
    const std::string body = "<Delete><Object><Key>key</Key></Object></Delete>";
    remove.headers.add("content-md5", base64_encode(md5(body)));
    sign(remove, body, "s3");
    EXPECT_EQ(call(remove, "<Delete><Object><Key>kay</Key></Object></Delete>").status, 400);
    EXPECT_EQ(example_.objects.size(), 1u);
    EXPECT_EQ(call(remove, body).status, 200);
    EXPECT_TRUE(example_.objects.empty());
}

// {"Data": h'00ff', "PartitionKey": "k"} and {"SequenceNumber": "00ff", "ShardId": "k"} in CBOR.
TEST_F(EndpointTest, TheOlderCborOfTheJavaSdks) {
    const std::string body = std::string(
        "\xbf\x64"
        "Data\x42\x00\xff\x6c"
        "PartitionKey\x61k\xff",
        25);
    http::Response response = call_signed(kinesis_head("PutRecord", "application/x-amz-cbor-1.1"), body);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("content-type"), "application/x-amz-cbor-1.1");
    EXPECT_NE(response.body.find("\x6eSequenceNumber\x64"
                                 "00ff"),
              std::string::npos);
    // Timestamps are integers of milliseconds under tag 1.
    response = call_signed(kinesis_head("GetRecords", "application/x-amz-cbor-1.1"), "\xa1\x6dShardIterator\x61i");
    EXPECT_NE(
        response.body.find(std::string("ApproximateArrivalTimestamp\xc1\x1b\x00\x00\x01\x8b\xcf\xe5\x68\x7b", 37)),
        std::string::npos);
    response = call_signed(kinesis_head("ListShards", "application/x-amz-cbor-1.1"),
                           std::string("\xa2\x6aStreamName\x61s\x77StreamCreationTimestamp\xc1\x1b\x00\x00\x01\x8b\xcf"
                                       "\xe5\x68\x7b",
                                       48));
    EXPECT_NE(response.body.find("\x6d"
                                 "1700000000123"),
              std::string::npos)
        << response.body;
    response = call_signed(kinesis_head("PutRecord", "application/x-amz-cbor-1.1"), "\xa0");
    EXPECT_EQ(response.status, 400);
    EXPECT_NE(response.body.find("__type\x73ValidationException"), std::string::npos);
}

TEST_F(EndpointTest, TheServerCallsItsOwnServicesUnsigned) {
    const auto local = [&](ServiceCall call) {
        std::vector<ServiceAnswer> answers;
        endpoint_->call(std::move(call), [&](ServiceAnswer answer) { answers.push_back(std::move(answer)); });
        EXPECT_EQ(answers.size(), 1u);
        return answers.at(0);
    };
    ServiceCall call;
    call.scope = {"999999999999", "eu-west-1"};
    call.service = "kinesis";
    call.operation = "AddTagsToStream";
    call.body = "{\"StreamName\": 5}";
    EXPECT_EQ(local(call).status, 400);
    EXPECT_NE(local(call).body.find("SerializationException"), std::string::npos);
    call.operation = "NoSuchThing";
    EXPECT_NE(local(call).body.find("UnknownOperationException"), std::string::npos);
    call.service = "nosuch";
    EXPECT_EQ(local(call).status, 501);
    // What a caller passes on from its own client makes no other call of it.
    call.service = "kinesis";
    call.operation = "AddTagsToStream";
    call.headers = {{"x-amz-target", "Kinesis_20131202.DeleteStream"}, {"smithy-protocol", "rpc-v2-cbor"}};
    EXPECT_NE(local(call).body.find("SerializationException"), std::string::npos);
    call = {};
    call.service = "s3";
    call.method = "PUT";
    call.path = "/bucket/key";
    call.body = "the body";
    EXPECT_EQ(local(call).status, 200) << local(call).body;
}

TEST_F(EndpointTest, WithoutSignaturesPagesOfOthersAreRefused) {
    make(Auth::off);
    const auto asked_from = [&](std::string_view origin) {
        http::RequestHead head = kinesis_head("ListStreams");
        if (!origin.empty()) head.headers.add("origin", origin);
        return call(head, "{}").status;
    };
    EXPECT_EQ(asked_from(""), 200);
    EXPECT_EQ(asked_from("http://127.0.0.1:4566"), 200);  // a page of ours
    EXPECT_EQ(asked_from("https://evil.example"), 403);
    EXPECT_EQ(asked_from("null"), 403);
    EXPECT_EQ(asked_from("http://127.0.0.1:80"), 403);
}

TEST_F(EndpointTest, AFullExecutorSaysBusy) {
    executor_.full = true;
    EXPECT_EQ(call_signed(kinesis_head("ListStreams"), "{}").status, 503);
    http::RequestHead head = head_of("GET", "/bucket/key");
    EXPECT_NE(call_signed(head, "", "s3").body.find("<Code>SlowDown</Code>"), std::string::npos);
    EXPECT_EQ(call_signed(kinesis_head("AddTagsToStream"), R"({"Tags":{"a":"b"}})").status, 200);  // direct
}

TEST_F(EndpointTest, TheServersOwnErrorsAreInTheCallersDialect) {
    const http::RequestHead json = kinesis_head("PutRecords");
    http::Response response = endpoint_->refuse(&json, 413, "too large");
    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(response.body, R"({"__type":"RequestEntityTooLargeException","message":"too large"})");
    EXPECT_NE(response.headers.find("x-amzn-requestid"), nullptr);
    const http::RequestHead s3 = head_of("PUT", "/bucket/key");
    response = endpoint_->refuse(&s3, 413, "too large");
    EXPECT_NE(response.body.find("<Code>EntityTooLarge</Code><Message>too large</Message>"), std::string::npos);
    EXPECT_NE(response.headers.find("x-amz-request-id"), nullptr);
    EXPECT_EQ(endpoint_->refuse(nullptr, 400, "no head").status, 400);
}

TEST_F(EndpointTest, HeadsAnnounceTheLengthAndCarryNoBody) {
    example_.objects["bucket/key"] = "content";
    http::Response response = call_signed(head_of("HEAD", "/bucket/key"), "", "s3");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.head_content_length, 7u);
    EXPECT_EQ(response.headers.find("content-length"), nullptr);
    response = call_signed(head_of("HEAD", "/bucket/none"), "", "s3");
    EXPECT_EQ(response.status, 404);
    EXPECT_TRUE(response.body.empty());
    response = call_signed(head_of("GET", "/bucket/key"), "", "s3");
    EXPECT_EQ(response.source_size, 7u);
    EXPECT_EQ(response.body, "content");
}

TEST_F(EndpointTest, NothingAUserSendsEndsAHeader) {
    // A Location with a line break in the bucket's constraint comes back on one line.
    const http::Response response = call_signed(
        head_of("PUT", "/bucket"), "<C><LocationConstraint>x&#13;&#10;set-cookie: a</LocationConstraint></C>", "s3");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("location"), "/bucket@x  set-cookie: a");
}

}  // namespace
}  // namespace millrace::aws

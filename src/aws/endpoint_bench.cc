// What the endpoint costs a request besides the handler: a signed PutRecord and a signed PutRecords of 500 x 1 KiB,
// through routing, verification, a raw handler that does nothing, and the answer.
//   ninja -C build endpoint_bench && build/src/aws/endpoint_bench
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "aws_example/kinesis/shapes.h"

#include "src/aws/endpoint.h"
#include "src/aws/sha256.h"
#include "src/aws/signer.h"
#include "src/base/base64.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

namespace {

using namespace millrace;

struct Nothing {
    void put(aws::RawCall call) { call.succeed(std::string("{}")); }
};
using namespace aws::kinesis;

aws::Service service_of(Nothing& nothing) {
    return aws::make_service(nothing, aws::kinesis::model(),
                             {MILLRACE_OPERATION(PutRecord, raw, write, "kinesis:PutRecord", &Nothing::put),
                              MILLRACE_OPERATION(PutRecords, raw, write, "kinesis:PutRecords", &Nothing::put)});
}

class BenchExchange final : public http::Exchange {
  public:
    BenchExchange(const http::RequestHead& head, std::string_view body) : head_(head), body_(body) {}
    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override { return body_; }
    http::BodyReader* reader() override { return nullptr; }
    void respond(http::Response response) override {
        if (response.status != 200) std::abort();
    }

  private:
    const http::RequestHead& head_;
    std::string_view body_;
};

template <class F>
double microseconds_each(int rounds, F run) {
    const auto from = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) run();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - from).count() / rounds;
}

}  // namespace

int main() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bench-XXXXXX").string();
    const std::string directory = mkdtemp(pattern.data());
    aws::Keys keys(directory);
    const aws::Key key = *keys.create("123456789012", "", io::system_clock().now());
    Nothing nothing;
    const auto executor = io::make_executor({});
    for (const aws::Auth auth : {aws::Auth::off, aws::Auth::sign}) {
        aws::EndpointOptions options;
        options.auth = auth;
        const auto endpoint = aws::make_endpoint(options, {service_of(nothing)}, keys, *executor, io::system_clock());
        for (const bool many : {false, true}) {
            std::string body = many ? "{\"Records\":[" : "{\"Data\":\"\",\"PartitionKey\":\"k\",\"StreamName\":\"s\"}";
            const std::string data = base64_encode(std::string(1024, 'x'));
            for (int i = 0; many && i < 500; ++i) body += "{\"Data\":\"" + data + "\",\"PartitionKey\":\"k\"},";
            if (many) body.back() = ']';
            if (many) body += ",\"StreamName\":\"s\"}";
            http::RequestHead head;
            head.method = "POST";
            head.path = "/";
            head.headers.add("host", "127.0.0.1:4566");
            head.headers.add("x-amz-target", many ? "Kinesis_20131202.PutRecords" : "Kinesis_20131202.PutRecord");
            head.headers.add("content-type", "application/x-amz-json-1.1");
            head.headers.add("user-agent",
                             "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux md/arch#x86_64 lang/python");
            head.headers.add("amz-sdk-invocation-id", "0c2f6f2e-0000-4000-8000-000000000000");
            aws::Signer signer({key.access_key_id, key.secret}, "us-east-1", "kinesis");
            signer.sign(head, body, io::system_clock().now());
            const auto once = [&] { endpoint->handle(std::make_unique<BenchExchange>(head, body)); };
            once();
            const double each = microseconds_each(many ? 300 : 100'000, once);
            const double hash = microseconds_each(many ? 300 : 100'000, [&] { aws::sha256_of(body); });
            std::printf("%-4s %-10s %8.2f us a request (SHA-256 of its body alone: %.2f us)\n",
                        auth == aws::Auth::sign ? "sign" : "off", many ? "PutRecords" : "PutRecord", each, hash);
        }
    }
    std::filesystem::remove_all(directory);
    return 0;
}

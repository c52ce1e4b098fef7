// The example operations behind a real server, for tests/aws/test_protocols.py: keys from DIRECTORY/keys.json, any
// free port, which is printed. Ends when its standard input closes.
#include "src/http/server.h"

#include <cstdio>
#include <cstring>

#include "tests/aws/example/example.h"

#include "src/aws/endpoint.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

int main(int argc, char** argv) {
    using namespace millrace;
    if (argc != 3) {
        std::fprintf(stderr, "usage: aws_example_server DIRECTORY off|sign\n");
        return 2;
    }
    aws::testing::Example example;
    aws::Keys keys(argv[1]);
    const auto executor = io::make_executor({});
    aws::EndpointOptions options;
    options.auth = std::strcmp(argv[2], "sign") == 0 ? aws::Auth::sign : aws::Auth::off;
    const auto endpoint =
        aws::make_endpoint(options, aws::testing::all_services(example), keys, *executor, io::system_clock());
    http::ServerOptions server_options;
    server_options.port = 0;
    auto server = http::start_server(server_options, *endpoint, *executor);
    if (!server.ok()) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 1;
    }
    endpoint->set_ready(true);
    std::printf("%u\n", static_cast<unsigned>((*server)->port()));
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    (*server)->stop(1000);
    return 0;
}

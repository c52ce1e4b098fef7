#include "src/cli/function_parts.h"

#include "src/aws/keys.h"
#include "src/journal/journal.h"
#include "src/object/store.h"
#include "src/target/arn.h"
#include "src/target/target.h"

namespace millrace::cli {
namespace {

constexpr std::string_view bucket_arn = "arn:aws:s3:::";

class Destinations final : public function::DestinationSink {
  public:
    Destinations(object::Store& objects, target::Deliverer& deliverer) : objects_(objects), deliverer_(deliverer) {}

    bool accepts(std::string_view arn) const override { return is_bucket(arn) || is_bus(arn); }

    Status deliver(const Scope& scope, std::string_view arn, const function::DestinationRecord& record) override {
        return is_bus(arn) ? to_bus(scope, arn, record) : to_bucket(scope, arn.substr(bucket_arn.size()), record);
    }

  private:
    static bool is_bucket(std::string_view arn) {
        return arn.starts_with(bucket_arn) && arn.size() > bucket_arn.size() && arn.find('/') == std::string_view::npos;
    }
    static bool is_bus(std::string_view arn) {
        const std::optional<target::Arn> parts = target::parse_arn(arn);
        return parts && parts->service == "events" && parts->after("event-bus/");
    }

    Status to_bucket(const Scope& scope, std::string_view bucket, const function::DestinationRecord& record) {
        TRY(object::check_owner(objects_, bucket, scope.account));
        object::PutOptions options;
        options.system["content-type"] = "application/json";
        const Result<object::ObjectInfo> put = objects_.put(bucket, record.key, record.json, std::move(options));
        if (!put.ok()) return put.error();
        return {};
    }

    // As AWS: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    Status to_bus(const Scope& scope, std::string_view arn, const function::DestinationRecord& record) {
        target::Target bus;
        bus.arn = arn;
        bus.scope = scope;
        bus.heading.source = "lambda";
        bus.heading.detail_type =
            std::string("Lambda Function Invocation Result - ") + (record.succeeded ? "Success" : "Failure");
        bus.heading.resources = {bus.arn, std::string(record.function)};
        std::vector<target::Item> items(1);
        items.front().body = record.json;
        const target::Outcome outcome = target::deliver_and_wait(deliverer_, bus, std::move(items)).front();
        if (outcome.ok()) return {};
        // A bus may be made yet; what it will not take (a record over the size of an event) it never will.
        const bool never = outcome.kind == target::Outcome::Kind::permanent && outcome.code.starts_with("Validation");
        return Error{never ? ErrorCode::invalid_argument : ErrorCode::unavailable,
                     outcome.code + ": " + outcome.message};
    }

    object::Store& objects_;
    target::Deliverer& deliverer_;
};

class JournalLines final : public function::LogSink {
  public:
    explicit JournalLines(journal::Journal& journal) : journal_(journal) {}
    void write(const Scope& scope, const std::string& group, const std::string& stream, TimestampMs time,
               std::string message) override {
        journal_.write(scope, group, stream, {time, std::move(message)});
    }

  private:
    journal::Journal& journal_;
};

// A wildcard is no address to call.
std::string own_host(const std::string& host) {
    if (host == "0.0.0.0" || host.empty()) return "127.0.0.1";
    if (host == "::") return "[::1]";
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::unique_ptr<function::LogSink> make_journal_lines(journal::Journal& journal) {
    return std::make_unique<JournalLines>(journal);
}

std::unique_ptr<function::DestinationSink> make_destinations(object::Store& objects, target::Deliverer& deliverer) {
    return std::make_unique<Destinations>(objects, deliverer);
}

function::Surroundings surroundings_of(const HostAndPort& listen, uint16_t port, aws::Keys& keys) {
    function::Surroundings surroundings;
    surroundings.endpoint_url = "http://" + own_host(listen.host) + ":" + std::to_string(port);
    surroundings.credentials = [&keys](const std::string& account) {
        const std::shared_ptr<const aws::Key> key = keys.ephemeral(account);
        return function::Credentials{key->access_key_id, key->secret, key->session_token};
    };
    return surroundings;
}

}  // namespace millrace::cli

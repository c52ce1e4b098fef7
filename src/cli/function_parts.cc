#include "src/cli/function_parts.h"

#include "src/aws/keys.h"
#include "src/journal/journal.h"
#include "src/object/store.h"

namespace millrace::cli {
namespace {

constexpr std::string_view bucket_arn = "arn:aws:s3:::";

class BucketDestinations final : public function::DestinationSink {
  public:
    explicit BucketDestinations(object::Store& objects) : objects_(objects) {}

    bool accepts(std::string_view arn) const override {
        return arn.starts_with(bucket_arn) && arn.size() > bucket_arn.size() && arn.find('/') == std::string_view::npos;
    }

    Status deliver(const Scope& scope, std::string_view arn, std::string_view key,
                   std::string_view record_json) override {
        const std::string_view bucket = arn.substr(bucket_arn.size());
        TRY(object::check_owner(objects_, bucket, scope.account));
        object::PutOptions options;
        options.system["content-type"] = "application/json";
        const Result<object::ObjectInfo> put = objects_.put(bucket, key, record_json, std::move(options));
        if (!put.ok()) return put.error();
        return {};
    }

  private:
    object::Store& objects_;
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

std::unique_ptr<function::DestinationSink> make_bucket_destinations(object::Store& objects) {
    return std::make_unique<BucketDestinations>(objects);
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

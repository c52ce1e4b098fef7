#include <algorithm>
#include <tuple>

#include "src/service/logs/errors.h"
#include "src/service/logs/limits.h"
#include "src/service/logs/logs.h"
#include "src/service/logs/names.h"

namespace millrace::service::logs {

using namespace aws::logs;  // the generated shapes

namespace {

constexpr size_t read_at_once = 1000;

// What DescribeLogStreams sorts by, from the least; a stream without events has time -1.
using Order = std::tuple<int64_t, std::string>;

Order order_of(const journal::Stream& stream, bool by_time) {
    return {by_time && stream.last ? stream.last->value() : by_time ? -1 : 0, stream.name};
}

std::string token_of(const Order& order) {
    return std::to_string(std::get<0>(order)) + "/" + std::get<1>(order);
}

std::optional<Order> order_of_token(const std::string& token) {
    const size_t slash = token.find('/');
    if (slash == token.npos || slash == 0 || slash > 19) return std::nullopt;
    const std::string number = token.substr(0, slash);
    if (number != "-1" && number.find_first_not_of("0123456789") != number.npos) return std::nullopt;
    return Order{std::stoll(number.substr(0, 18)), token.substr(slash + 1)};
}

LogStream shown(const Scope& scope, const std::string& group, const journal::Stream& stream) {
    LogStream out;
    out.logStreamName = stream.name;
    out.creationTime = stream.created.value();
    if (stream.first) out.firstEventTimestamp = stream.first->value();
    if (stream.last) out.lastEventTimestamp = stream.last->value();
    if (stream.ingested) out.lastIngestionTime = stream.ingested->value();
    out.uploadSequenceToken = digits({0, 1});  // AWS shows one and looks at none
    out.arn = group_arn(scope, group) + ":log-stream:" + stream.name;
    out.storedBytes = 0;  // as AWS since 2019
    return out;
}

}  // namespace

aws::Outcome<CreateLogStreamOutput> Logs::create_log_stream(const aws::CallContext& context,
                                                            const CreateLogStreamInput& input) {
    LOGS_TRY(journal_.create_stream(context.scope, input.logGroupName, input.logStreamName));
    return CreateLogStreamOutput{};
}

aws::Outcome<DeleteLogStreamOutput> Logs::delete_log_stream(const aws::CallContext& context,
                                                            const DeleteLogStreamInput& input) {
    LOGS_TRY(journal_.remove_stream(context.scope, input.logGroupName, input.logStreamName));
    return DeleteLogStreamOutput{};
}

// All streams pass by; the page's are kept. Memory is a page's, however many there are.
aws::Outcome<DescribeLogStreamsOutput> Logs::describe_log_streams(const aws::CallContext& context,
                                                                  const DescribeLogStreamsInput& input) {
    TRY_ASSIGN(const std::string group, group_of(context.scope, input.logGroupName, input.logGroupIdentifier));
    const bool by_time = input.orderBy.value_or("LogStreamName") == "LastEventTime";
    const bool descending = input.descending.value_or(false);
    const std::string prefix = input.logStreamNamePrefix.value_or("");
    if (by_time && !prefix.empty()) {
        return invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    std::optional<Order> after;
    if (input.nextToken) {
        after = order_of_token(*input.nextToken);
        if (!after) return invalid_parameter("The specified nextToken is invalid.");
    }
    const auto before = [&](const Order& a, const Order& b) { return descending ? b < a : a < b; };
    const size_t limit = static_cast<size_t>(input.limit.value_or(describe_count));
    std::vector<journal::Stream> page;
    std::string name = !by_time && !descending && after ? std::get<1>(*after) : "";
    while (true) {
        LOGS_TRY_ASSIGN(std::vector<journal::Stream> some,
                        journal_.streams(context.scope, group, prefix, name, read_at_once));
        const bool last = some.size() < read_at_once;
        if (!last) name = some.back().name;
        for (journal::Stream& stream : some) {
            if (!after || before(*after, order_of(stream, by_time))) page.push_back(std::move(stream));
        }
        std::sort(page.begin(), page.end(), [&](const journal::Stream& a, const journal::Stream& b) {
            return before(order_of(a, by_time), order_of(b, by_time));
        });
        if (page.size() > limit + 1) page.resize(limit + 1);
        if (last || (!by_time && !descending && page.size() > limit)) break;
    }
    DescribeLogStreamsOutput output;
    if (page.size() > limit) {
        page.pop_back();
        output.nextToken = token_of(order_of(page.back(), by_time));
    }
    output.logStreams.emplace();
    for (const journal::Stream& stream : page) output.logStreams->push_back(shown(context.scope, group, stream));
    return output;
}

}  // namespace millrace::service::logs

// CreateTable's checks come in an order of their own: AWS looks at the table's name before anything else, in words that
// no other operation uses.
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/request/request.h"
#include "src/service/dynamodb/table_name.h"

namespace millrace::service::dynamodb {
namespace {

std::optional<aws::Failure> check_name_first(std::string_view body) {
    const auto request = read_request(body);
    if (!request) return request.error();
    if (!request->table) return validation("The parameter 'TableName' is required but was not present in the request");
    if (request->table->empty() || request->table->starts_with("arn:")) return std::nullopt;
    return check_table_name(*request->table);
}

// The model has the types in another order than AWS's sentence.
aws::Failure in_order_of_aws(aws::Failure failure) {
    constexpr std::string_view of_model = "[S, N, B]";
    const size_t at = failure.message.find(of_model);
    if (at != std::string::npos) failure.message.replace(at, of_model.size(), "[B, N, S]");
    return failure;
}

}  // namespace

void create_table_in_order(DynamoDb& self, aws::RawCall call) {
    if (auto failure = check_name_first(call.body())) return call.fail(*failure);
    auto input = call.decode<shapes::CreateTableInput>();
    if (!input) return call.fail(in_order_of_aws(std::move(input).error()));
    run_on(self.parts().executor, call, [&self, call, input = *std::move(input)] {
        auto output = create_table(self, call.context(), input);
        if (!output) return call.fail(output.error());
        call.succeed(*output);
    });
}

}  // namespace millrace::service::dynamodb

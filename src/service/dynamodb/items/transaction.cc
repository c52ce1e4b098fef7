#include "src/service/dynamodb/items/transaction.h"

#include <algorithm>

#include "src/aws/json.h"

namespace millrace::service::dynamodb {

aws::Failure cancelled(const std::vector<CancellationReason>& reasons) {
    std::string codes, json = "\"CancellationReasons\":[";
    for (const CancellationReason& reason : reasons) {
        codes.append(codes.empty() ? "" : ", ").append(reason.code);
        if (&reason != &reasons.front()) json.push_back(',');
        json.append("{\"Code\":\"").append(reason.code).append("\"");
        if (!reason.item.empty()) json.append(",\"Item\":").append(reason.item);
        if (!reason.message.empty()) {
            json.append(",\"Message\":");
            aws::append_json_string(reason.message, json);
        }
        json.push_back('}');
    }
    aws::Failure failure{
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + "]"};
    failure.json = json + "]";
    return failure;
}

bool is_cancelled(const std::vector<CancellationReason>& reasons) {
    return std::any_of(reasons.begin(), reasons.end(), [](const auto& reason) { return reason.code != "None"; });
}

CancellationReason reason_of(const std::optional<aws::Failure>& failure) {
    if (!failure) return {};
    return {"ValidationError", failure->message, {}};
}

}  // namespace millrace::service::dynamodb

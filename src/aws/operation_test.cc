#include "src/aws/operation.h"

#include "aws_example/kinesis/shapes.h"
#include "aws_example/s3/shapes.h"
#include "tests/aws/example/example.h"
#include <gtest/gtest.h>

namespace millrace::aws {
namespace {

using namespace kinesis;

struct Nobody {
    Outcome<CreateStreamOutput> create(const CallContext&, const CreateStreamInput&) { return CreateStreamOutput{}; }
    Outcome<s3::PutObjectOutput> put(const CallContext&, const s3::PutObjectInput&) { return s3::PutObjectOutput{}; }
};

TEST(OperationTable, RowsFindTheirModels) {
    testing::Example example;
    for (const Service& service : testing::all_services(example)) {
        for (const Operation& operation : service.operations) {
            ASSERT_NE(operation.model, nullptr);
            EXPECT_EQ(operation.model->name, operation.name);
        }
    }
}

TEST(OperationTableDeathTest, ARefusalOfNothingStopsTheProcess) {
    Nobody nobody;
    const auto table = [&nobody](std::string_view path) {
        return make_service(nobody, kinesis::model(),
                            {MILLRACE_OPERATION(CreateStream, worker, write, "kinesis:CreateStream", &Nobody::create)
                                 .refuse(path, "reason")});
    };
    EXPECT_EQ(table("StreamModeDetails.StreamMode").operations.size(), 1u);
    EXPECT_DEATH(table("StreamModeDetails.Mode"), "it refuses StreamModeDetails.Mode, which the input does not have");
    EXPECT_DEATH(table("Tags[]"), "which the input does not have");
}

TEST(OperationTableDeathTest, AStreamedPayloadNeedsAStreamedHandler) {
    using namespace s3;
    Nobody nobody;
    EXPECT_DEATH(
        make_service(nobody, s3::model(), {MILLRACE_OPERATION(PutObject, worker, write, "s3:PutObject", &Nobody::put)}),
        "'streamed' is for those whose payload streams");
}

TEST(OperationTableDeathTest, AnotherModelsRowStopsTheProcess) {
    Nobody nobody;
    EXPECT_DEATH(
        make_service(nobody, s3::model(),
                     {MILLRACE_OPERATION(CreateStream, worker, write, "kinesis:CreateStream", &Nobody::create)}),
        "there is no such operation");
}

}  // namespace
}  // namespace millrace::aws

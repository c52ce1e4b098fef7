// The table of Kinesis: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/kinesis/operations.h"

#include "src/service/kinesis/kinesis.h"

namespace millrace::service::kinesis {

using namespace aws::kinesis;  // the generated shapes

aws::Service operations(Kinesis& kinesis) {
    return aws::make_service(
        kinesis, model(),
        {
            MILLRACE_OPERATION(ListStreams, worker, read, "kinesis:ListStreams", &Kinesis::list_streams),
        });
}

}  // namespace millrace::service::kinesis

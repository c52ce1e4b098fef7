"""Objects through the JavaScript SDK, which streams bodies with trailing checksums."""

import hashlib


def test_put_get_list_and_delete(node):
    body = "x" * 300_000
    answer = node("""
        const { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, ListObjectsV2Command,
                DeleteObjectsCommand, HeadObjectCommand } = require("@aws-sdk/client-s3");
        const { Readable } = require("stream");
        const s3 = new S3Client({ endpoint, forcePathStyle: true });
        await s3.send(new CreateBucketCommand({ Bucket: "from-node" }));
        await s3.send(new PutObjectCommand({ Bucket: "from-node", Key: "a/b c", Body: argument, Metadata: { n: "1" } }));
        await s3.send(new PutObjectCommand({ Bucket: "from-node", Key: "stream", ContentLength: argument.length,
                                             Body: Readable.from([Buffer.from(argument)]) }));
        const got = await s3.send(new GetObjectCommand({ Bucket: "from-node", Key: "a/b c" }));
        const streamed = await s3.send(new GetObjectCommand({ Bucket: "from-node", Key: "stream",
                                                              Range: "bytes=0-9" }));
        const absent = await s3.send(new HeadObjectCommand({ Bucket: "from-node", Key: "none" }))
            .catch((error) => error.name);
        const list = await s3.send(new ListObjectsV2Command({ Bucket: "from-node", Delimiter: "/" }));
        const removed = await s3.send(new DeleteObjectsCommand({ Bucket: "from-node",
            Delete: { Objects: [{ Key: "a/b c" }, { Key: "stream" }] } }));
        return { same: (await got.Body.transformToString()) === argument, etag: got.ETag, metadata: got.Metadata,
                 range: await streamed.Body.transformToString(), absent,
                 keys: list.Contents.map((item) => item.Key), prefixes: list.CommonPrefixes.map((item) => item.Prefix),
                 removed: removed.Deleted.length };
    """, body)
    assert answer == {"same": True, "etag": f'"{hashlib.md5(body.encode()).hexdigest()}"', "metadata": {"n": "1"},
                      "range": "x" * 10, "absent": "NotFound", "keys": ["stream"], "prefixes": ["a/"], "removed": 2}

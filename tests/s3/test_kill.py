"""After a 200 an object is there, whole, whatever happens to the process; before it, wholly absent or wholly there."""

import hashlib
import random
import threading

import botocore.exceptions

SIZES = [10, 5_000, 16_384, 40_000, 300_000]


def test_every_acknowledged_object_survives_kill_9(server_factory):
    random.seed(20261120)
    server = server_factory(auth="off")
    server.client("s3").create_bucket(Bucket="kill")
    acknowledged = {}  # key -> MD5 of its last acknowledged bytes, None after an acknowledged deletion
    for round_number in range(6):
        attempted = {}
        enough = threading.Semaphore(0)

        def write(worker, attempted=attempted, enough=enough, client=server.client("s3"), round_number=round_number):
            generator = random.Random(round_number * 100 + worker)
            for step in range(100_000):
                key = f"w{worker}/{generator.randrange(8)}"
                body = generator.randbytes(generator.choice(SIZES))
                delete = generator.random() < 0.15
                attempted[worker] = (key, None if delete else hashlib.md5(body).hexdigest())
                try:
                    if delete:
                        client.delete_object(Bucket="kill", Key=key)
                    else:
                        client.put_object(Bucket="kill", Key=key, Body=body)
                except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                    return
                acknowledged[key] = attempted.pop(worker)[1]
                enough.release()

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(40 + random.randrange(40)):
            assert enough.acquire(timeout=60)
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        client = server.client("s3")
        in_doubt = {key: digest for key, digest in attempted.values()}
        listed = {item["Key"]: item for item in client.list_objects_v2(Bucket="kill").get("Contents", [])}
        for key in set(acknowledged) | set(in_doubt):
            found = None
            if key in listed:
                body = client.get_object(Bucket="kill", Key=key)["Body"].read()
                found = hashlib.md5(body).hexdigest()
                assert listed[key]["ETag"] == f'"{found}"'
            allowed = {acknowledged.get(key)} | ({in_doubt[key]} if key in in_doubt else set())
            assert found in allowed, key
            acknowledged[key] = found
    # What a kill left over is gone by the next clean stop: no more files than objects that have one.
    assert server.stop() == 0
    with_file = 0
    server.start()
    for item in server.client("s3").list_objects_v2(Bucket="kill").get("Contents", []):
        with_file += item["Size"] > 16_384
    files = [path for path in (server.data / "objects").rglob("*") if path.is_file()]
    assert len(files) == with_file

"""A local web server that answers as https://blockchain.info/unconfirmed-transactions?format=json does: the last hundred
unconfirmed transactions, newest first. Each poll finds some more, so that polls overlap."""

import copy
import hashlib
import http.server
import json
import os
import pathlib
import random
import subprocess
import threading

WINDOW = 100
FILE = "blockchain_unconfirmed_transactions.json.zst"


def recorded(repository):
    """The transactions of a recorded answer, where the file lies beside the checkout; else none."""
    folder = pathlib.Path(os.environ.get("MILLRACE_TEST_FILES", repository.parent / "shared" / "data"))
    if not (folder / FILE).exists():
        return []
    return json.loads(subprocess.run(["zstd", "-dcq", folder / FILE], check=True, capture_output=True).stdout)["txs"]


def generated(chance):
    outputs = [{"type": 0, "spent": False, "value": chance.randrange(1_000, 10**9), "n": n, "spending_outpoints": [],
                "tx_index": chance.getrandbits(53), "script": chance.randbytes(25).hex(),
                "addr": "bc1q" + chance.randbytes(16).hex()} for n in range(chance.randrange(1, 4))]
    return {"ver": 2, "vin_sz": 1, "vout_sz": len(outputs), "size": chance.randrange(180, 900),
            "weight": chance.randrange(500, 3000), "fee": chance.randrange(200, 90_000), "relayed_by": "0.0.0.0",
            "lock_time": 0, "tx_index": chance.getrandbits(53), "double_spend": False, "time": 1729081889,
            "block_index": None, "block_height": None, "out": outputs,
            "inputs": [{"sequence": 4294967293, "witness": chance.randbytes(66).hex(), "script": "", "index": 0,
                        "prev_out": dict(outputs[0], spent=True)}]}


def transactions(count, templates, seed=7):
    """`count` transactions of hashes that differ: the recorded ones first, then more in their likeness."""
    chance = random.Random(seed)
    made = [copy.deepcopy(each) for each in templates[:count]]
    while len(made) < count:
        each = copy.deepcopy(chance.choice(templates)) if templates else generated(chance)
        each["fee"] = chance.randrange(200, 90_000)
        each["hash"] = hashlib.sha256(f"{seed} {len(made)}".encode()).hexdigest()
        made.append(each)
    assert len({each["hash"] for each in made}) == count
    return made


class Chain:
    """Serves `transactions`, `step` more at each poll. polls and served say what has been given."""

    def __init__(self, all_transactions, step):
        self.transactions = all_transactions
        self.step = step
        self.polls = 0
        self.served = 0
        chain = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = chain.answer()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/unconfirmed-transactions?format=json"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self):
        self.polls += 1
        end = min(self.polls * self.step, len(self.transactions))
        body = {"txs": self.transactions[max(0, end - WINDOW):end][::-1]}
        self.served = max(self.served, end)
        return json.dumps(body, indent=4).encode()  # as the recorded answer is laid out

    def close(self):
        self.server.shutdown()
        self.server.server_close()

"""Runs a python3.x function: imports its handler, then asks the Runtime API for events, one after the other.

What it imports costs every cold start, so: the API is spoken over a bare socket, and logging and traceback come only
when the function needs them. Behaviour follows AWS's own client for Python: names of errors, shapes, log lines.
"""
import gc
import json
import marshal
import os
import sys
import time

import _socket

_PREFIX = "/2018-06-01/runtime/"
_JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
_request_id = ""


class _Fault(Exception):
    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind, self.trace = kind, trace


class _Api:
    """One connection, kept. Whatever goes wrong on it ends the process: the server is gone."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.host = address
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def ask(self, method, path, body=b"", fields=""):
        head = f"{method} {_PREFIX}{path} HTTP/1.1\r\nHost: {self.host}\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
        self._send(head.encode("latin-1", "replace") + body)
        received = b""
        while True:
            end = received.find(b"\r\n\r\n")
            if end >= 0:
                break
            received += self._receive(65536)
        lines = received[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        rest = received[end + 4:]
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            parts, left = [rest], size - len(rest)
            while left:
                part = self._receive(min(left, 1 << 20))
                parts.append(part)
                left -= len(part)
            rest = b"".join(parts)
        return int(lines[0].split(" ", 2)[1]), headers, rest

    def _send(self, data):
        view = memoryview(data)
        while view:
            view = view[self.socket.send(view):]

    def _receive(self, size):
        data = self.socket.recv(size)
        if not data:
            os._exit(0)
        return data


class _Identity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self, text):
        given = json.loads(text) if text else {}
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class _Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class _ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __init__(self, given):
        self.custom, self.env, self.client = given.get("custom"), given.get("env"), None
        if given.get("client") is not None:
            self.client = _Client()
            for name in _Client.__slots__:
                setattr(self.client, name, given["client"].get(name))


class LambdaContext:
    def __init__(self, headers):
        environ = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.tenant_id = None
        text = headers.get("lambda-runtime-client-context")
        try:
            self.client_context = _ClientContext(json.loads(text.encode("latin-1").decode())) if text else None
        except Exception as error:
            raise _Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse Client Context JSON: {error}")
        self.identity = _Identity(headers.get("lambda-runtime-cognito-identity"))
        self._epoch_deadline_time_in_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))
        sys.stdout.flush()

    def __repr__(self):
        names = ["aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
                 "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id"]
        return "LambdaContext([" + ",".join(f"{name}={getattr(self, name)}" for name in names) + "])"


# --- what a handler returns, as AWS's runtime (simplejson) writes it: bytes become text, Decimals stay as they are

_DECIMAL = "\x00decimal:"
_ASCII = os.environ.get("AWS_EXECUTION_ENV") in {f"AWS_Lambda_python3.{minor}" for minor in range(6, 12)}
_used_decimal = False


def _default(value):
    global _used_decimal
    if isinstance(value, (bytes, bytearray)):
        return value.decode()
    if type(value).__name__ == "Decimal" and type(value).__module__ == "decimal":
        if value.is_nan():
            return float("nan")
        _used_decimal = True
        return _DECIMAL + str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _text_keys(value):
    if isinstance(value, dict):
        return {key.decode() if isinstance(key, bytes) else str(key) if type(key).__name__ == "Decimal" else key:
                _text_keys(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _text_keys(value._asdict())
    if isinstance(value, (list, tuple)):
        return [_text_keys(item) for item in value]
    return value


_encoder = json.JSONEncoder(ensure_ascii=_ASCII, default=_default)


def _is_plain(value):
    # marshal takes exactly the plain types, at a fraction of the encoder's time; a named tuple is none of them.
    try:
        marshal.dumps(value, 2)
        return True
    except ValueError:
        return False


def _to_json(value):
    global _used_decimal
    _used_decimal = False
    try:
        text = _encoder.encode(value)
        if "[" in text and not _is_plain(value):  # the encoder takes named tuples for lists
            text = _encoder.encode(_text_keys(value))
    except TypeError:
        text = _encoder.encode(_text_keys(value))
    if _used_decimal:
        import re
        text = re.sub(r'"\\u0000decimal:([^"]*)"', r"\1", text)
    return text.encode("utf-8", "surrogatepass")


def _marshal(value):
    try:
        return _to_json(value)
    except Exception as error:
        raise _Fault("Runtime.MarshalError", f"Unable to marshal response: {error}")


# --- failures

def _failure(kind, message, trace):
    return {"errorMessage": message or "", "errorType": kind or "", "requestId": _request_id, "stackTrace": trace or []}


def _failure_of(error):
    if isinstance(error, _Fault):
        return _failure(error.kind, str(error), error.trace)
    import traceback
    frames = list(traceback.extract_tb(error.__traceback__))
    while len(frames) > 1 and frames[0].filename == __file__:
        frames.pop(0)
    while frames and frames[0].filename.startswith("<frozen importlib"):
        frames.pop(0)
    return _failure(type(error).__name__, str(error), traceback.format_list(frames))


def _log_failure(failure):
    if _JSON_LOGS:
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        line = _to_json({"timestamp": stamp, "level": "ERROR", **failure}).decode("utf-8", "replace")
        sys.stdout.flush()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return
    lines = ["[ERROR] " + failure["errorType"] + (": " + failure["errorMessage"] if failure["errorMessage"] else "")]
    lines.append("Traceback (most recent call last):")
    for element in failure["stackTrace"]:
        for line in element.splitlines():
            bare = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(bare)) + bare)
    sys.stdout.flush()
    sys.stdout.write("\r".join(lines).replace("\n", "\r") + "\n")  # \r: one log event of several lines
    sys.stdout.flush()


# --- modules that are prepared when the function imports them

def _on_logging(logging):
    class Handler(logging.Handler):
        def emit(self, record):
            record.aws_request_id = _request_id
            sys.stdout.write(self.format(record).rstrip("\n").replace("\n", "\r") + "\n")

    # What a record has without anybody's adding to it.
    usual = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "aws_request_id"}

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            level = logging.getLevelName(min(50, max(0, record.levelno)) // 10 * 10)  # what is between counts as below
            line = {"timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
                    "level": level, "message": record.getMessage(), "logger": record.name}
            if record.exc_info and record.exc_info[0]:
                import traceback
                kind, error, trace = record.exc_info
                line.update(stackTrace=traceback.format_tb(trace), errorType=kind.__name__, errorMessage=str(error),
                            location=f"{record.pathname}:{record.funcName}:{record.lineno}")
            if _request_id:
                line["requestId"] = _request_id
            line.update((name, value) for name, value in vars(record).items()
                        if name not in usual and name not in line and value is not None)
            return json.dumps(line, ensure_ascii=False, default=str)

    logging.Formatter.converter = time.gmtime
    handler = Handler()
    handler.setFormatter(JsonFormatter() if _JSON_LOGS else logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper().replace("TRACE", "DEBUG")
    if level in logging._nameToLevel:
        root.setLevel(level)


def _on_botocore_client(client):
    # botocore reads AWS_ENDPOINT_URL from 1.31 on; what is older is told.
    import botocore
    if tuple(int(part) for part in botocore.__version__.split(".")[:2]) >= (1, 31):
        return
    create = client.ClientCreator.create_client

    def create_client(self, service_name, *arguments, **named):
        if len(arguments) < 3 and named.get("endpoint_url") is None:
            specific = "AWS_ENDPOINT_URL_" + service_name.upper().replace("-", "_")
            named["endpoint_url"] = os.environ.get(specific) or os.environ.get("AWS_ENDPOINT_URL")
        return create(self, service_name, *arguments, **named)

    client.ClientCreator.create_client = create_client


def _on_botocore_useragent(useragent):
    # For each request botocore goes through the same 40 parts of its User-Agent header, letter by letter.
    clean = getattr(useragent, "sanitize_user_agent_string_component", None)
    if clean is not None:
        from functools import lru_cache
        useragent.sanitize_user_agent_string_component = lru_cache(256)(clean)


class _Hooks:
    """On sys.meta_path: finds the modules that have a hook as usual, and runs it after them."""

    def __init__(self, hooks):
        self.hooks = hooks

    def find_spec(self, name, path=None, target=None):
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is None:
                continue
            if spec.loader is not None:
                execute = spec.loader.exec_module

                def exec_module(module):
                    execute(module)
                    hook(module)

                spec.loader.exec_module = exec_module
            return spec
        return None


# --- the function

def _find_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise _Fault("Runtime.MalformedHandlerName",
                     f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise _Fault("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        __import__(module_name.replace("/", "."))
        module = sys.modules[module_name.replace("/", ".")]
    except ImportError as error:
        if error.name in ("boto3", "botocore"):
            print(f"[millrace] {sys.executable} has no {error.name}, which AWS's runtimes bring: install it there, put it "
                  "into the package or a layer, or name a python3 that has it by --function-python")
        raise _Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        raise _Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}",
                     [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'])
    handler = getattr(module, function_name, None)
    if handler is None:
        raise _Fault("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return handler


def _set_path():
    task, opt = os.environ["LAMBDA_TASK_ROOT"], os.environ.get("MILLRACE_OPT", "/opt")
    layer = [f"{opt}/python/lib/python3.{sys.version_info[1]}/site-packages", f"{opt}/python"] if opt else []
    own = os.path.dirname(__file__)
    sys.path[:] = [task] + layer + [entry for entry in sys.path if entry not in (own, "", task)]
    os.environ.pop("MILLRACE_OPT", None)


def _serve(api, handler, headers, body):
    global _request_id
    _request_id = headers["lambda-runtime-aws-request-id"]
    trace = headers.get("lambda-runtime-trace-id")
    if trace:
        os.environ["_X_AMZN_TRACE_ID"] = trace
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        context = LambdaContext(headers)
        try:
            event = json.loads(body)
        except Exception as error:
            raise _Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}")
        answer = _marshal(handler(event, context))
    except Exception as error:
        failure = _failure_of(error)
        error = None
        _log_failure(failure)
        kind = failure["errorType"].encode("ascii", "replace").decode()
        api.ask("POST", f"invocation/{_request_id}/error", _to_json(failure),
                f"Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {kind}\r\n")
        return
    sys.stdout.flush()
    sys.stderr.flush()
    api.ask("POST", f"invocation/{_request_id}/response", answer, "Content-Type: application/json\r\n")


def main():
    api = _Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    _set_path()
    hooks = _Hooks({"logging": _on_logging, "botocore.client": _on_botocore_client,
                    "botocore.useragent": _on_botocore_useragent})
    if "logging" in sys.modules:
        hooks.hooks.pop("logging")(sys.modules["logging"])
    sys.meta_path.insert(0, hooks)
    try:
        handler = _find_handler(os.environ["_HANDLER"])
    except Exception as error:
        failure = _failure_of(error)
        _log_failure(failure)
        kind = failure["errorType"].encode("ascii", "replace").decode()
        api.ask("POST", "init/error", _to_json(failure),
                f"Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {kind}\r\n")
        sys.stdout.flush()
        os._exit(1)
    gc.freeze()  # what was imported stays: to go through all of boto3 for cycles takes tens of milliseconds each time
    while True:
        status, headers, body = api.ask("GET", "invocation/next")
        if status != 200:
            os._exit(1)
        _serve(api, handler, headers, body)


if __name__ == "__main__":  # under AWS_LAMBDA_EXEC_WRAPPER
    main()

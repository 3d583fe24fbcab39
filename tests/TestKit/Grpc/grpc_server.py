"""A gRPC server that does what each request says, for testing gRPC clients against an implementation that is not ours.

Prints "ready PORT" on its standard output when it takes calls, and ends when its standard input does.
Needs python3-grpcio; for the engine service python3-protobuf too. No generated code.

Service /parley.test.Script: requests and responses are JSON in UTF-8. Members of a request, all optional:
  id             the name under which Cancelled finds this call
  headers        response headers to send first: {key: text or {"base64": bytes} or a list of them}
  barrier        wait until that many calls have come this far
  sleep_ms       wait, or until the call is cancelled
  size           pad each response with that many bytes
  count          Stream: how many messages
  then_sleep_ms  Stream: wait after the messages
  code           end with this status ...
  message        ... and this text
  trailers       sent with the status, as headers
Methods: Unary answers {metadata, time_left_ms, length, padding}; Stream sends {index, padding} count times and ends
with the status; Cancelled {id} waits until that call was cancelled.

Service /parley.engine.v1.McpEngine: an engine that echoes.
"""
import argparse
import base64
import concurrent.futures
import json
import os
import sys
import threading

import grpc

codes = {code.value[0]: code for code in grpc.StatusCode}
lock = threading.Lock()
barriers = {}
cancelled = {}


def cancelled_event(name):
    with lock:
        return cancelled.setdefault(name, threading.Event())


def to_metadata(entries):
    def one(value):
        return base64.b64decode(value["base64"]) if isinstance(value, dict) else value

    return tuple(
        (key, one(value))
        for key, values in (entries or {}).items()
        for value in (values if isinstance(values, list) else [values])
    )


def from_metadata(metadata):
    return [[key, base64.b64encode(value).decode() if isinstance(value, bytes) else value] for key, value in metadata]


def wait(milliseconds, context):
    ended = threading.Event()
    if milliseconds and context.add_callback(ended.set):
        ended.wait(milliseconds / 1000)


def begin(wish, context):
    """Returns an event to set when the handler is done: a call that ends before was cancelled."""
    done = threading.Event()
    if "id" in wish:
        def note():
            if not done.is_set():
                cancelled_event(wish["id"]).set()

        if not context.add_callback(note):
            note()
    if wish.get("headers"):
        context.send_initial_metadata(to_metadata(wish["headers"]))
    if wish.get("barrier"):
        with lock:
            barrier = barriers.setdefault(wish["barrier"], threading.Barrier(wish["barrier"]))
        barrier.wait(10)
    wait(wish.get("sleep_ms"), context)
    return done


def finish(wish, context):
    if wish.get("trailers"):
        context.set_trailing_metadata(to_metadata(wish["trailers"]))
    if wish.get("code"):
        context.abort(codes[wish["code"]], wish.get("message", ""))


def unary(request, context):
    wish = json.loads(request)
    done = begin(wish, context)
    finish(wish, context)
    left = context.time_remaining()
    answer = {
        "metadata": from_metadata(context.invocation_metadata()),
        "time_left_ms": None if left is None or left > 1e9 else left * 1000,
        "length": len(request),
        "padding": "x" * wish.get("size", 0),
    }
    if context.is_active():
        done.set()
    return json.dumps(answer).encode()


def stream(request, context):
    wish = json.loads(request)
    done = begin(wish, context)
    for index in range(wish.get("count", 0)):
        yield json.dumps({"index": index, "padding": "x" * wish.get("size", 0)}).encode()
    wait(wish.get("then_sleep_ms"), context)
    finish(wish, context)
    if context.is_active():
        done.set()


def wait_cancelled(request, context):
    was = cancelled_event(json.loads(request)["id"]).wait(5)
    return json.dumps({"cancelled": was}).encode()


class Script(grpc.GenericRpcHandler):
    def service(self, call):
        if call.method in ("/parley.test.Script/Unary", "/parley.test.Script/Cancelled"):
            return grpc.unary_unary_rpc_method_handler(unary if call.method.endswith("Unary") else wait_cancelled)
        if call.method == "/parley.test.Script/Stream":
            return grpc.unary_stream_rpc_method_handler(stream)
        return None


def engine(descriptor):
    from google.protobuf import descriptor_pool, message_factory, struct_pb2, timestamp_pb2  # noqa: F401 (fills the pool)

    pool = descriptor_pool.Default()
    pool.AddSerializedFile(descriptor)
    service = pool.FindServiceByName("parley.engine.v1.McpEngine")
    factory = message_factory.MessageFactory(pool)
    classes = {kind.full_name: factory.GetPrototype(kind) for method in service.methods for kind in (method.input_type, method.output_type)}
    answer_type = classes["parley.engine.v1.ProcessMessageResponse"]
    chunk_type = classes["parley.engine.v1.ProcessMessageChunk"]

    def process(request, context):
        last = request.messages[-1]
        answer = answer_type(
            success=True,
            message_id=last.message_id,
            conversation_id=request.conversation_id,
            tenant_id=request.tenant_id,
            response_content=last.content.text,
            model_used="echo",
        )
        answer.updated_context.CopyFrom(request.context)
        answer.updated_context["turns"] = request.context.fields["turns"].number_value + 1
        return answer

    def process_stream(request, context):
        for word in request.messages[-1].content.text.split():
            yield chunk_type(text=word)
        yield chunk_type(response=process(request, context))

    def health(request, context):
        return classes["parley.engine.v1.HealthCheckResponse"](status=1, version=grpc.__version__)

    handlers = {"ProcessMessage": process, "ProcessMessageStream": process_stream, "HealthCheck": health}
    return grpc.method_handlers_generic_handler(service.full_name, {
        method.name: (grpc.unary_stream_rpc_method_handler if method.name.endswith("Stream") else grpc.unary_unary_rpc_method_handler)(
            handlers[method.name],
            request_deserializer=classes[method.input_type.full_name].FromString,
            response_serializer=classes[method.output_type.full_name].SerializeToString,
        )
        for method in service.methods
    })


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--max-streams", type=int, default=100, help="concurrent calls on one connection")
    parser.add_argument("--certificate", help="PEM file; with --key: TLS")
    parser.add_argument("--key", help="PEM file")
    parser.add_argument("--engine", help="the serialized descriptor of mcp_engine.proto, in base64")
    options = parser.parse_args()

    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=200),
        handlers=[Script()] + ([engine(base64.b64decode(options.engine))] if options.engine else []),
        options=[("grpc.max_concurrent_streams", options.max_streams), ("grpc.so_reuseport", 0)],
    )
    address = f"127.0.0.1:{options.port}"
    if options.certificate:
        with open(options.key, "rb") as key, open(options.certificate, "rb") as certificate:
            port = server.add_secure_port(address, grpc.ssl_server_credentials([(key.read(), certificate.read())]))
    else:
        port = server.add_insecure_port(address)
    server.start()
    print("ready", port, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()

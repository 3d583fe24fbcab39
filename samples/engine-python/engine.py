#!/usr/bin/env python3
"""An engine for Parley in Python: the demo assistant behind gRPC, as contracts/mcp_engine.proto has it.

    python3 engine.py --port 50051

then start Parley with ENGINE_ADDRESS=http://127.0.0.1:50051. See README.md.
"""

import argparse
import signal
import sys
from concurrent import futures
from datetime import datetime, timezone

import grpc
from google.protobuf import json_format

import assistant
import contract


class Engine:
    """The three calls of the contract. A call may be repeated with the same request_id; this engine has no effects that would double."""

    def __init__(self, messages):
        self._messages = messages

    def process_message(self, request, context):
        if not request.messages:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "messages is empty")
        before = json_format.MessageToDict(request.context)
        memory, answers = assistant.Memory.read(before), []
        today = self._day_of(request.messages[-1])
        for message in request.messages:
            name = memory.name or first_name(request.user.display_name)
            content = json_format.MessageToDict(message.content, preserving_proto_field_name=True)
            answers.append(assistant.answer(memory, content, name, today))
            memory = answers[-1].memory
        return self._response(request, before, answers)

    def process_message_stream(self, request, context):
        """The answer word by word; the last piece carries the whole response."""
        response = self.process_message(request, context)
        words = response.response_content.split(" ")
        for i, word in enumerate(words):
            yield self._messages.ProcessMessageChunk(text=word if i == len(words) - 1 else word + " ")
        yield self._messages.ProcessMessageChunk(response=response)

    def health_check(self, request, context):
        return self._messages.HealthCheckResponse(status=self._messages.HealthCheckResponse.SERVING, version="1")

    def _response(self, request, before, answers):
        last, after = answers[-1], answers[-1].memory.write()
        texts = list(dict.fromkeys(answer.text for answer in answers if answer.text))
        response = self._messages.ProcessMessageResponse(
            success=True,
            message_id=request.messages[-1].message_id,
            conversation_id=request.conversation_id,
            tenant_id=request.tenant_id,
            response_content="\n\n".join(texts),
            response_type="none" if not texts else "choices" if last.actions else "text",
            confidence_score=last.confidence,
            context_changes=sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)),
            next_expected_inputs=[last.memory.expecting] if last.memory.expecting else [],
            suggested_actions=[self._messages.SuggestedAction(id=id, title=title) for id, title in last.actions],
            model_used="order-assistant",
            model_provider="engine-python",
            hand_off=any(answer.hand_off for answer in answers),
        )
        response.updated_context.update(after)
        return response

    @staticmethod
    def _day_of(message):
        if message.HasField("sent_at"):
            return message.sent_at.ToDatetime().date()
        return datetime.now(timezone.utc).date()


def first_name(display_name):
    words = display_name.split()
    return words[0] if words and words[0].isalpha() and 1 < len(words[0]) <= 30 else None


def serve(host, port, workers, messages):
    engine = Engine(messages)

    def unary(call, request, response):
        return grpc.unary_unary_rpc_method_handler(call, request.FromString, response.SerializeToString)

    handler = grpc.method_handlers_generic_handler(contract.SERVICE, {
        "ProcessMessage": unary(engine.process_message, messages.ProcessMessageRequest, messages.ProcessMessageResponse),
        "ProcessMessageStream": grpc.unary_stream_rpc_method_handler(
            engine.process_message_stream, messages.ProcessMessageRequest.FromString, messages.ProcessMessageChunk.SerializeToString),
        "HealthCheck": unary(engine.health_check, messages.HealthCheckRequest, messages.HealthCheckResponse),
    })
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=workers), handlers=[handler], options=[("grpc.so_reuseport", 0)])
    try:
        bound = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError:
        bound = 0
    if bound == 0:
        sys.exit(f"engine: cannot listen on {host}:{port} (--host, --port); is the port in use?")
    server.start()
    print(f"ready http://{host}:{bound}", flush=True)
    return server


def main():
    parser = argparse.ArgumentParser(description="The demo assistant as an engine for Parley.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s; 0.0.0.0 in a container)")
    parser.add_argument("--port", type=int, default=50051, help="port to listen on; 0 for any free one (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=16, help="calls answered at once (default: %(default)s)")
    options = parser.parse_args()

    server = serve(options.host, options.port, options.workers, contract.load())
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: server.stop(grace=5))
    server.wait_for_termination()


if __name__ == "__main__":
    main()

"""The message classes of contracts/mcp_engine.proto, made at start from mcp_engine.binpb: no generated code, no compiler.

After a change of the contract, in the root of the checkout (a test says when it is due):

    protoc --proto_path=contracts --descriptor_set_out=samples/engine-python/mcp_engine.binpb mcp_engine.proto
"""

import os
from types import SimpleNamespace

# struct and timestamp are imported for what the import does: they put the types that the contract uses into the pool.
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2, timestamp_pb2  # noqa: F401

SERVICE = "parley.engine.v1.McpEngine"


def load() -> SimpleNamespace:
    """The classes by their names in the contract."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mcp_engine.binpb"), "rb") as file:
        contract = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file[0]
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(contract.SerializeToString())
    names = [message.name for message in contract.message_type]
    return SimpleNamespace(**{name: _class(pool.FindMessageTypeByName(f"{contract.package}.{name}")) for name in names})


def _class(descriptor):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory().GetPrototype(descriptor)  # before protobuf 4.22

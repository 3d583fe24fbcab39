"""Loads mcp_engine.proto at start, so that no generated code can fall behind the contract. Needs protoc, or the Python package grpcio-tools."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2, struct_pb2, timestamp_pb2

NAME = "mcp_engine.proto"


def find(folder: str) -> str:
    """The contract beside this sample (as in its container), else that of the checkout."""
    beside = os.path.join(folder, NAME)
    return beside if os.path.exists(beside) else os.path.normpath(os.path.join(folder, "..", "..", "contracts", NAME))


def load(path: str):
    """The message classes of the contract, as the module that protoc makes of it."""
    if not os.path.exists(path):
        sys.exit(f"engine: there is no {path} (--proto)")
    with tempfile.TemporaryDirectory() as work:
        _compile(path, work)
        spec = importlib.util.spec_from_file_location("mcp_engine_pb2", os.path.join(work, "mcp_engine_pb2.py"))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def _compile(path: str, work: str) -> None:
    # Not every protoc brings google/protobuf/*.proto along; this package does.
    known = os.path.join(work, "known.bin")
    with open(known, "wb") as file:
        file.write(_known_types().SerializeToString())
    arguments = [f"--proto_path={os.path.dirname(path)}", f"--descriptor_set_in={known}", f"--python_out={work}", NAME]

    compiler = [shutil.which("protoc")] if shutil.which("protoc") else [sys.executable, "-m", "grpc_tools.protoc"]
    if compiler[0] == sys.executable and importlib.util.find_spec("grpc_tools") is None:
        sys.exit("engine: protoc is missing. Debian: apt-get install protobuf-compiler; elsewhere: pip install grpcio-tools")
    done = subprocess.run(compiler + arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"engine: protoc cannot read {path}: {done.stderr.strip()}")


def _known_types() -> descriptor_pb2.FileDescriptorSet:
    files = descriptor_pb2.FileDescriptorSet()
    for module in (struct_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(files.file.add())
    return files

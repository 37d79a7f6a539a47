"""MiniStack leaves nothing behind on the machine, and says what went wrong in a function."""

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from infra.local.ministack import MiniStack
from infra.local.places import Places, clear_unless_kept
from tests.e2e.stack import eventually, free_ports

HELLO = """
def hello(event, context):
    if event:
        print('{"level": "INFO", "message": "hello"}')
        print('{"level": "ERROR", "message": "not so well"}')
        raise ValueError("oh")
    return "hello"
"""


def make_a_function(stack: MiniStack, name: str, source: str) -> Any:
    """Make a function whose module is the source; return the client to call it with."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("hello.py", source)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = stack.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    functions = stack.client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Role=role["Role"]["Arn"],
        Handler="hello.hello",
        Code={"ZipFile": code.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return functions


def stack_in(build: Path) -> MiniStack:
    port, inbox_port, aws_port = map(int, free_ports(3))
    places = Places(port=port, inbox_port=inbox_port, aws_port=aws_port, build=build, keep=False)
    clear_unless_kept(places)
    return MiniStack(places)


def test_what_it_unpacks_lies_in_the_build_directory_and_goes_when_it_stops(tmp_path: Path) -> None:
    stack = stack_in(tmp_path)
    assert tmp_path in stack.temporary.parents
    left = stack.temporary / "ministack-lambda-of-one-that-was-killed"
    left.mkdir(parents=True)
    with stack:
        assert not left.exists()
        functions = make_a_function(stack, "hello", HELLO)
        # A worker is started for it, which unpacks its code.
        assert functions.invoke(FunctionName="hello")["Payload"].read() == b'"hello"'
        assert list(stack.temporary.glob("ministack-lambda-hello-*"))
    assert not stack.temporary.exists(), "that takes no longer however much there is"
    eventually(lambda: not list(tmp_path.glob("ministack-tmp*")), "end of what it unpacked")


def test_what_goes_wrong_in_a_function_can_be_read_whether_it_was_caught_or_not_or_never_started(
    tmp_path: Path,
) -> None:
    with stack_in(tmp_path) as stack:
        functions = make_a_function(stack, "hello", HELLO)
        functions.invoke(FunctionName="hello", Payload=b'{"go": "wrong"}')
        make_a_function(stack, "broken", "import missing").invoke(FunctionName="broken")
        caught, uncaught, broken = stack.functions_log.new_errors()
    assert caught == "ERROR in hello: not so well"
    assert uncaught.startswith("ERROR in hello: not caught: ValueError: oh\n    Traceback")
    assert broken.startswith("ERROR in broken: not caught: ")
    assert "No module named 'missing'" in broken

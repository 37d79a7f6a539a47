"""MiniStack leaves nothing behind on the machine."""

import io
import json
import sys
import zipfile
from pathlib import Path

from infra.local.ministack import MiniStack
from infra.local.places import Places, clear_unless_kept
from tests.e2e.stack import free_ports


def run_a_function(stack: MiniStack) -> None:
    """Have a worker started, which unpacks this function's code."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("hello.py", "def hello(event, context):\n    return 'hello'\n")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = stack.client("iam").create_role(
        RoleName="hello",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    functions = stack.client("lambda")
    functions.create_function(
        FunctionName="hello",
        Runtime=f"python3.{sys.version_info.minor}",
        Role=role["Role"]["Arn"],
        Handler="hello.hello",
        Code={"ZipFile": code.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="hello")
    assert functions.invoke(FunctionName="hello")["Payload"].read() == b'"hello"'


def test_what_it_unpacks_lies_in_the_build_directory_and_goes_when_it_stops(tmp_path: Path) -> None:
    port, inbox_port, aws_port = map(int, free_ports(3))
    places = Places(port=port, inbox_port=inbox_port, aws_port=aws_port, build=tmp_path, keep=False)
    clear_unless_kept(places)
    stack = MiniStack(places)
    assert tmp_path in stack.temporary.parents
    left = stack.temporary / "ministack-lambda-of-one-that-was-killed"
    left.mkdir(parents=True)
    with stack:
        assert not left.exists()
        run_a_function(stack)
        assert list(stack.temporary.glob("ministack-lambda-hello-*"))
    assert not stack.temporary.exists()

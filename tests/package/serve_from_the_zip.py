"""Run in a process of its own, from the zip: call functions as Lambda does.

A line on stdin says which handler, with what, and when; a line on stdout says what came of it. Each call has
a process of its own, forked off the one that imported the handler, so none remembers another's.
"""

import importlib
import json
import os
import sys
from datetime import datetime
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, sys.argv[1])
answers = os.fdopen(os.dup(1), "w")
# What functions log must not get among the answers.
sys.stdout = sys.stderr


def answer(handler: str, event: dict[str, Any], now: str) -> dict[str, Any]:
    """Return what the handler returned, or what it raised."""
    module, _, name = handler.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    routes = importlib.import_module("chalicelib.web.http.utc_now")
    vars(routes)["datetime"] = SimpleNamespace(now=lambda _: datetime.fromisoformat(now))
    try:
        return {"returned": function(event, SimpleNamespace())}
    except Exception as error:  # noqa: BLE001  # the test says what may be raised
        return {"raised": repr(error)}


for line in sys.stdin:
    call = json.loads(line)
    importlib.import_module(call["handler"].rpartition(".")[0])
    child = os.fork()
    if not child:
        answers.write(json.dumps(answer(**call)) + "\n")
        answers.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        answers.write(json.dumps({"raised": "the process died"}) + "\n")
        answers.flush()

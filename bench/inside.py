"""Run under callgrind, from the unpacked zip and nothing else: one function, from its start to many calls.

    python -S -s -P -B inside.py UNPACKED ROOT RECORDING FUNCTION

Each `mark` makes callgrind write down what it counted since the one before, so the parts come out as:
start (until the client of the table is ready), nothing of interest, the first call, the warm ones; this
again for each further series; at the end the yardstick, WARM_CALLS bare signed TransactWriteItems.
"""

import importlib
import os
import sys

unpacked, root, recording, module, handler, *series = sys.argv[1:]
sys.path.insert(0, unpacked)
# A call of the C library that nobody else makes (bench/callgrind.py names it).
mark = os.getloadavg

function = getattr(importlib.import_module(module), handler)
connection = importlib.import_module("chalicelib.store.connection")
ready = connection.connection().client
mark()

# Behind the zip, so that ours comes from there and only the bench from here.
sys.path.append(root)
import io  # noqa: E402
import json  # noqa: E402
import types  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from bench.functions import COUNTED_CALLS, WARM_CALLS  # noqa: E402
from bench.wire import Player, on_the_wire  # noqa: E402

played = json.loads(Path(recording).read_text())
context = types.SimpleNamespace()
sys.stdout = io.StringIO()
last_transaction = None
for name in series:
    player = Player(played["answers"][name])
    first, *warm = played["series"][name]
    warm = warm[: COUNTED_CALLS.get(name)]
    with on_the_wire(player):
        mark()
        function(first, context)
        mark()
        for event in warm:
            function(event, context)
        mark()
    last_transaction = player.last_transaction or last_transaction
if last_transaction:
    from botocore.session import get_session

    # The stubs know a service's calls only by boto3.
    client: Any = get_session().create_client("dynamodb")
    with on_the_wire(player):
        client.transact_write_items(**last_transaction)
        mark()
        for _ in range(WARM_CALLS):
            client.transact_write_items(**last_transaction)
        mark()
os._exit(0)

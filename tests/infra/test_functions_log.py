"""What functions log here can be seen: whatever went wrong in one is told on the terminal."""

import json
from pathlib import Path
from typing import Any

from infra.local.functions_log import FunctionsLog, in_words
from infra.local.taught import logged

NAME = "turnout-APIHandler-27E2E7476ED26"
TRACE = "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\nKeyError: 'x'"


def entries(**result: Any) -> list[Any]:
    return [json.loads(line) for line in logged(NAME, result)]


def test_what_our_code_logs_is_kept_as_it_is_with_the_functions_name() -> None:
    log = '{"level": "INFO", "message": "tick"}\n\n{"level": "ERROR", "message": "recount_failed"}'
    assert entries(body={}, log=log) == [
        {"function": NAME, "level": "INFO", "message": "tick"},
        {"function": NAME, "level": "ERROR", "message": "recount_failed"},
    ]
    assert entries(body={}, log="") == entries(body=None) == []


def test_what_nobody_caught_is_an_error_whole_and_told_once() -> None:
    (entry,) = entries(body={"errorMessage": "'x'"}, error=True, log=TRACE)
    assert (entry["level"], entry["message"]) == ("ERROR", "not caught: KeyError: 'x'")
    assert entry["lines"] == TRACE.splitlines()


def test_a_function_that_timed_out_or_did_not_start_says_why() -> None:
    for log in ("", '{"level": "INFO", "message": "tick"}'):
        *_, entry = entries(body={"errorMessage": "Task timed out after 30.00 seconds"}, error=True, log=log)
        assert entry["lines"] == ["It failed: Task timed out after 30.00 seconds"]


def test_an_error_is_told_in_words_with_the_place_in_the_zip_where_it_was_raised() -> None:
    error = {
        "function": NAME,
        "level": "ERROR",
        "message": "a route failed",
        "view": "get_event",
        "exception": "KeyError",
        "trace": [
            "chalicelib/web/http/replies.py:145 in wrapped",
            "chalicelib/web/event/lookup.py:98 in found",
        ],
    }
    assert in_words(error).splitlines() == [
        "ERROR in APIHandler: a route failed: KeyError (view get_event)",
        "    chalicelib/web/http/replies.py:145 in wrapped",
        "    chalicelib/web/event/lookup.py:98 in found",
    ]
    (uncaught,) = entries(body={"errorMessage": "'x'"}, error=True, log=TRACE)
    assert in_words(uncaught).splitlines()[2] == '      File "app.py", line 3, in <module>'


def test_each_error_is_told_once_and_a_line_that_is_half_written_when_it_is_whole(tmp_path: Path) -> None:
    log = FunctionsLog(tmp_path / "functions.log")
    log.empty()
    error = json.dumps({"function": NAME, "level": "ERROR", "message": "first"}) + "\n"
    with log.path.open("a") as file:
        file.write('{"function": "f", "level": "INFO", "message": "fine"}\n' + error + error[:20])
    assert log.new_errors() == ["ERROR in APIHandler: first"]
    assert log.new_errors() == []
    with log.path.open("a") as file:
        file.write(error[20:])
    assert log.new_errors() == ["ERROR in APIHandler: first"]

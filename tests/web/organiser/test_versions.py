"""ETag and If-Match on events and sessions (web/organiser/versions.py)."""

from typing import Any

from tests.web.admin import new_admin, problem


def test_whoever_read_an_older_version_changes_nothing(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    for path in (event, session):
        tag = admin.get(path).headers["ETag"]
        changed = admin.patch(path, {"title": "First"}, If_Match=tag)
        assert changed.status_code == 200
        for late in (tag, f"W/{changed.headers['ETag']}", "garbage", ""):
            assert problem(admin.patch(path, {"title": "Late"}, If_Match=late)) == (412, "changed_meanwhile")
        assert admin.get(path).json_body["title"] == "First"
        assert admin.patch(path, {"title": "Any"}, If_Match="*").status_code == 200


def test_a_change_has_to_say_which_version_it_changes(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    for method, path, body in (
        ("PATCH", event, {"title": "Blind"}),
        ("PATCH", session, {"title": "Blind"}),
        ("POST", f"{session}/capacity", {"capacity": 40}),
    ):
        assert problem(admin.send(method, path, body)) == (428, "precondition_required"), path
        assert problem(admin.send(method, path, body, If_Match='"9"')) == (412, "changed_meanwhile"), path
    assert (admin.get(event).json_body["version"], admin.get(session).json_body["version"]) == (1, 1)


def test_a_verb_needs_no_version_but_honours_one(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    for path, verb, status in (
        (session, "close", "closed"),
        (session, "reopen", "open"),
        (session, "cancel", "cancelled"),
        (event, "publish", "published"),
        (event, "cancel", "cancelled"),
    ):
        read = admin.get(path)
        stale = admin.post(f"{path}/{verb}", If_Match='"99"')
        assert problem(stale) == (412, "changed_meanwhile"), verb
        assert admin.get(path).json_body == read.json_body, verb
        done = admin.post(f"{path}/{verb}", If_Match=read.headers["ETag"])
        assert (done.status_code, done.json_body["status"]) == (200, status), verb
        # Sent again because the answer was lost: what it asks for is so already.
        again = admin.post(f"{path}/{verb}", If_Match=read.headers["ETag"])
        assert (again.status_code, again.json_body) == (200, done.json_body), verb

"""One CloudFormation stack: what it is, what a template would change in it, and changing it.

Knows nothing of Turnout but that its table must never be replaced: its data would stay behind in the old one.
"""

import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct

KEPT = "Table"
PREPARE_SECONDS_MAX = 300
CHANGE_SECONDS_MAX = 3600
_CLEANUP = "_COMPLETE_CLEANUP_IN_PROGRESS"
_FAILED = ("_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_IN_PROGRESS")


class CannotDeploy(Exception):
    """Why a command can't do what it was asked for, in words for the person who asked."""


class Change(Struct, frozen=True):
    """What would become of one resource."""

    action: str
    name: str
    kind: str
    replaced: str

    def __str__(self) -> str:
        replaced = {"True": "  (replaced)", "Conditional": "  (perhaps replaced)"}.get(self.replaced, "")
        return f"{self.action.lower():7} {self.name}  {self.kind}{replaced}"


class Stack:
    """The stack of this name, there or yet to be made."""

    def __init__(self, cloudformation: Any, name: str, wait: Callable[[float], None] = time.sleep) -> None:
        self._cloudformation = cloudformation
        self.name = name
        self._wait = wait

    @property
    def exists(self) -> bool:
        """Whether it was ever deployed. One whose first change set was never carried out was not."""
        found = self._described()
        return found is not None and found["StackStatus"] != "REVIEW_IN_PROGRESS"

    @property
    def is_changing(self) -> bool:
        """Whether CloudFormation is at work on what it keeps: it goes on after the command has ended."""
        status: str = (self._described() or {}).get("StackStatus", "")
        return status.endswith("_IN_PROGRESS") and not status.endswith(("REVIEW_IN_PROGRESS", _CLEANUP))

    @property
    def parameters(self) -> dict[str, str]:
        """Its parameters, with the values that it has for them."""
        found = (self._described() or {}).get("Parameters", [])
        return {one["ParameterKey"]: one["ParameterValue"] for one in found}

    @property
    def outputs(self) -> dict[str, str]:
        """Its outputs."""
        found = (self._described() or {}).get("Outputs", [])
        return {one["OutputKey"]: one["OutputValue"] for one in found}

    def prepare(self, template_url: str, parameters: dict[str, str | None], change_set: str) -> list[Change]:
        """Make a change set of this name; return what it would change, nothing if all is as it should be.

        A parameter that is None keeps its value. Raises CannotDeploy if the table would go.
        """
        self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=change_set,
            ChangeSetType="UPDATE" if self.exists else "CREATE",
            TemplateURL=template_url,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[_parameter(name, value) for name, value in parameters.items()],
        )
        found = self._await_change_set(change_set)
        if found["Status"] == "FAILED":
            self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=change_set)
            reason = found.get("StatusReason", "")
            if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                return []
            raise CannotDeploy(f"CloudFormation refused the change: {reason}")
        changes = self._changes(change_set)
        for change in changes:
            if change.name == KEPT and (change.action == "Remove" or change.replaced == "True"):
                raise CannotDeploy(
                    f"The change would replace or remove the table and leave its data behind: {change}\n"
                    f"Nothing was changed. The change set {change_set} is there to look at."
                )
        return changes

    def carry_out(self, change_set: str) -> None:
        """Carry this change set out and wait until it is done. Raises CannotDeploy with what failed."""
        self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change_set)
        waited = 0.0
        while waited < CHANGE_SECONDS_MAX:
            status: str = (self._described() or {}).get("StackStatus", "REVIEW_IN_PROGRESS")
            if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}:
                return
            if status.endswith(_FAILED) and not status.endswith("IN_PROGRESS"):
                raise CannotDeploy(f"The stack is {status}:\n{self._failures()}")
            waited += self._pause()
        raise CannotDeploy(
            f"The stack was not done within {CHANGE_SECONDS_MAX // 60} minutes. See CloudFormation's console."
        )

    def _described(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except self._cloudformation.exceptions.ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None
        return found

    def _await_change_set(self, change_set: str) -> dict[str, Any]:
        waited = 0.0
        while waited < PREPARE_SECONDS_MAX:
            found: dict[str, Any] = self._cloudformation.describe_change_set(
                StackName=self.name, ChangeSetName=change_set
            )
            if found["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                return found
            waited += self._pause()
        raise CannotDeploy("CloudFormation did not work out the change in time. Look at its change sets.")

    def _changes(self, change_set: str) -> list[Change]:
        changes: list[Change] = []
        page: dict[str, str] = {}
        while True:
            found = self._cloudformation.describe_change_set(
                StackName=self.name, ChangeSetName=change_set, **page
            )
            for one in (change["ResourceChange"] for change in found.get("Changes", [])):
                replaced = one.get("Replacement", "False")
                changes.append(Change(one["Action"], one["LogicalResourceId"], one["ResourceType"], replaced))
            if "NextToken" not in found:
                return changes
            page = {"NextToken": found["NextToken"]}

    def _pause(self) -> float:
        seconds = 2.0
        self._wait(seconds)
        return seconds

    def _failures(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED")
        ]
        return "\n".join(failed) or "  CloudFormation gave no reason"


def _parameter(name: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}

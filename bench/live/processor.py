"""How much processor time each process of the stack takes, from the outside."""

import re
import threading
from collections import defaultdict
from types import TracebackType

import psutil

from infra.local.ministack import TAUGHT

LOOKS_PER_SECOND = 2

_WORKER = re.compile(r"ministack-lambda-turnout-(\w+?)-")
EMULATOR = ("MiniStack", "front door and mail sink")


def role_of(command: str) -> str:
    """Return what a process of the stack is, by its command line."""
    if worker := _WORKER.search(command):
        return worker[1]
    if str(TAUGHT) in command:
        return "MiniStack"
    if "infra.local" in command:
        return "front door and mail sink"
    return "others"


class Meter:
    """Adds up, while it is open, what a process and all below it use.

    It looks twice a second, so of a process that ends it may miss the last half second.
    """

    def __init__(self, root: int) -> None:
        self._root = psutil.Process(root)
        self._first: dict[psutil.Process, float] = {}
        self._last: dict[psutil.Process, float] = {}
        self._roles: dict[psutil.Process, str] = {}
        self._done = threading.Event()

    def __enter__(self) -> "Meter":
        self._look()
        self._first = dict(self._last)
        self._looking = threading.Thread(target=self._look_on, daemon=True)
        self._looking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._looking.join()
        self._look()

    def seconds(self) -> dict[str, float]:
        """Return the processor seconds used since it was opened, by what the process is."""
        used: dict[str, float] = defaultdict(float)
        for process, last in self._last.items():
            used[self._roles[process]] += last - self._first.get(process, 0.0)
        return dict(used)

    def count(self, role: str) -> int:
        """Return how many processes of this kind there were."""
        return sum(found == role for found in self._roles.values())

    def _look_on(self) -> None:
        while not self._done.wait(1 / LOOKS_PER_SECOND):
            self._look()

    def _look(self) -> None:
        for process in [self._root, *self._root.children(recursive=True)]:
            try:
                times = process.cpu_times()
                # Each time: between its fork and its exec a worker looks like MiniStack.
                self._roles[process] = role_of(" ".join(process.cmdline()))
            except psutil.Error:
                continue  # it has ended since; what it used until the last look is known
            self._last[process] = times.user + times.system

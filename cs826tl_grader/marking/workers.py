"""Workers on this machine, each a process of its own: one that dies takes nobody else's marks."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from typing import Any

import psutil

from cs826tl_grader.sandbox.processes import end_descendants

ATTEMPTS = 2  # at one task: what ended its worker may have been that memory ran out for a moment
_NEW = get_context("spawn")  # a fork would have this process's locks, held by threads that are gone


def done_here(
    jobs: int,
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    lost: Callable[..., Any],
) -> Iterator[Any]:
    """Have workers call a function with each tuple of arguments, and yield answers.

    They come in the order in which they are done. What a worker did when it died is done again by
    another; if that dies too, what `lost` returns is yielded in place of an answer. What the
    function raises is raised.
    """
    left = deque((task, ATTEMPTS) for task in tasks)
    idle = [_Worker(function) for _ in range(min(jobs, len(tasks)))]
    busy: dict[Any, tuple[_Worker, tuple[Any, ...], int]] = {}
    try:
        while left or busy:
            while left and idle:
                worker, (task, attempts) = idle.pop(), left.popleft()
                busy[worker.begin(task)] = worker, task, attempts
            for ready in connection.wait(busy):
                worker, task, attempts = busy[ready]
                try:
                    answer, problem = worker.answer()
                except OSError:
                    if attempts > 1:
                        left.appendleft((task, attempts - 1))
                    else:
                        yield lost(*task)
                    worker.end()
                    idle.append(_Worker(function))
                else:
                    if problem is not None:
                        raise problem
                    yield answer
                    idle.append(worker)
                del busy[ready]
    finally:
        for worker in (*idle, *(worker for worker, *_ in busy.values())):
            worker.end()


class _Worker:
    """A process that calls a function with one tuple of arguments after the other."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._connection, theirs = _NEW.Pipe()
        self._process = _NEW.Process(target=_serve, args=(theirs, function), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, task: tuple[Any, ...]) -> Any:
        """Hand over a task, and return what is ready to be read once the worker is done or dead."""
        with suppress(OSError):  # it is dead already
            self._connection.send(task)
        return self._connection

    def answer(self) -> tuple[Any, Exception | None]:
        """Return what the function returned and what it raised; `OSError` if the worker died."""
        try:
            answer: tuple[Any, Exception | None] = self._connection.recv()
        except EOFError:
            raise ConnectionError("a worker died") from None
        return answer

    def end(self) -> None:
        """End it with all that it started."""
        with suppress(psutil.Error):
            end_descendants(psutil.Process(self._process.pid))
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(tasks: Any, function: Callable[..., Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the grader, which ends its workers
    with suppress(EOFError):
        while True:
            task = tasks.recv()
            try:
                answer = function(*task), None
            except Exception as problem:
                answer = None, problem
            tasks.send(answer)

"""One signature for two callables that take the same arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def takes_arguments_of(
    original: Callable[Arguments, object],
) -> Callable[[Callable[..., Result]], Callable[Arguments, Result]]:
    """Give a function that passes its arguments on the signature of where they go.

    Type checkers, `help` and completion then show the arguments, which are written down once.

    >>> def greet(name: str, *, warmly: bool = False) -> None: ...
    >>> @takes_arguments_of(greet)
    ... def greet_twice(*arguments: Any, **options: Any) -> int: ...
    >>> list(inspect.signature(greet_twice).parameters)
    ['name', 'warmly']
    """

    def decorate(function: Callable[..., Result]) -> Callable[Arguments, Result]:
        result: Any = inspect.signature(function).return_annotation
        signature = inspect.signature(original).replace(return_annotation=result)
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return decorate

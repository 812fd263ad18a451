"""What codes depend on, in one digest: weights, settings and code of the stages, and the inputs.

Whatever is not seen here, such as a function that a stage calls, shows when two rows are run
again: see `codes`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from types import CodeType, FunctionType, MethodType

import numpy as np
import torch
from torch import Tensor, nn

PIECE = 2**22  # bytes of inputs that are digested at a time, which divides them among the cores
PLAIN = (str, bytes, int, float, complex, bool, type(None), Enum, torch.dtype, torch.device, range)
TORCHS_OWN = frozenset(vars(nn.Module())) | {"training"}  # attributes that every module has


def fingerprint(prefix: nn.Module, inputs: Tensor, *computing: object) -> str:
    """Return the SHA-256 of all that the codes depend on; `computing` is the device and the like.

    >>> inputs = torch.zeros(2, 3)
    >>> fingerprint(nn.ReLU(), inputs) == fingerprint(nn.ReLU(), inputs)
    True
    >>> fingerprint(nn.LeakyReLU(0.1), inputs) == fingerprint(nn.LeakyReLU(0.2), inputs)
    False
    """
    rows = max(1, PIECE // max(1, inputs[0].nbytes))
    weights = [*prefix.parameters(), *prefix.buffers()]
    with ThreadPoolExecutor() as pool:  # hashing lets other threads run
        digests = pool.map(_sha256, [weights, *([piece] for piece in inputs.split(rows))])
        described = [str(prefix), repr(computing), f"{inputs.dtype} {tuple(inputs.shape)}"]
        described += _code_and_settings(prefix)
        text = "\n".join(described).encode(errors="replace")
        return hashlib.sha256(text + b"".join(digests)).hexdigest()


def _sha256(tensors: Sequence[Tensor]) -> bytes:
    digest = hashlib.sha256()
    for tensor in tensors:
        # as bytes, because NumPy knows no bfloat16
        flat = tensor.detach().cpu().contiguous().flatten()
        digest.update(flat.view(torch.uint8).numpy().data)
    return digest.digest()


def _code_and_settings(prefix: nn.Module) -> Iterator[str]:
    """Describe what every module does: its class's functions, and its plain attributes."""
    classes: dict[type, str] = {}
    for name, module in prefix.named_modules():
        kind = type(module)
        if kind not in classes:
            classes[kind] = _code_of_class(kind)
            yield classes[kind]
        settings = {key: v for key, v in vars(module).items() if key not in TORCHS_OWN}
        yield f"{name}: {kind.__qualname__} {_described(settings)}"


def _code_of_class(kind: type) -> str:
    """Describe what a class defines, and what it inherits, up to `nn.Module`."""
    own = [base for base in kind.__mro__ if base not in nn.Module.__mro__]
    return " ".join(f"{base.__qualname__} {_described(_defined(base))}" for base in own)


def _defined(kind: type) -> dict[str, object]:
    """Return the functions and attributes of a class; not its documentation and line numbers."""
    return {
        name: value
        for name, value in vars(kind).items()
        if isinstance(value, FunctionType) or not name.startswith("__")
    }


def _described(value: object) -> str:
    """Return a text that is the same in every kernel, and another one when the value changes."""
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, Tensor):
        return _sha256([value]).hex()
    if isinstance(value, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(value).data).hexdigest()
    if isinstance(value, (MethodType, staticmethod, classmethod)):
        return _described(value.__func__)
    if isinstance(value, property):
        return _described([value.fget])
    if isinstance(value, FunctionType):
        return _described([value.__code__, value.__defaults__, value.__kwdefaults__])
    if isinstance(value, CodeType):
        return _described([value.co_code, value.co_names, value.co_consts])
    if isinstance(value, Mapping):
        return _described([[str(key), value[key]] for key in value])
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_described, value))}]"
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_described, value)))}}}"
    return type(value).__qualname__  # what it holds is unknown, and its address would differ

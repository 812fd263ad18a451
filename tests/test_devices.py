"""The device named, or the best there is; and what is done to a batch on its way there."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits
from torch import nn

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.devices import (
    PRECISIONS,
    all_cards,
    compiling_pays,
    describe_device,
    device_of,
    image_layout,
    mixed_precision,
    one_blas_thread,
    pick_device,
    pick_precision,
    place,
)
from cs826tl.methods.adaptation import Coral, blind_pair, reverse_validation
from cs826tl.methods.adaptation.pairs import BlindPair
from cs826tl.methods.shift import shift_auc
from cs826tl.methods.transferability import h_score, log_me, probe_accuracy
from cs826tl.training.probes import linear_probe


def any_card(monkeypatch, built: str = "sm_75 sm_80 sm_90", capability=(8, 0)) -> None:
    """Let there be a card, and a build of PyTorch for those architectures."""
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: built.split())
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device=None: capability)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device=None: "Tesla P100")


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(1, 1, "cuda"), (1, 0, "cuda"), (0, 1, "mps"), (0, 0, "cpu")]
)
def test_auto_takes_the_best_there_is(monkeypatch, cuda: int, mps: int, best: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    any_card(monkeypatch)
    assert pick_device("auto") == pick_device() == torch.device(best)
    assert pick_device("cpu") == torch.device("cpu")


def test_a_device_that_is_not_there_lists_those_that_are(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for name in ("cuda", "cuda:1", "mps", "gpu", ""):
        with pytest.raises(ValueError, match=f"no device named '{name}'.*Choose from: auto, cpu"):
            pick_device(name)


def test_a_numbered_card_is_kept(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    any_card(monkeypatch)
    assert pick_device("cuda:1") == torch.device("cuda", 1)


# What runs where: CUDA's programming guide, "binary compatibility" and "PTX compatibility".
@pytest.mark.parametrize(
    ("built", "capability", "runs"),
    [
        ("sm_75 sm_80 sm_90", (7, 5), True),
        ("sm_75 sm_80 sm_90", (8, 9), True),  # binaries run on later minor versions …
        ("sm_75 sm_86 sm_90", (8, 0), False),  # … not on earlier ones
        ("sm_75 sm_80 sm_90", (6, 0), False),
        ("sm_75 sm_80 sm_90", (7, 0), False),
        ("sm_75 sm_80 sm_90", (10, 0), False),
        ("sm_75 sm_80 compute_90", (12, 0), True),  # PTX is compiled for any later card …
        ("sm_75 sm_80 compute_90", (9, 0), True),
        ("sm_75 compute_80", (7, 0), False),  # … for no earlier one
        ("sm_75 sm_100", (10, 3), True),
        ("sm_80 sm_90a", (9, 0), True),
        ("sm_80 sm_100a", (10, 3), False),  # `a`: this version only
        ("sm_80 sm_100f", (10, 3), True),  # `f`: its family
        ("sm_80 sm_100f", (12, 0), False),
        ("compute_90a", (10, 0), False),
        ("gfx90a gfx942", (9, 0), True),  # AMD's names say nothing about capabilities
        ("", (9, 0), True),
    ],
)
def test_a_card_that_pytorch_is_not_built_for_is_passed_over_by_name(
    monkeypatch, recwarn, built: str, capability: tuple[int, int], runs: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    any_card(monkeypatch, built, capability)
    reason = (
        f"Tesla P100 has compute capability {'.'.join(map(str, capability))}, and PyTorch "
        f"{torch.__version__} is built for {', '.join(built.split())} only"
    )
    assert pick_device() == torch.device("cuda" if runs else "cpu")
    said = [str(warning.message) for warning in recwarn.list]
    assert said == ([] if runs else [f"{reason}, so the CPU computes"])
    if runs:
        assert pick_device("cuda:0") == torch.device("cuda", 0)
    else:
        with pytest.raises(ValueError, match=re.escape(f"{reason}: take device='cpu', or")):
            pick_device("cuda:0")


def test_a_model_is_where_its_parameters_are() -> None:
    assert device_of(nn.Linear(2, 2, device="meta")) == torch.device("meta")


def test_placing_keeps_the_values_and_lays_images_out_channels_last() -> None:
    images = torch.arange(2 * 3 * 4 * 5, dtype=torch.uint8).reshape(2, 3, 4, 5)
    placed = place(images, torch.device("cpu"))
    assert torch.equal(placed, images)
    assert placed.is_contiguous(memory_format=torch.channels_last)
    codes = torch.ones(2, 7)
    assert place(codes, torch.device("cpu")) is codes


def test_the_cpu_computes_in_full_precision() -> None:
    with mixed_precision(torch.device("cpu")):
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    ("device", "capability", "triton", "seconds", "pays"),
    [
        ("cuda", (7, 5), True, 3600, True),
        ("cuda", (7, 5), True, 60, False),
        ("cuda", (7, 5), True, 241, True),  # a quarter of it is more than a minute's compiling
        ("cuda", (7, 5), True, 240, False),
        ("cuda", (6, 0), True, 3600, False),  # Triton compiles for 7.0 and newer
        ("cuda", (8, 0), False, 3600, False),
        ("cpu", None, True, 36000, False),
    ],
)
def test_only_a_long_run_on_a_card_that_can_is_worth_compiling(
    monkeypatch, device: str, capability, triton: bool, seconds: int, pays: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    monkeypatch.setattr("cs826tl.devices.find_spec", lambda _: object() if triton else None)
    assert compiling_pays(torch.device(device), seconds) == pays


# --- what the card does in hardware -----------------------------------------------------------

CARDS = {
    "A100": ((8, 0), torch.bfloat16, torch.channels_last),
    "L4": ((8, 9), torch.bfloat16, torch.channels_last),
    "T4": ((7, 5), torch.float16, torch.channels_last),
    "V100": ((7, 0), torch.float16, torch.channels_last),
    "P100": ((6, 0), torch.float16, torch.contiguous_format),
    "GTX 1080": ((6, 1), torch.float32, torch.contiguous_format),
    "K80": ((3, 7), torch.float32, torch.contiguous_format),
}


@pytest.mark.parametrize(("capability", "number_type", "layout"), CARDS.values(), ids=CARDS)
def test_precision_and_layout_are_what_the_card_does_in_hardware(
    monkeypatch, capability: tuple[int, int], number_type: torch.dtype, layout
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    card = torch.device("cuda", 1)
    assert pick_precision(card) == number_type
    assert image_layout(card) == layout
    for name, wanted in PRECISIONS.items():
        assert pick_precision(card, name) == wanted  # you may know better


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_without_a_card_nothing_is_rounded_unless_asked_for(device: str) -> None:
    assert pick_precision(torch.device(device)) == torch.float32
    assert pick_precision(torch.device(device), "bfloat16") == torch.bfloat16
    with pytest.raises(ValueError, match=r"no precision named 'half'\..*auto, float32, bfloat16"):
        pick_precision(torch.device(device), "half")


@pytest.mark.parametrize("number_type", PRECISIONS.values(), ids=str)
def test_the_context_computes_in_the_type_asked_for(number_type: torch.dtype) -> None:
    with mixed_precision(torch.device("cpu"), number_type):
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == number_type


def test_a_device_is_described_with_its_precision(monkeypatch) -> None:
    card = SimpleNamespace(name="Tesla T4", total_memory=15.8e9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    any_card(monkeypatch, capability=(7, 5))
    said = "cuda: Tesla T4, 16 GB; computes in float16 with gradient scaling"
    assert describe_device() == said
    assert describe_device("cpu").startswith("cpu: ")


@pytest.mark.parametrize(("number", "said"), [(1, ", 1 thread; "), (2, ", 2 threads; ")])
def test_threads_are_counted(monkeypatch, number: int, said: str) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: number)
    assert said in describe_device("cpu")


# --- modules of every kind --------------------------------------------------------------------


def test_a_model_without_parameters_is_where_its_buffers_are() -> None:
    assert device_of(nn.BatchNorm1d(2, affine=False, device="meta")) == torch.device("meta")
    assert device_of(nn.ReLU()) == torch.device("cpu")


def test_all_cards_are_counted(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert all_cards() == [0, 1]


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


# Apple's Accelerate, which NumPy uses on a Mac, has no threads that one could limit.
limitable = pytest.mark.skipif(not blas_threads(), reason="NumPy's BLAS cannot be limited here")


@limitable
def test_blas_takes_one_thread_and_gets_the_others_back() -> None:
    with threadpool_limits(2, user_api="blas"):
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {2}


CODES, KINDS = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
METHOD = Coral(LogisticRegression())


def in_codes() -> Task:
    rows = Split(torch.tensor(CODES), torch.tensor(KINDS))
    return replace(load_task("digits", shots=5), train=rows)


@limitable
@pytest.mark.parametrize(
    "verb",
    [
        lambda pair: linear_probe(in_codes(), "softmax"),
        lambda pair: probe_accuracy(CODES, KINDS),
        lambda pair: h_score(CODES, KINDS),
        lambda pair: log_me(CODES, KINDS),
        lambda pair: shift_auc(CODES[:20], CODES[20:]),
        lambda pair: pair.source_only(METHOD),
        lambda pair: pair.adapted(METHOD),
        lambda pair: pair.target_trained(METHOD),
        lambda pair: reverse_validation(METHOD, pair),
    ],
)
def test_classifiers_on_codes_take_one_blas_thread(monkeypatch, verb) -> None:
    pair: BlindPair = blind_pair("digits", shots=5)
    seen = []
    for owner, name in ((LogisticRegression, "fit"), (np.linalg, "svd")):
        original = getattr(owner, name)

        def noting(*given, original=original, **named):
            seen.append(blas_threads())
            return original(*given, **named)

        monkeypatch.setattr(owner, name, noting)
    with threadpool_limits(2, user_api="blas"):
        verb(pair)
    assert seen
    assert all(threads == {1} for threads in seen)

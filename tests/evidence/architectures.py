"""Examine architectures of the transformers package, built small with random starts: a measurement, not a test.

    python -m tests.evidence.architectures --record docs/diagnose_evidence.jsonl [--minutes 60]

Each architecture is built from its own configuration with small numbers. A record has a line for each, so that a run
goes on where it ended.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import torch

from symtests.doctor import diagnose
from tests.evidence.diagnosed import add_missing, line_of

SMALL: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 99,
    "intermediate_size": 48, "max_position_embeddings": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "d_model": 32,
    "n_positions": 64, "ffn_dim": 48, "word_embed_proj_dim": 32, "d_ff": 48, "d_kv": 8, "num_layers": 2, "num_heads": 4,
    "num_decoder_layers": 2, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
    "encoder_attention_heads": 4, "decoder_attention_heads": 4, "pad_token_id": 0, "bos_token_id": 1,
    "eos_token_id": 2, "num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 8,
    "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16, "state_size": 8, "expand": 2,
    "embedding_size": 32, "dim": 32, "hidden_dim": 48, "n_heads": 4, "n_layers": 2, "n_routed_experts": 4,
    "n_shared_experts": 1, "first_k_dense_replace": 1, "q_lora_rank": 16, "kv_lora_rank": 8, "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 4, "v_head_dim": 8, "n_group": 1, "topk_group": 1, "emb_dim": 32, "n_inner": 48,
    "rotary_dim": 4, "mamba_d_state": 8, "mamba_n_heads": 8, "mamba_d_head": 8, "decoder_start_token_id": 1,
    "type_vocab_size": 2, "attention_window": 4, "moe_num_experts": 4, "num_blocks": 2, "sliding_window": 8,
    "lru_width": 32, "attention_hidden_size": 32, "ffn_hidden_size": 48, "kv_channels": 8, "image_token_id": 98,
}  # fmt: skip
LARGE = 3_000_000
STEPS = 8
HEADS = {"causal": "AutoModelForCausalLM", "masked": "AutoModelForMaskedLM", "sequence": "AutoModelForSeq2SeqLM"}


def small(name: str) -> Any:
    """Return the configuration of an architecture with small numbers."""
    from transformers import CONFIG_MAPPING

    config = CONFIG_MAPPING[name]()
    for part in (config, getattr(config, "text_config", None)):
        for key, value in SMALL.items():
            if part is not None and hasattr(part, key):
                try:
                    setattr(part, key, value)
                except Exception:
                    continue
        if part is not None and getattr(part, "layer_types", None):
            part.layer_types = part.layer_types[:2]
    return config


def batch(step: int) -> dict[str, torch.Tensor]:
    """Return random words, and the same as labels."""
    words = torch.randint(3, 97, (4, 16), generator=torch.Generator().manual_seed(step))
    return {"input_ids": words, "labels": words}


def judged(name: str) -> dict[str, Any]:
    """Return the line of one architecture, whose name is ``head/name``."""
    import transformers

    head, _, name = name.partition("/")
    auto = getattr(transformers, HEADS[head])
    try:
        config = small(name)
        with torch.device("meta"):
            size = sum(each.numel() for each in auto.from_config(config).parameters())
        if size > LARGE:
            return {"left out": f"{size:,} numbers after shrinking"}
        auto.from_config(config)(**batch(0)).loss.backward()
    except Exception as error:
        return {"left out": f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"}
    return line_of(diagnose(lambda: auto.from_config(config), batch, steps=STEPS))


def names_of(head: str) -> list[str]:
    """Return all architectures with that head."""
    from transformers.models.auto import modeling_auto

    table = {"causal": "CAUSAL_LM", "masked": "MASKED_LM", "sequence": "SEQ_TO_SEQ_CAUSAL_LM"}[head]
    return [f"{head}/{name}" for name in getattr(modeling_auto, f"MODEL_FOR_{table}_MAPPING_NAMES")]


def main() -> None:
    """Examine what the record does not have yet."""
    import transformers

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--record", type=Path, required=True)
    options.add_argument("--minutes", type=float, default=60)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    names = [name for head in HEADS for name in names_of(head)]
    source = f"transformers {transformers.__version__}, torch {torch.__version__}"
    add_missing(given.record, names, judged, source=source, minutes=given.minutes)


if __name__ == "__main__":
    main()

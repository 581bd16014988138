"""Measure silence on architectures of the transformers package, built small with random starts: not a test.

    python tests/doctor/zoo.py --record zoo.jsonl [--heads causal masked] [--steps 8] [-- NAME ...]

Each architecture is built from its own configuration with small numbers; one that cannot be built so, or that is
still large, is counted with its reason and not judged. A record has a line for each, so that a run goes on where it
ended.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import torch

from symtests.doctor import diagnose

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


def judged(name: str, head: str, steps: int) -> dict[str, Any]:
    """Return the line of one architecture."""
    import transformers

    auto = getattr(transformers, HEADS[head])
    line: dict[str, Any] = {"name": name, "head": head}
    begin = time.monotonic()
    try:
        config = small(name)
        with torch.device("meta"):
            size = sum(each.numel() for each in auto.from_config(config).parameters())
        if size > LARGE:
            return {**line, "left out": f"{size:,} numbers after shrinking"}
        auto.from_config(config)(**batch(0)).loss.backward()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {**line, "left out": f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"}
    try:
        result = diagnose(lambda: auto.from_config(config), batch, steps=steps)
    except Exception as error:
        return {**line, "failed": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    return {
        **line,
        "seconds": round(time.monotonic() - begin, 1),
        "elements": size,
        "findings": [{"kind": f.kind, "verdict": f.verdict, "sentence": f.sentence} for f in result.findings],
        "groups": [each.group.title for each in result.groups],
        "candidates": result.candidates,
        "unknown": list(result.unknown),
    }


def names_of(head: str) -> list[str]:
    """Return all architectures with that head."""
    from transformers.models.auto import modeling_auto

    table = {"causal": "CAUSAL_LM", "masked": "MASKED_LM", "sequence": "SEQ_TO_SEQ_CAUSAL_LM"}[head]
    return list(getattr(modeling_auto, f"MODEL_FOR_{table}_MAPPING_NAMES"))


def told(lines: list[dict[str, Any]]) -> str:
    """Return the counts of a record."""
    seen = [line for line in lines if "findings" in line]
    fatal = [line for line in seen if any(f["verdict"] == "fatal" for f in line["findings"])]
    kinds = Counter((f["verdict"], f["kind"]) for line in seen for f in line["findings"])
    grouped = sum(bool(line["groups"]) for line in seen)
    return (
        f"{len(lines)} architectures: {len(seen)} judged, {sum('failed' in line for line in lines)} failed, "
        f"{sum('left out' in line for line in lines)} left out; groups in {grouped}; "
        f"{len(fatal)} with a fatal finding ({', '.join(line['name'] for line in fatal)})\n"
        + "\n".join(f"  {count:4} {verdict}: {kind}" for (verdict, kind), count in sorted(kinds.items()))
    )


def main() -> None:
    """Run what the record does not have yet."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", help="behind --, where --heads stands before them")
    options.add_argument("--record", type=Path, required=True)
    options.add_argument("--heads", nargs="+", default=list(HEADS))
    options.add_argument("--steps", type=int, default=8)
    options.add_argument("--minutes", type=float, default=60)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    lines = [json.loads(line) for line in given.record.read_text().splitlines()] if given.record.exists() else []
    done = {(line["name"], line["head"]) for line in lines}
    end = time.monotonic() + 60 * given.minutes
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("longer than 120 s")))
    for head in given.heads:
        for name in given.names or names_of(head):
            if (name, head) in done or time.monotonic() > end:
                continue
            signal.alarm(120)
            try:
                line = judged(name, head, given.steps)
            except TimeoutError as error:
                line = {"name": name, "head": head, "failed": str(error)}
            signal.alarm(0)
            lines.append(line)
            with given.record.open("a") as file:
                file.write(json.dumps(line) + "\n")
    sys.stdout.write(told(lines) + "\n")


if __name__ == "__main__":
    main()

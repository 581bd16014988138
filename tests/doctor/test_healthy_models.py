"""Silence: healthy models have no fatal finding; their groups are found and confirmed."""

from __future__ import annotations

import pytest

from symtests.doctor import assert_can_learn, diagnose
from tests.doctor.healthy import HEALTHY

# What real steps show of them and is right: the last output reads the backward pass after its first step alone.
COSTLY = {"two lstm layers, both ways": ("cells.weight_hh_l1_reverse",)}
GROUPS = {
    "mlp Tanh": ["hidden units of 0", "hidden units of 2"],
    "convolutions with batch norm": ["channels of 0", "channels of 4"],
    "depthwise convolution": ["channels of 0"],
    "residual, last norm 0": ["channels of stem", "channels of blocks.0.0", "channels of blocks.1.0"],
    "grouped-query attention": ["embedding dimensions of words", "heads of q_proj", "hidden units of gate_proj"],
    "transformer, tied embedding": ["embedding dimensions of words", "heads of blocks.layers.1.self_attn"],
    "two lstm layers, both ways": ["cells of cells layer 0", "cells of cells layer 1_reverse"],
    "gru": ["cells of cells layer 0"],
    "tied autoencoder": ["hidden units of encoder"],
    "soft mixture": ["experts of experts", "hidden units of experts.2.0"],
    "mixture of two chosen": ["experts of experts"],
    "adapter, B = 0": ["components of lora_A"],
    "patches, head 0": ["heads of block.self_attn"],
    "skipping": ["channels of down", "channels of up"],
}


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_healthy_model_has_no_fatal_finding(name: str, seed: int) -> None:
    build, batch = HEALTHY[name]
    result = diagnose(build, batch, seed=seed)
    assert result.fatal == (), str(result)
    assert [each.where for each in result.findings if each.verdict == "costly"] in ([], [COSTLY.get(name)]), str(result)
    assert {each.group.title for each in result.groups} >= set(GROUPS.get(name, ())), str(result)
    assert all(each.width == each.group.size for each in result.groups)


def test_the_assertion_passes() -> None:
    build, batch = HEALTHY["mlp Tanh"]
    assert_can_learn(build, batch)


def test_the_zeros_of_a_last_layer_are_explained() -> None:
    build, batch = HEALTHY["patches, head 0"]
    (late,) = [each for each in diagnose(build, batch).findings if each.kind == "late"]
    assert late.verdict == "harmless"
    assert late.sentence.startswith("head.weight is 0: step 0 moves only head.weight, head.bias; from step 1 on every")

"""A student that is carried over computes what its teacher's changes and its own make together."""

import pytest
import torch

from training.nets.model import TINY, DiT
from training.stages.carry_over import carried_over


def weights(seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return {name: torch.randn_like(value) for name, value in DiT(TINY).state_dict().items()}


def test_what_distillation_changed_is_added_to_the_new_teacher() -> None:
    old, new, distilled, denoised = (weights(seed) for seed in range(4))
    student = {"ema": distilled, "model": old, "fake": denoised, "optimisers": [{}], "step": 7}
    state = carried_over(student, old, new)
    for name in new:
        assert torch.allclose(state["ema"][name] - new[name], distilled[name] - old[name], atol=1e-6)
        assert torch.allclose(state["fake"][name] - new[name], denoised[name] - old[name], atol=1e-6)
        assert torch.equal(state["model"][name], state["ema"][name])
    assert state["step"] == 7
    assert "optimisers" not in state


def test_other_nets_are_refused_by_the_names_of_their_weights() -> None:
    old = weights(0)
    other = {name: value for name, value in old.items() if name != "size_in.bias"}
    with pytest.raises(ValueError, match=r"size_in\.bias"):
        carried_over({"ema": old}, other, old)

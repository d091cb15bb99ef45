"""Packed weights give what the plain ones give, and stand aside where gradients flow."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from calm.models.packed_weights import OPERATIONS, can_pack, pack_weights, unpack_weights

bf16_hardware = pytest.mark.skipif(not can_pack(), reason="no bf16 hardware")


@bf16_hardware
@pytest.mark.parametrize("rows", [1, 3, 64, 200])
def test_a_product_with_packed_weights_is_the_plain_one(rows: int) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(96, 320, bias=False).bfloat16()
    given = torch.randn(2, rows, 96).bfloat16()
    with torch.inference_mode():
        plain = layer(given)
        pack_weights(layer)
        packed = layer(given)
    torch.testing.assert_close(packed, plain, rtol=2**-7, atol=2**-7)


@bf16_hardware
def test_the_weights_stay_what_they_were_and_gradients_flow_past_them() -> None:
    layer = nn.Linear(96, 320, bias=False).bfloat16()
    before = layer.weight.detach().clone()
    pack_weights(layer)
    with torch.inference_mode():
        layer(torch.ones(1, 96).bfloat16())
    given = torch.ones(1, 96).bfloat16().requires_grad_()
    layer(given).sum().backward()
    assert torch.equal(layer.weight, before)
    torch.testing.assert_close(given.grad[0], before.sum(0), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("layer", [nn.Linear(8, 8), nn.Linear(8, 8, bias=False)])
def test_other_layers_go_the_plain_way(layer: nn.Linear) -> None:
    pack_weights(layer)
    assert "forward" not in layer.__dict__


@bf16_hardware
def test_unpacked_layers_multiply_by_their_own_weights_again() -> None:
    layer = nn.Linear(96, 320, bias=False).bfloat16()
    pack_weights(layer)
    with torch.inference_mode():
        layer(torch.ones(1, 96).bfloat16())
        layer.weight.zero_()
        assert layer(torch.ones(1, 96).bfloat16()).any()
        unpack_weights(layer)
        assert not layer(torch.ones(1, 96).bfloat16()).any()


@pytest.mark.parametrize("missing", [*OPERATIONS, "all of them"])
def test_a_torch_without_the_operations_goes_the_plain_way(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """That of macOS on Apple silicon has none."""
    there = {} if missing == "all of them" else dict.fromkeys(OPERATIONS, lambda: True)
    there.pop(missing, None)
    monkeypatch.setattr(torch, "ops", SimpleNamespace(mkldnn=SimpleNamespace(**there)))
    assert not can_pack()
    model = nn.Sequential(nn.Linear(64, 64, bias=False)).bfloat16()
    pack_weights(model)
    assert "forward" not in vars(model[0])
    monkeypatch.setattr(torch, "ops", SimpleNamespace())
    assert not can_pack()

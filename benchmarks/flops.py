"""What the network costs at least: its convolutions' operations, counted from the table of layers."""

from worker.engine.vgg import CHANNELS, LAYERS

DEEPEST = "conv5_1"


def forward(width: int, height: int, *, deepest: str = DEEPEST) -> int:
    """Floating-point operations of VGG-19's convolutions down to `deepest`: 18 for every weight's position, channel in
    and channel out, a multiplication and an addition for each of 9 weights. Zeros at the border count as any value.
    """
    total, before = 0, 3
    for name in LAYERS[: LAYERS.index(deepest) + 1]:
        if name.startswith("pool"):
            width, height = width // 2, height // 2
        else:
            total += 2 * 9 * before * CHANNELS[name] * width * height
            before = CHANNELS[name]
    return total


def evaluation(width: int, height: int) -> int:
    """Forward, and backward by the input alone, which is as much again."""
    return 2 * forward(width, height)

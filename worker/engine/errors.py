"""The kiln's fire, what can go wrong: errors a caller can act on, each with a message meant for people."""


class EngineError(Exception):
    """Painting cannot begin or cannot be sold; `str(error)` says why in words for people."""


class SettingsError(EngineError):
    """A setting is outside its range, or the pictures do not fit it."""


class PictureError(EngineError):
    """A file cannot be read as a picture."""


class WeightsError(EngineError):
    """VGG-19's weights are missing, altered or cannot be fetched."""


class FlatResultError(EngineError):
    """The painting is not a picture: values that are not numbers, or one flat colour."""


class TooLargeError(EngineError):
    """The painting does not fit into the memory there is, not even in the smallest tiles."""

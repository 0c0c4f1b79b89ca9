"""THE FRAME: the app's registration; it brings the system checks and the command `up`."""

from django.apps import AppConfig


class FrameConfig(AppConfig):
    name = "ostagram"

    def ready(self) -> None:
        from ostagram import checks  # noqa: F401  # registers itself

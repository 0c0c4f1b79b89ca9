"""THE FRAME: the secret key of local mode, made once and kept below var/."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path


def read(var_dir: Path) -> str:
    """The key of this clone; two processes that start together agree on one."""
    path = var_dir / "secret-key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        draft = var_dir / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails when another process was first: its key counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def derived(key: str, purpose: str) -> str:
    """A further secret of this clone, which every process of it can find by itself."""
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

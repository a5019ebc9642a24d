"""The environment's Node, for scripts written for browsers."""

import shutil
import sys
from pathlib import Path

__all__ = ["NODE"]

NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node") or "node"

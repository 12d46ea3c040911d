"""What a page of measurements has to say about where they were made."""

import os
import platform
from importlib import metadata
from pathlib import Path

#: Instruction sets that decide how fast a floating-point loop can be, the widest first.
SIMD = ("avx512f", "avx2", "avx", "fma", "asimd", "sve")


def machine() -> str:
    """Processor, cores and instruction sets in one line; no names, no paths."""
    fields: dict[str, str] = {}
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            fields.setdefault(key.strip().lower(), value.strip())
    flags = (fields.get("flags") or fields.get("features") or "").split()
    model = fields.get("model name") or platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    simd = ", ".join(flag for flag in SIMD if flag in flags) or "not known"
    return f"{model}, {cores} cores ({platform.machine()}; SIMD: {simd}), {platform.system()}"


def versions(packages: tuple[str, ...]) -> str:
    """Python and the packages that are installed, each with its version."""
    found = [f"Python {platform.python_version()}"]
    for name in packages:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join(found)

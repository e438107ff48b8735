"""All benchmarks that need nothing but the program, one after the other, each in a process of its own.

python -m benchmarks

Left out because they need hours, files or ports: ``service``, ``soak``, ``cluster``, ``catalogue FILE``.
"""

import subprocess
import sys

EACH = ("limits", "reach", "nbody", "economics", "settlement", "campaign", "capture")


def main() -> int:
    failed = []
    for name in EACH:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode:
            failed.append(name)
    print(f"limits or floors missed in: {', '.join(failed)}" if failed else "every limit and floor is kept")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

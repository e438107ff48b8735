"""The bill of materials of a release, CycloneDX 1.6, from the hashed lock file.

python tools/build_sbom.py sbom.json [requirements.lock]
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def components(lock: str) -> list[dict[str, Any]]:
    """Every locked package with its version and hashes."""
    found = []
    for block in re.split(r"\n(?=\S)", lock.strip()):
        if named := PACKAGE.match(block):
            name, version = named.groups()
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
            found.append({
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "hashes": [{"alg": "SHA-256", "content": content} for content in hashes],
            })  # fmt: skip
    return found


def bill(lock: str, version: str) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "motherlode", "version": version}},
        "components": components(lock),
    }


def main() -> None:
    out, *lock = map(Path, sys.argv[1:])
    text = (lock[0] if lock else ROOT / "requirements.lock").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    version = re.search(r'^version = "(.+)"$', project, re.M)
    out.write_text(json.dumps(bill(text, version[1] if version else ""), indent=1) + "\n")


if __name__ == "__main__":
    main()

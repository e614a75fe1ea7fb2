"""Every measurement, one after the other."""

import subprocess
import sys

from scripts.bench.environment import run_with_peers
from scripts.paths import ROOT

WITH_PEERS = ("scripts.bench.verification", "scripts.bench.throughput")
ALONE = (
    "scripts.bench.denylist",
    "scripts.bench.kinds",
    "scripts.bench.revocation",
    "scripts.bench.bursts",
    "scripts.bench.web",
    "scripts.bench.sign_ups",
    "scripts.bench.plugin",
    "scripts.bench.followers",
)


def main() -> None:
    for module in WITH_PEERS:
        run_with_peers(module)
    for module in ALONE:
        subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()

"""Runs every third-party check against the demo hospital that BENHAN_DATA_DIR names (`make third-party` starts one).

Each check is a program of its own that prints "NAME: N passed, N failed" and exits 1 when anything failed.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

# In the order of the trips. A check finds the hospital by BENHAN_DATA_DIR, BENHAN_URL and BENHAN_CA.
CHECKS = [
    ["mllp_client.py"],
    ["answers.py"],
    ["signatures.py"],
    ["package.py"],
    ["forms.py"],
    ["dicom.py"],
    ["dicomweb.py"],
]


def main():
    failed = []
    for check in CHECKS:
        print(f"third-party: {' '.join(check)}", flush=True)
        if subprocess.run([sys.executable, HERE / check[0], *check[1:]], check=False).returncode != 0:
            failed.append(check[0])
    if failed:
        print(f"third-party: FAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""python-hl7 reads our answers to host queries: every name, code and number is what was meant, delimiters and all."""

import subprocess
import sys
from pathlib import Path

import hl7

ROOT = Path(__file__).parents[2]

# MSH-9, and what must stand where in it: segment, field, component.
EXPECTED = [
    ("RSP^K11^RSP_K11", [("QAK", 2, 1, "OK")]),
    (
        "OML^O33^OML_O33",
        [
            ("PID", 3, 1, "BN|42"),
            ("PID", 5, 1, "Nguyễn^"),
            ("PID", 5, 2, "Văn & Đạt\\~"),
            ("SAC", 3, 1, "S-77"),
            ("OBR", 2, 1, "XN&9-1"),
            ("OBR", 4, 1, "G|U"),
            ("OBR", 4, 2, "Glu~cose"),
        ],
    ),
    ("DSR^Q03", [("QAK", 2, 1, "OK"), ("QRD", 8, 1, "S-77")]),
    ("ADR^A19", [("PID", 3, 1, "BN|42"), ("PID", 5, 2, "Văn & Đạt\\~"), ("PV1", 3, 1, "NOI")]),
    ("RSP^K22^RSP_K21", [("QAK", 2, 1, "OK"), ("PID", 5, 1, "Nguyễn^")]),
]


def answers():
    command = ["cargo", "run", "-q", "-p", "benhan-device-codec", "--example", "answers"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [hl7.parse(bytes.fromhex(line).decode()) for line in printed.split()]


def component(message, segment, field, number):
    repetition = message.segment(segment)[field][0]
    part = repetition[number - 1] if isinstance(repetition, hl7.Container) else repetition
    return message.unescape(str(part[0] if isinstance(part, hl7.Container) else part))


def main():
    passed, failed = 0, 0
    messages = answers()
    for kind, values in EXPECTED:
        # The longest of its kind is the one that found something.
        message = max((one for one in messages if str(one.segment("MSH")[9]) == kind), key=lambda one: len(str(one)))
        for segment, field, number, expected in values:
            found = component(message, segment, field, number)
            if found == expected:
                passed += 1
            else:
                failed += 1
                print(f"answers: {kind} {segment}-{field}.{number}: {expected!r} expected, {found!r} read")
    print(f"answers: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""python-hl7's MLLP client sends vital signs as a bedside monitor would, and expects its acknowledgements.

Each message must be answered AA with its own control id, a repeated one as well, and one that nobody can place too:
what is stored is acknowledged. With --file the messages of a file are sent instead, one a blank line.
"""

import asyncio
import datetime
import sys
import uuid
from pathlib import Path

import hl7
from hl7.mllp import open_hl7_connection

import hospital


def vital_signs(sender, location, control_id, at):
    """ORU^R01 of the IHE PCD-01 kind: pulse rate and SpO2 with IEEE 11073 codes."""
    stamp = at.strftime("%Y%m%d%H%M%S+0700")
    return "\r".join(
        [
            f"MSH|^~\\&|{sender}|WARD|BENHAN|HOSPITAL|{stamp}||ORU^R01^ORU_R01|{control_id}|P|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
            "PID|||^^^^PI||Nguyễn^Thị Hường||19600229|F",
            f"PV1||I|{location}",
            f"OBR|1||{control_id}|182777000^monitoring of patient^SCT|||{stamp}",
            f"OBX|1|NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.1.1.149530|78|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||{stamp}",
            f"OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||F|||{stamp}",
            "",
        ]
    )


def control_id(message):
    return str(message.segment("MSH")[10])


async def converse(args, messages, tally):
    """One connection: send, wait for the answer, send the next."""
    reader, writer = await asyncio.wait_for(
        open_hl7_connection(args.host, args.port, encoding=args.encoding, limit=1 << 20), args.timeout
    )
    try:
        for message in messages:
            writer.writemessage(message)
            await writer.drain()
            answer = await asyncio.wait_for(reader.readmessage(), args.timeout)
            msa = answer.segment("MSA")
            code, echoed = str(msa[1]), str(msa[2])
            sent = control_id(message)
            tally.check(code == "AA", f"message {sent} was answered {code}, not AA")
            tally.check(echoed == sent, f"message {sent} was answered with the control id {echoed}")
    finally:
        writer.close()


async def run(args, tally):
    if args.file:
        text = args.file.read_text(encoding=args.encoding).replace("\r\n", "\n").replace("\r", "\n")
        batches = [[hl7.parse(part.strip().replace("\n", "\r") + "\r") for part in text.split("\n\n") if part.strip()]]
    else:
        now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
        batches = []
        for _ in range(args.connections):
            ids = [uuid.uuid4().hex[:20] for _ in range(args.messages)]
            sent = [hl7.parse(vital_signs(args.sender, args.location, name, now)) for name in ids]
            batches.append(sent + sent[:1])  # the first one again, as after a lost acknowledgement
    await asyncio.gather(*(converse(args, batch, tally) for batch in batches))


def main():
    parser = hospital.arguments(__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="default: mllp of ports.json")
    parser.add_argument("--messages", type=int, default=20, help="for each connection")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--sender", default="PYHL7", help="MSH-3")
    parser.add_argument("--location", default="NOWHERE^^", help="PV1-3; a bed that does not exist is stored all the same")
    parser.add_argument("--file", type=Path, help="send the messages of this file instead")
    parser.add_argument("--encoding", default="utf-8")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for one answer")
    args = parser.parse_args()
    if args.port is None:
        args.port = hospital.port(args.data_dir, "mllp")
    tally = hospital.Tally("python-hl7")
    try:
        asyncio.run(run(args, tally))
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        tally.check(False, f"the conversation broke off: {type(error).__name__}: {error}")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())

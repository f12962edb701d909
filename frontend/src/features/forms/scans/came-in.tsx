// At the sheet: its paper came back from the scanner and waits for a witness.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type FilledForm, type PaperScan } from "@/api";
import { useText } from "./text";
import { Witness } from "./witness";

export function CameIn({ encounterId, filled }: { encounterId: string; filled: FilledForm }) {
  const t = useText();
  const { entry } = filled;
  const waits = entry.slots.some((slot) => slot.who === "patient" && !slot.patient);
  const [open, setOpen] = useState<PaperScan | null>(null);
  const found = useQuery({ queryKey: [...keys.encounter(encounterId), "paper-scans"], queryFn: ({ signal }) => get<PaperScan[]>(`/encounters/${encounterId}/paper-scans`, signal), enabled: waits });
  const scan = found.data?.find((one) => one.sheet?.documentId === entry.id && one.sheet.version === entry.version);
  return (
    <>
      {scan && <p className="sheetnote row wrap" role="note">{t("cameIn")} {scan.sheet?.mayWitness && <button type="button" className="btn small p" onClick={() => setOpen(scan)}>{t("lookAndConfirm")}</button>}</p>}
      {open?.sheet && <Witness scan={open} sheet={open.sheet} code={null} onClose={() => setOpen(null)} onLinked={() => setOpen(null)} />}
    </>
  );
}

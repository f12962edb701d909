// «Lưu trữ»: the record room's shelves, and the destruction of what is over.
import { useState } from "react";
import { useLocation } from "wouter";
import { DuePart, ListPart, ListsPart } from "@/features/destruction";
import { ShelfPart } from "@/features/record-life";
import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/archive";
import { archivePart, PARTS, type ArchivePart } from "./archive-parts";

const useText = dictionary(vi);

interface PartProps { part: ArchivePart; id: string | undefined; say: (words: string) => void }
function Part({ part, id, say }: PartProps) {
  switch (part) {
    case "waiting": return <ShelfPart key="waiting" list="waiting" say={say} />;
    case "kept": return <ShelfPart key="kept" list="archived" say={say} />;
    case "gone": return <ShelfPart key="gone" list="destroyed" say={say} />;
    case "due": return <DuePart say={say} />;
    case "lists": return id === undefined ? <ListsPart /> : <ListPart key={id} id={id} say={say} />;
  }
}

export function ArchivePage({ part: asked, id }: { part: string | undefined; id: string | undefined }) {
  const t = useText();
  const [, go] = useLocation();
  const part = archivePart(asked);
  const [said, setSaid] = useState("");
  const turn = (to: ArchivePart) => {
    setSaid("");
    go(`/archive/${to}`);
  };
  return (
    <>
      <div className="bar">
        <h1>{t("archive")}</h1>
        {PARTS.map((one) => <button key={one} type="button" className="chip" aria-pressed={part === one} onClick={() => turn(one)}>{t(one)}</button>)}
        <span className="muted" role="status">{said}</span>
      </div>
      <Part part={part} id={id} say={setSaid} />
    </>
  );
}

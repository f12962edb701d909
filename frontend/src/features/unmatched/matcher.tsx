// Who does this belong to? Ranked proposals with their reasons, or a search; a person decides, after ticking two
// identifiers that they checked. Used for device messages and for studies.
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { Identifier, Proposal } from "@/api";
import { useCommon } from "@/i18n";
import { birthDate } from "@/lib/time";
import { detailOf, Refusal } from "@/ui/status";
import { useText } from "./text";

const IDENTIFIERS: readonly [Identifier, "idName" | "idCode" | "idBirthDate" | "idBed" | "idBarcode"][] = [["name", "idName"], ["code", "idCode"], ["birthDate", "idBirthDate"], ["bed", "idBed"], ["barcode", "idBarcode"]];
export const NEEDED = 2;

interface Props {
  id: string;
  proposals: readonly Proposal[];
  search: ((q: string, signal: AbortSignal) => Promise<Proposal[]>) | null;
  match: (proposal: Proposal, confirmed: Identifier[]) => Promise<void>;
}
export function Matcher({ id, proposals, search, match }: Props) {
  const t = useText();
  const common = useCommon();
  const [q, setQ] = useState("");
  const [chosen, setChosen] = useState<Proposal | null>(null);
  const [confirmed, setConfirmed] = useState<Identifier[]>([]);
  const [error, setError] = useState<unknown>(null);
  const wanted = q.trim().normalize("NFC");
  const found = useQuery({ queryKey: ["candidates", id, wanted], queryFn: ({ signal }) => search?.(wanted, signal) ?? [], enabled: search !== null && wanted.length >= 2, placeholderData: (before) => before });
  const shown = wanted.length >= 2 && search ? (found.data ?? []) : proposals;

  const choose = (proposal: Proposal) => {
    setChosen(proposal);
    // Ticks made for one person say nothing about another.
    setConfirmed([]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!chosen || confirmed.length < NEEDED) return setError(new Error(t(chosen ? "confirmTwo" : "pickOne")));
    setError(null);
    match(chosen, confirmed).catch(setError);
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <fieldset className="field">
        <legend>{t("proposals")}</legend>
        <div className="candidates">
          {shown.map((proposal) => (
            <label className="candidate" key={`${proposal.encounterId}-${proposal.orderId ?? ""}`}>
              <input type="radio" name={`candidate-${id}`} checked={chosen?.encounterId === proposal.encounterId && chosen.orderId === proposal.orderId} onChange={() => choose(proposal)} />
              <span><b>{proposal.name}</b> {common(proposal.sex)} · {birthDate(proposal.birthDate)}</span>
              <small>{proposal.patientCode} · {proposal.ward}{proposal.bed && ` · ${proposal.bed}`}</small>
              <span className="why">{proposal.why.map((why) => <span key={why} className="tag">{why}</span>)}</span>
            </label>
          ))}
          {shown.length === 0 && <p className="muted">{found.isError ? detailOf(found.error) : t("noProposals")}</p>}
        </div>
      </fieldset>
      {search && <label className="field"><span>{t("find")}</span><input type="text" placeholder={t("findHint")} value={q} onChange={(event) => setQ(event.target.value)} /></label>}
      {chosen && (
        <fieldset className="field">
          <legend>{t("confirmTwo")}</legend>
          <div className="choices">
            {IDENTIFIERS.map(([identifier, name]) => (
              <label className="choice" key={identifier}>
                <input type="checkbox" checked={confirmed.includes(identifier)} onChange={(event) => setConfirmed((was) => (event.target.checked ? [...was, identifier] : was.filter((one) => one !== identifier)))} /> {t(name)}
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <Refusal error={error} />
      <div className="actions"><button type="submit" className="btn p" aria-disabled={!chosen || confirmed.length < NEEDED}>{chosen ? t("match", { name: chosen.name }) : t("pickOne")}</button></div>
    </form>
  );
}

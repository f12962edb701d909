// F9: what will be signed, one PIN, and the answer set by set. Only sets that the signer entered or accepted; those of
// patients who have left the ward or of another day come along.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys, send, type RoundRow, type RoundSigned, type UnsignedSet, type VitalSet, type WardRef } from "@/api";
import { useCommon } from "@/i18n";
import { clockTime, fullDateTime } from "@/lib/time";
import { valueOf, written, writtenPressure } from "@/lib/vitals";
import { Dialog } from "@/ui/dialog";
import { News2Badge } from "@/ui/news2-badge";
import { PinDialog } from "@/ui/pin-dialog";
import "@/ui/table.css";
import { useText } from "./text";

interface Item { bed: string; name: string; set: VitalSet; elsewhere: boolean }

function Items({ items, result }: { items: readonly Item[]; result: RoundSigned | null }) {
  const t = useText();
  const common = useCommon();
  const words = { air: common("air"), onOxygen: common("onOxygen") };
  const short = (set: VitalSet) => [
    ["M", written(valueOf(set, "pulse"), words)], ["T°", written(valueOf(set, "temp"), words)], ["HA", writtenPressure(set)], ["NT", written(valueOf(set, "resp"), words)], ["SpO₂", written(valueOf(set, "spo2"), words)],
    ["", written(valueOf(set, "oxygen"), words)], ["", written(valueOf(set, "acvpu"), words)],
  ].filter(([, value]) => value).map(([name, value]) => `${name} ${value}`.trim()).join(" · ");
  return (
    // A long list scrolls, so it must take the keyboard's focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="signlist" tabIndex={0} role="region" aria-label={t("signTitle")}>
      <table className="grid">
        <thead><tr><th scope="col">{t("patient")}</th><th scope="col">{t("time")}</th><th scope="col">{t("values")}</th><th scope="col">NEWS2</th>{result && <th scope="col">{t("result")}</th>}</tr></thead>
        <tbody>
          {items.map(({ bed, name, set, elsewhere }) => {
            const failed = result?.failed.find((one) => one.setId === set.id);
            return (
              <tr key={set.id}>
                <td><b>{bed}</b> {name}{elsewhere && <> <span className="tag">{t("elsewhere")}</span></>}</td><td>{elsewhere ? fullDateTime(set.effectiveAt) : clockTime(set.effectiveAt)}</td><td><small>{short(set)}</small></td><td><News2Badge news2={set.news2} words={false} /></td>
                {result && <td>{failed ? <span className="tag bad">{failed.detail}</span> : <span className="tag good">{t("signed")}</span>}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface Props { rows: readonly RoundRow[]; elsewhere: readonly UnsignedSet[]; drafts: readonly RoundRow[]; ward: WardRef; onClose: () => void }
export function SignDialog({ rows, elsewhere, drafts, ward, onClose }: Props) {
  const t = useText();
  const cache = useQueryClient();
  // What is signed is what was shown when the dialog opened, whatever arrives meanwhile.
  const [items] = useState<Item[]>(() => [
    ...rows.flatMap((row) => row.unsigned.filter((set) => set.mine).map((set) => ({ bed: row.bed, name: row.name, set, elsewhere: false }))),
    ...elsewhere.map(({ set, patientName, ward: of, bed }) => ({ bed: bed ?? of, name: patientName, set, elsewhere: true })),
  ]);
  const [result, setResult] = useState<RoundSigned | null>(null);
  const charts = new Set(items.map(({ set }) => set.encounterId)).size;

  const sign = async (pin: string) => {
    const answer = await send<RoundSigned>("POST", items.some((item) => item.elsewhere) ? "/vitals/unsigned/sign" : `/wards/${ward.id}/round/sign`, { pin, setIds: items.map(({ set }) => set.id), versions: items.map(({ set }) => set.version) });
    void cache.invalidateQueries({ queryKey: keys.round(ward.id) });
    void cache.invalidateQueries({ queryKey: keys.board(ward.id) });
    setResult(answer);
  };
  const unsaved = drafts.length > 0 && <p className="tag warn unsaved">{t("signUnsaved", { n: drafts.length, beds: drafts.map((row) => row.bed).join(", ") })}</p>;
  if (result) {
    return (
      <Dialog title={t("signTitle")} onClose={onClose} wide>
        <p role="status"><b>{t("signDone", { n: result.signed.length, charts: result.charts.length })}</b>{result.failed.length > 0 && ` ${t("signFailed", { n: result.failed.length })}.`}</p>
        <Items items={items} result={result} />
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- Enter returns to the round after Enter has signed it */}
        <div className="actions"><button type="button" className="btn p" autoFocus onClick={onClose}>{t("close")}</button></div>
      </Dialog>
    );
  }
  if (items.length === 0) {
    return (
      <Dialog title={t("signTitle")} onClose={onClose}>
        <p>{t("signNothing")}</p>
        {unsaved}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the only control of the dialog */}
        <div className="actions"><button type="button" className="btn p" autoFocus onClick={onClose}>{t("close")}</button></div>
      </Dialog>
    );
  }
  return (
    <PinDialog title={t("signTitle")} action={t("signNow", { n: items.length })} sign={sign} onClose={onClose} wide>
      <p>{t("signLead", { n: items.length, charts })}</p>
      <Items items={items} result={null} />
      {unsaved}
    </PinDialog>
  );
}

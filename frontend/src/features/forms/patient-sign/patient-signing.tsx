// The patient reads and signs on the whole screen of this session, then the witness confirms with their PIN. While the
// machine is in other hands there is no way out of the page but a lock.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { get, keys, send, type Encounter, type FilledForm, type FormSlot } from "@/api";
import { now } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { PinDialog } from "@/ui/pin-dialog";
import { Pad } from "./pad";
import "./patient-sign.css";
import { PhoneCode } from "./phone-code";
import { NO_CODE } from "./code";
import { Reading } from "./reading";
import { asDrawing, faultOf, PAD, pathOf, type Fault, type Point } from "./strokes";
import { useText } from "./text";
import { WhoSigns, type Representative } from "./who";

interface Props { encounterId: string; filled: FilledForm; slot: FormSlot; onClose: () => void; onSigned: (filled: FilledForm) => void }

export function PatientSigning({ encounterId, filled, slot, onClose, onSigned }: Props) {
  const stay = useQuery({ queryKey: keys.encounter(encounterId), queryFn: ({ signal }) => get<Encounter>(`/encounters/${encounterId}`, signal) });
  const [by, setBy] = useState<Representative | null | undefined>(undefined);
  if (!stay.data) return null;
  const { patient } = stay.data;
  if (by === undefined) return <WhoSigns slot={slot.label} patient={patient} given={null} onClose={onClose} onReady={setBy} />;
  return <Handed encounterId={encounterId} filled={filled} slot={slot} patient={patient} by={by} onSigned={onSigned} />;
}

function Handed({ encounterId, filled, slot, patient, by, onSigned }: Omit<Props, "onClose"> & { patient: Encounter["patient"]; by: Representative | null }) {
  const t = useText();
  const cache = useQueryClient();
  const { lock } = useSession();
  const { entry } = filled;
  const [shownAt] = useState(() => new Date(now()).toISOString());
  const [strokes, setStrokes] = useState<readonly Point[][]>([]);
  const [code, setCode] = useState(NO_CODE);
  const [byPhone, setByPhone] = useState(false);
  const [fault, setFault] = useState<Fault | "codeFirst">(null);
  const [agreedAt, setAgreedAt] = useState<string | null>(null);
  const name = by?.name ?? patient.name;

  const agree = () => {
    const found = byPhone ? (code.sent && code.digits.length === 6 ? null : "codeFirst") : faultOf(strokes);
    setFault(found);
    if (!found) setAgreedAt(new Date(now()).toISOString());
  };
  const again = () => (setStrokes([]), setFault(null));
  const turn = (phone: boolean) => (setByPhone(phone), setFault(null));
  const confirm = async (pin: string) => {
    const body = { version: entry.version, slot: slot.name, representative: by, ...(byPhone ? { code: { id: code.sent?.id ?? "", digits: code.digits } } : { drawing: asDrawing(strokes) }), shownAt, agreedAt, pin };
    const signed = await send<FilledForm>("POST", `/filled-forms/${entry.id}/patient-signature`, body);
    cache.setQueryData(keys.filled(encounterId, entry.id), signed);
    void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) });
    onSigned(signed);
  };
  return (
    <ModalOverlay className="handed" isOpen isDismissable={false} isKeyboardDismissDisabled>
      <Modal className="handedpage">
        <AriaDialog className="handedbody">
          <header>
            <div>
              <Heading slot="title" level={1}>{entry.title}</Heading>
              <p>{t("patient")}: <b>{patient.name}</b> · {patient.ageText} · {patient.code}{by && <> · {t("signs")}: <b>{by.name}</b> ({t(`relation-${by.relation}` as Parameters<typeof t>[0])})</>}</p>
            </div>
            <button type="button" className="btn" title={t("leaveHint")} onClick={lock}>{t("leave")}</button>
          </header>
          {agreedAt ? <p className="handedthanks" role="status">{t("thanks")}</p> : (
            <>
              {/* Keys scroll what a finger scrolls. */}
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <main className="handedwords" tabIndex={0} aria-label={t("readAndSign")}><Reading filled={filled} /></main>
              <footer>
                {byPhone
                  ? <PhoneCode sheet={{ id: entry.id, version: entry.version, slot: slot.name }} by={by} code={code} change={(next) => (setFault(null), setCode(next))} />
                  : <Pad strokes={strokes} change={(next) => (setFault(null), setStrokes(next))} />}
                <div className="handedends">
                  <p><b>{name}</b><br /><span className="muted">{slot.label}</span></p>
                  <p role="alert" className="wrong">{fault && t(fault)}</p>
                  {filled.phoneCodes && <button type="button" className="btn" onClick={() => turn(!byPhone)}>{t(byPhone ? "drawInstead" : "codeInstead")}</button>}
                  {!byPhone && <button type="button" className="btn" aria-disabled={strokes.length === 0} onClick={again}>{t("again")}</button>}
                  <button type="button" className="btn p" onClick={agree}>{t("agree")}</button>
                </div>
              </footer>
            </>
          )}
        </AriaDialog>
        {agreedAt && (
          <PinDialog title={t("witnessTitle", { name })} action={t("confirm")} sign={confirm} onClose={() => setAgreedAt(null)}>
            <p>{t(byPhone ? "witnessLeadCode" : "witnessLead", { title: entry.title, n: entry.version, name })}</p>
            {!byPhone && <svg className="drawn" viewBox={`0 0 ${PAD.width} ${PAD.height}`} role="img" aria-label={t("drawn", { name })}><path d={pathOf(strokes)} className="ink" /></svg>}
          </PinDialog>
        )}
      </Modal>
    </ModalOverlay>
  );
}

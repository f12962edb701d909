// The way into the editor: the sheet as it stands, and the reason when it has been signed.
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useTabDrafts } from "@/lib/session";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading } from "@/ui/status";
import { Editor } from "./editor";
import { holdsWords, keptWords } from "./keep";
import { isSigned } from "./model";
import { useFilled } from "./queries";
import { useText } from "./text";

export function EditorPage({ encounterId, id, home }: { encounterId: string; id: string; home: string }) {
  const t = useText();
  const [, go] = useLocation();
  const drafts = useTabDrafts();
  const found = useFilled(encounterId, id);
  const [reason, setReason] = useState<string | null>(() => keptWords(drafts, id)?.kept.reason ?? null);
  const sheet = `${home}/${id}`;
  if (found.isPending) return <section className="card"><Loading /></section>;
  if (!found.data) return <section className="card"><Failure title={t("sheetFailed")} error={found.error} retry={() => void found.refetch()} /></section>;
  const { entry, mayEdit } = found.data;
  // Words that can no longer be saved can still be read and copied.
  if (!mayEdit && !holdsWords(drafts, id)) return <section className="card"><p className="status">{t("readOnly")} <Link href={sheet}>{t("leaveEditor")}</Link></p></section>;
  if (mayEdit && isSigned(entry) && reason === null) {
    return (
      <ReasonDialog title={t("amendTitle", { title: entry.title })} lead={t("amendLead")} label={t("amendReason")} action={t("amendStart")} name="reason" missing={t("needReason")} gentle onClose={() => go(sheet)} onDone={setReason} />
    );
  }
  return <Editor encounterId={encounterId} newest={found.data} reason={reason} sheet={sheet} />;
}

// «Hồ sơ»: where the record stands, what is still open and where to mend it, who signed, and what happened to it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type Encounter, type LegalHold, type RecordLife } from "@/api";
import { birthDate, fullDateTime } from "@/lib/time";
import "@/ui/forms.css";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading } from "@/ui/status";
import { ArchiveDialog } from "./archive-dialog";
import { Checklist } from "./checklist";
import { ChoiceDialog } from "./choice-dialog";
import { CloseDialog } from "./close-dialog";
import { ALL_GROUNDS, HOLDS } from "./grounds";
import { Life } from "./life";
import "./record.css";
import { useText } from "./text";

type Doing = { what: "close" | "reopen" | "archive" | "hold" | "lengthen" | "reject" } | { what: "lift"; hold: LegalHold };
const STATE = { active: "tag new", closed: "tag good", archived: "tag good" } as const;

function Facts({ life }: { life: RecordLife }) {
  const t = useText();
  const until = life.keptForever ? t("forever") : life.keptUntil && birthDate(life.keptUntil);
  return (
    <dl className="facts">
      <div><dt>{t("number")}</dt><dd>{life.number}</dd></div>
      {life.archiveNumber && <div><dt>{t("archiveNumber")}</dt><dd>{life.archiveNumber}</dd></div>}
      <div><dt>{t("medium")}</dt><dd>{t(life.medium)}</dd></div>
      <div><dt>{t("class")}</dt><dd>{life.class.name}</dd></div>
      {until && <div><dt>{t("keptUntil")}</dt><dd>{until}</dd></div>}
      {life.closedAt && <div><dt>{t("closedAt")}</dt><dd>{fullDateTime(life.closedAt)}</dd></div>}
      {life.archivedAt && <div><dt>{t("archivedAt")}</dt><dd>{fullDateTime(life.archivedAt)}</dd></div>}
    </dl>
  );
}

function Actions({ life, start }: { life: RecordLife; start: (doing: Doing) => void }) {
  const t = useText();
  const button = (what: "close" | "reopen" | "archive" | "hold" | "lengthen", label: string, main = false) => (
    <button type="button" className={main ? "btn small p" : "btn small"} onClick={() => start({ what })}>{label}</button>
  );
  return (
    <>
      {life.mayKeep && button("hold", t("doHold"))}
      {life.mayKeep && button("lengthen", t("doLengthen"))}
      {life.mayKeep && life.state === "closed" && button("reopen", t("doReopen"))}
      {life.mayKeep && life.state === "closed" && button("archive", t("doArchive"), true)}
      {life.mayClose && life.state === "active" && life.blocks.length === 0 && button("close", t("doClose"), true)}
    </>
  );
}

export function RecordPart({ encounter }: { encounter: Encounter }) {
  const t = useText();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const path = `/encounters/${encounter.id}/record`;
  const found = useQuery({ queryKey: keys.chart(encounter.id, "record"), queryFn: ({ signal }) => get<RecordLife>(path, signal), staleTime: 0 });
  if (found.isPending) return <section className="card"><Loading /></section>;
  if (found.isError) return <section className="card"><Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} /></section>;
  const life = found.data;
  const close = () => setDoing(null);
  const done = () => {
    close();
    void cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
    void cache.invalidateQueries({ queryKey: ["records"] });
  };
  return (
    <section className="card recordpart" aria-label={t("title")}>
      <h2>{t("title")} <span className={STATE[life.state]}>{t(life.state)}</span><span className="grow" /><Actions life={life} start={setDoing} /></h2>
      {/* Scrolls, so it must take the keyboard's focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="recordbody" tabIndex={0} role="region" aria-label={t("life")}>
        <Facts life={life} />
        <Checklist life={life} rejectAll={() => setDoing({ what: "reject" })} />
        <Life life={life} lift={life.mayKeep ? (hold) => setDoing({ what: "lift", hold }) : null} />
      </div>
      {doing?.what === "close" && <CloseDialog life={life} onClose={close} onDone={done} />}
      {doing?.what === "archive" && <ArchiveDialog encounterId={encounter.id} number={life.number} onClose={close} onDone={done} />}
      {doing?.what === "hold" && <ChoiceDialog title={t("holdTitle")} lead={t("holdLead")} label={t("ground")} why={t("holdWhy")} action={t("doHold")} choices={HOLDS.map(([code, name]) => [code, t(name)] as const)} path={`${path}/holds`} field="ground" onClose={close} onDone={done} />}
      {doing?.what === "lengthen" && <ChoiceDialog title={t("lengthenTitle")} lead={t("lengthenLead")} label={t("class")} why={t("why")} action={t("doLengthen")} choices={ALL_GROUNDS.map(([code, name]) => [code, t(name)] as const)} path={`${path}/grounds`} field="class" onClose={close} onDone={done} />}
      {doing?.what === "reopen" && <ReasonDialog title={t("reopenTitle")} lead={t("reopenLead")} label={t("why")} action={t("doReopen")} name="reason" missing={t("needReason")} path={`${path}/reopen`} onClose={close} onDone={done} />}
      {doing?.what === "lift" && <ReasonDialog title={t("liftTitle", { ground: doing.hold.groundText })} lead={t("liftLead")} label={t("why")} action={t("doLift")} name="reason" missing={t("needReason")} path={`/holds/${doing.hold.id}/lift`} onClose={close} onDone={done} />}
      {doing?.what === "reject" && <ReasonDialog title={t("rejectAllTitle")} lead={t("rejectAllLead")} label={t("why")} action={t("rejectAll")} name="reason" missing={t("needReason")} path={`/encounters/${encounter.id}/vitals/reject-proposals`} onClose={close} onDone={done} />}
    </section>
  );
}

// The wards' downtime kits: how old each is and where to get it; for the administrator also what went wrong, what locks
// them, and which computers fetch them.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { get, keys, type Downtime, type KitCopy, type KitComputer, type WardKit, type WardRef } from "@/api";
import { fullDateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import { IssueDialog, RevokeDialog } from "./kit-computer-dialogs";
import { PasswordDialog } from "./kit-password-dialog";
import { useText } from "./text";

type Doing = { what: "password"; ward: WardRef | null; own: boolean } | { what: "issue" } | { what: "revoke"; computer: KitComputer };

function State({ kit }: { kit: WardKit }) {
  const t = useText();
  if (!kit.lock) return <><span className="tag bad">{t("kitNoLock")}</span><small>{t("kitAsk")}</small></>;
  const trouble = kit.trouble && <small className="what">{t("kitFailed", { time: fullDateTime(kit.trouble.since), reason: kit.trouble.reason })}</small>;
  if (!kit.madeAt) return <><span className="tag warn">{t("kitNever")}</span>{trouble ?? <small>{t("kitWaiting")}</small>}</>;
  return <>{kit.behind || kit.trouble ? <span className="tag bad">{t("kitOld")}</span> : <span className="tag good">{t("kitFresh")}</span>}{trouble}</>;
}

function Copy({ copy }: { copy: KitCopy }) {
  const t = useText();
  const { folder, madeAt, trouble } = copy;
  if (trouble) return <li><span className="tag bad">!</span> {t("kitCopyFailed", { folder, time: fullDateTime(trouble.since), reason: trouble.reason })}</li>;
  return <li>{madeAt ? t("kitCopied", { folder, time: fullDateTime(madeAt) }) : t("kitNotCopied", { folder })}</li>;
}

function Row({ kit, manages, setOwn }: { kit: WardKit; manages: boolean; setOwn: () => void }) {
  const t = useText();
  const { lock, ward } = kit;
  return (
    <tr>
      <td><b>{ward.name}</b></td>
      <td className="when">{kit.madeAt ? fullDateTime(kit.madeAt) : t("kitNever")}{kit.trustedUntil && <small>{t("kitUntil", { time: fullDateTime(kit.trustedUntil) })}</small>}</td>
      <td><State kit={kit} /></td>
      {manages && <td className="what">{kit.copies.length === 0 ? <small>{t("kitNoFolders")}</small> : <ul className="plain">{kit.copies.map((copy) => <Copy key={copy.folder} copy={copy} />)}</ul>}</td>}
      {manages && <td>{lock ? (lock.own ? t("kitOwnLock", { name: lock.setBy.name, time: fullDateTime(lock.setAt) }) : t("kitHouseLock")) : t("kitNoLock")}</td>}
      <td>
        <div className="row">
          {manages && <button type="button" className="btn small" aria-label={t("kitSetOwnOf", { ward: ward.name })} onClick={setOwn}>{t("kitSetOwn")}</button>}
          {kit.takes && kit.madeAt && <a className="btn small p" aria-label={t("kitDownloadOf", { ward: ward.name })} href={`/api/v1/downtime/wards/${ward.id}/kit`} download>{t("kitDownload")}</a>}
        </div>
      </td>
    </tr>
  );
}

function Computers({ computers, revoke }: { computers: KitComputer[]; revoke: (computer: KitComputer) => void }) {
  const t = useText();
  if (computers.length === 0) return <Empty title={t("computersNone")} />;
  return (
    // Scrolls, so it must take the keyboard's focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="card tablecard incidents" tabIndex={0} role="region" aria-label={t("computers")}>
      <table className="grid">
        <thead><tr><th scope="col">{t("computer")}</th><th scope="col">{t("kitWard")}</th><th scope="col">{t("computerFetched")}</th><th scope="col">{t("computerIssued")}</th><th scope="col">{t("state")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
        <tbody>
          {computers.map((one) => (
            <tr key={one.id}>
              <td><b>{one.label}</b></td>
              <td>{one.ward.name}</td>
              <td className="when">{one.fetchedAt ? fullDateTime(one.fetchedAt) : t("computerNever")}{one.fetchedKitAt && <small>{t("computerHas", { time: fullDateTime(one.fetchedKitAt) })}</small>}</td>
              <td className="when">{one.issuedBy.name}<small>{fullDateTime(one.issuedAt)}</small></td>
              <td>{one.revokedAt ? <span className="tag">{t("computerRevoked", { time: fullDateTime(one.revokedAt) })}</span> : <span className="tag good">{t("computerOpen")}</span>}</td>
              <td><div className="row">{!one.revokedAt && <button type="button" className="btn small danger" aria-label={t("computerRevokeOf", { label: one.label })} onClick={() => revoke(one)}>{t("computerRevoke")}</button>}</div></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shown({ all, act }: { all: Downtime; act: (doing: Doing) => void }) {
  const t = useText();
  const { manages, wards, computers } = all;
  if (wards.length === 0) return <Empty title={t("kitsNone")} />;
  return (
    <>
      {/* Scrolls, so it must take the keyboard's focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="card tablecard incidents" tabIndex={0} role="region" aria-label={t("tabKits")}>
        <table className="grid kits">
          <thead><tr><th scope="col">{t("kitWard")}</th><th scope="col">{t("kitMade")}</th><th scope="col">{t("state")}</th>{manages && <th scope="col">{t("kitCopies")}</th>}{manages && <th scope="col">{t("kitLock")}</th>}<th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
          <tbody>{wards.map((kit) => <Row key={kit.ward.id} kit={kit} manages={manages} setOwn={() => act({ what: "password", ward: kit.ward, own: kit.lock?.own ?? false })} />)}</tbody>
        </table>
      </div>
      {manages && (
        <>
          <div className="bar"><h2>{t("computers")}</h2><span className="grow" /><button type="button" className="btn" onClick={() => act({ what: "issue" })}>{t("computerIssue")}</button></div>
          <p className="muted incidents-lead">{t("computersLead")}</p>
          <Computers computers={computers} revoke={(computer) => act({ what: "revoke", computer })} />
        </>
      )}
    </>
  );
}

export function Kits({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.downtime, queryFn: ({ signal }) => get<Downtime>("/downtime", signal), refetchInterval: 60_000 });
  const all = found.data;
  const close = () => setDoing(null);
  const done = (words: string) => {
    setSaid(words);
    close();
    void found.refetch();
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>{tabs}<span className="muted" role="status">{said}</span><span className="grow" />
        {all?.manages && <button type="button" className="btn p" onClick={() => setDoing({ what: "password", ward: null, own: false })}>{t("kitSetHouse")}</button>}
      </div>
      {all && <p className="muted incidents-lead">{t("kitsLead", { n: all.everyMinutes })}{all.manages && ` ${t("kitsAdminLead")}`}</p>}
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {all && <Shown all={all} act={setDoing} />}
      {doing?.what === "password" && <PasswordDialog ward={doing.ward} own={doing.own} onClose={close} onDone={() => done(t("kitPasswordSaid"))} />}
      {doing?.what === "issue" && all && <IssueDialog wards={all.wards.map((kit) => kit.ward)} onClose={() => { close(); void found.refetch(); }} />}
      {doing?.what === "revoke" && <RevokeDialog computer={doing.computer} onClose={close} onDone={() => done(t("computerSaidRevoked"))} />}
    </>
  );
}

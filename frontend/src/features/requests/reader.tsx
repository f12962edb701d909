// Who reads the record of this request on the screen: since when, when last, and whether they still may.
import type { RecordRequest, RequestReader } from "@/api";
import { now } from "@/lib/clock";
import { fullDateTime } from "@/lib/time";
import { useText } from "./text";

/** The account reads while the grant stands. */
function reads({ state, decision }: RecordRequest, reader: RequestReader): boolean {
  const until = decision?.until ?? null;
  return reader.endedAt === null && state === "granted" && (until === null || Date.parse(until) > now());
}

interface Props { request: RecordRequest; give: () => void; end: () => void }
export function Reader({ request, give, end }: Props) {
  const t = useText();
  const { reader, mayGiveReader, mayServe } = request;
  if (!reader && !mayGiveReader) return null;
  const still = reader !== null && reads(request, reader);
  return (
    <section className="stack" aria-labelledby="on-screen">
      <h3 id="on-screen">{t("onScreen")}</h3>
      {!reader && <p className="muted">{t("noReader")}</p>}
      {reader && (
        <dl className="facts">
          <div><dt>{t("readerIs")}</dt><dd>{reader.user.name} <small>{reader.username}</small> <span className={still ? "tag good" : "tag"}>{t(still ? "readerStill" : "readerOver")}</span></dd></div>
          <div><dt>{t("readerSince")}</dt><dd>{fullDateTime(reader.givenAt)}, {reader.givenBy.name}</dd></div>
          <div><dt>{t("readerLast")}</dt><dd>{reader.lastReadAt ? fullDateTime(reader.lastReadAt) : t("readerNever")}</dd></div>
          {reader.endedAt && <div><dt>{t("readerEnded")}</dt><dd>{fullDateTime(reader.endedAt)}</dd></div>}
        </dl>
      )}
      {(mayGiveReader || (still && mayServe)) && (
        <div className="row wrap">
          {mayGiveReader && <button type="button" className="btn" onClick={give}>{t("giveOnScreen")}</button>}
          {still && mayServe && <button type="button" className="btn danger" onClick={end}>{t("endReader")}</button>}
        </div>
      )}
    </section>
  );
}

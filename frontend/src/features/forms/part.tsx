// «Bệnh án»: the record as paper. The tree on the left, the chosen sheet on the right; the editor takes the whole width.
import { lazy, Suspense, useState } from "react";
import { useLocation, useRoute } from "wouter";
import type { Encounter } from "@/api";
import { useWrites } from "@/lib/chart";
import { useHotkey } from "@/lib/hotkey";
import { useTabDrafts } from "@/lib/session";
import { Icon } from "@/ui/icons";
import { Empty, Failure, Loading } from "@/ui/status";
import { holdsWords } from "./keep";
import { leavesOf } from "./model";
import { Picker } from "./picker";
import { useDocuments, useEntries, useForms } from "./queries";
import "./record.css";
import { DrawnSheet, Sheet } from "./sheet";
import { useText } from "./text";
import { Tree } from "./tree";

const EditorPage = lazy(() => import("./editor-page").then((m) => ({ default: m.EditorPage })));

export function FormsPart({ encounter }: { encounter: Encounter }) {
  const t = useText();
  const [, go] = useLocation();
  const [, at] = useRoute<{ doc?: string; mode?: string }>("/chart/:encounter/forms/:doc?/:mode?");
  const forms = useForms();
  const entries = useEntries(encounter.id);
  const documents = useDocuments(encounter.id);
  const drafts = useTabDrafts();
  const [adding, setAdding] = useState(false);
  const home = `/chart/${encounter.id}/forms`;
  const writes = useWrites();
  const mayAdd = writes && (forms.data ?? []).some((form) => form.ready && form.mayFill);
  const editing = at?.mode === "edit" && at.doc !== undefined;
  useHotkey("F4", () => setAdding(true), mayAdd && !editing);

  if (editing && at.doc) return <Suspense fallback={<section className="card"><Loading /></section>}><EditorPage key={at.doc} encounterId={encounter.id} id={at.doc} home={home} /></Suspense>;
  const failed = [entries, documents, forms].find((one) => one.isError);
  if (failed) return <section className="card"><Failure title={t("loadFailed")} error={failed.error} retry={() => void failed.refetch()} /></section>;
  if (!entries.data || !documents.data || !forms.data) return <section className="card"><Loading /></section>;

  const groups = leavesOf(entries.data, documents.data);
  const leaves = [...groups.values()].flat();
  // Without a choice the record itself, or whatever comes first.
  const shown = at?.doc ? leaves.find((leaf) => leaf.id === at.doc) : leaves[0];
  const sheet = () => {
    if (leaves.length === 0) {
      return (
        <section className="card"><Empty title={t(mayAdd ? "empty" : "emptyReader")}>{mayAdd && <button type="button" className="btn p" onClick={() => setAdding(true)}><Icon name="plus" size={15} /> {t("add")}</button>}</Empty></section>
      );
    }
    if (!shown) return <section className="card"><Empty title={t("gone")} /></section>;
    if (shown.document) return <DrawnSheet document={shown.document} />;
    return <Sheet key={shown.id} encounterId={encounter.id} id={shown.id} editHref={`${home}/${shown.id}/edit`} />;
  };
  return (
    <div className="record">
      <section className="card recordtree">
        {mayAdd && <button type="button" className="btn p" onClick={() => setAdding(true)}><Icon name="plus" size={15} /> {t("add")} <kbd>F4</kbd></button>}
        <Tree groups={groups} current={shown?.id ?? null} hrefOf={(id) => `${home}/${id}`} holdsWords={(id) => holdsWords(drafts, id)} />
      </section>
      {sheet()}
      {adding && <Picker encounterId={encounter.id} forms={forms.data} entries={entries.data} onClose={() => setAdding(false)} onOpen={(id, edit) => { setAdding(false); go(`${home}/${id}${edit ? "/edit" : ""}`); }} />}
    </div>
  );
}

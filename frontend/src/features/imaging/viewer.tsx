// Ward viewer: series on the left, one image, corner facts. Everything works by keys; the mouse has a chosen tool on
// the left button, pans on the right and zooms on the middle.
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Study } from "@/api";
import { figure } from "@/lib/number";
import { studyTitle } from "@/lib/study";
import { Canvas, type View } from "./canvas";
import type { Window } from "./dicom-json";
import { standardWindow } from "./pixels";
import { StackLoader } from "./stack-loader";
import { useText } from "./text";
import { Toolbar, type Tool } from "./toolbar";
import "./viewer.css";

const PLAIN: View = { window: null, zoom: 1, x: 0, y: 0, inverted: false };
const dicomDate = (date: string) => date.replace(/^(\d{4})(\d{2})(\d{2})$/, "$3/$2/$1");

export function Viewer({ study, onClose }: { study: Study; onClose: () => void }) {
  const t = useText();
  const [seriesUid, setSeriesUid] = useState(study.series[0]?.seriesUid ?? "");
  const [loader, setLoader] = useState<StackLoader | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [index, setIndex] = useState(0);
  const [view, setView] = useState<View>(PLAIN);
  const [tool, setTool] = useState<Tool>("window");
  const [, redraw] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const next = new StackLoader(`/dicom-web/studies/${study.studyUid}/series/${seriesUid}`, () => redraw((n) => n + 1));
    setLoader(null);
    setFailed(null);
    setIndex(0);
    setView(PLAIN);
    next.open().then(() => { setLoader(next); next.want(0, 1); }, (error: unknown) => !(error instanceof DOMException) && setFailed(String(error)));
    return () => next.close();
  }, [study.studyUid, seriesUid]);
  useEffect(() => box.current?.focus(), []);

  const length = loader?.stack.length ?? 0;
  const place = loader?.stack[index];
  const loaded = loader?.get(index);
  const standard: Window = place && loaded?.kind === "pixels" ? standardWindow(place.instance, loaded.frame) : { centre: 128, width: 256 };
  const voi = view.window ?? standard;

  const go = useCallback((to: number) => {
    if (!loader || loader.stack.length === 0) return;
    setIndex((was) => {
      const next = Math.min(Math.max(to, 0), loader.stack.length - 1);
      loader.want(next, next >= was ? 1 : -1);
      return next;
    });
  }, [loader]);
  const shiftWindow = (width: number, centre: number) => setView((was) => {
    const from = was.window ?? standard;
    return { ...was, window: { width: Math.max(1, from.width + width), centre: from.centre + centre } };
  });
  const zoomBy = (factor: number) => setView((was) => ({ ...was, zoom: Math.min(20, Math.max(0.2, was.zoom * factor)) }));
  const pan = (x: number, y: number) => setView((was) => ({ ...was, x: was.x + x, y: was.y + y }));
  const wheel = useCallback((event: WheelEvent) => {
    event.preventDefault();
    go(index + Math.sign(event.deltaY));
  }, [go, index]);
  const drag = (dx: number, dy: number, buttons: number) => {
    const grain = Math.max(1, voi.width / 400);
    if (buttons & 4 || (buttons & 1 && tool === "zoom")) zoomBy(1 - dy / 150);
    else if (buttons & 2 || (buttons & 1 && tool === "pan")) pan(dx, dy);
    else shiftWindow(dx * grain, dy * grain);
  };
  const press = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).tagName === "SELECT" || event.ctrlKey || event.altKey || event.metaKey) return;
    const grain = Math.max(1, Math.round(voi.width / 40));
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(index + 1), ArrowUp: () => go(index - 1), PageDown: () => go(index + 10), PageUp: () => go(index - 10), Home: () => go(0), End: () => go(length - 1),
      w: () => shiftWindow(0, grain), s: () => shiftWindow(0, -grain), d: () => shiftWindow(grain, 0), a: () => shiftWindow(-grain, 0),
      "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(0.8), ArrowLeft: () => pan(-30, 0), ArrowRight: () => pan(30, 0),
      i: () => setView((was) => ({ ...was, inverted: !was.inverted })), r: () => setView(PLAIN), Escape: onClose,
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const overlay = place?.instance.overlay;
  return (
    // The image takes keys as one control; every act also has a button in the toolbar.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <section className="viewer" ref={box} tabIndex={0} aria-label={t("viewer", { what: studyTitle(study) })} onKeyDown={press}>
      <Toolbar view={view} setView={setView} tool={tool} setTool={setTool} reset={() => setView(PLAIN)} zoomBy={zoomBy} onClose={onClose} grey={loaded?.kind === "pixels"} modality={overlay?.modality ?? ""} />
      <ol className="serieslist" aria-label={t("studies")}>
        {study.series.map((series) => (
          <li key={series.seriesUid}>
            <button type="button" aria-pressed={series.seriesUid === seriesUid} onClick={() => setSeriesUid(series.seriesUid)}>
              <img src={series.thumbnailUrl} alt="" width="72" height="72" loading="lazy" />
              <span>{series.modality} {series.description || t("series", { n: series.number ?? "" })}</span>
              <small>{t("images", { n: series.instances })}</small>
            </button>
          </li>
        ))}
      </ol>
      <div className="stage">
        <Canvas ref={canvas} label={t("viewer", { what: studyTitle(study) })} loaded={loaded} instance={place?.instance} view={view} window={voi} drag={drag} wheel={wheel} />
        {overlay && (
          <>
            <p className="corner tl"><b>{overlay.patient}</b><br />{overlay.patientId}<br />{overlay.description}</p>
            <p className="corner tr">{overlay.modality}<br />{dicomDate(overlay.studyDate)}{place.instance.location !== null && <><br />{t("slice", { n: figure(place.instance.location, 1) })}</>}</p>
            <p className="corner bl">{loaded?.kind === "pixels" ? <>{t("window")} {Math.round(voi.width)} · {t("level")} {Math.round(voi.centre)}</> : loaded?.kind === "picture" ? t("rendered") : ""}<br />{t("zoom")} {Math.round(view.zoom * 100)}%</p>
          </>
        )}
        {length > 0 && <p className="corner br" role="status">{t("image", { n: index + 1, of: length })}</p>}
        {failed !== null && <p className="stagesay" role="alert">{t("cannotShow", { why: failed })}</p>}
        {loaded?.kind === "failed" && <p className="stagesay" role="alert">{t("cannotShow", { why: loaded.why })}</p>}
        {!failed && !loaded && <p className="stagesay" role="status">{t("loading")}</p>}
        {length > 1 && <input className="scrub" type="range" min={0} max={length - 1} value={index} aria-label={t("image", { n: index + 1, of: length })} onChange={(event) => go(Number(event.target.value))} />}
      </div>
      <p className="viewerkeys">{t("keys")}</p>
    </section>
  );
}

import type { Dispatch, SetStateAction } from "react";
import { Icon } from "@/ui/icons";
import type { View } from "./canvas";
import type { Window } from "./dicom-json";
import { useText } from "./text";

export type Tool = "window" | "pan" | "zoom";
const TOOLS: readonly [Tool, "toolWindow" | "toolPan" | "toolZoom"][] = [["window", "toolWindow"], ["pan", "toolPan"], ["zoom", "toolZoom"]];
// Hounsfield windows, so offered for CT alone.
const PRESETS: readonly [string, "presetLung" | "presetSoft" | "presetBone" | "presetBrain", Window][] = [
  ["lung", "presetLung", { centre: -600, width: 1500 }], ["soft", "presetSoft", { centre: 40, width: 400 }], ["bone", "presetBone", { centre: 500, width: 2000 }], ["brain", "presetBrain", { centre: 40, width: 80 }],
];

interface Props { view: View; setView: Dispatch<SetStateAction<View>>; tool: Tool; setTool: (tool: Tool) => void; reset: () => void; zoomBy: (factor: number) => void; onClose: () => void; grey: boolean; modality: string }
export function Toolbar({ view, setView, tool, setTool, reset, zoomBy, onClose, grey, modality }: Props) {
  const t = useText();
  const chosen = PRESETS.find(([, , window]) => window.centre === view.window?.centre && window.width === view.window.width)?.[0] ?? "file";
  return (
    <div className="viewerbar">
      <button type="button" className="btn small" onClick={onClose}>← {t("back")}</button>
      <span className="segments" role="group" aria-label={t("tool")}>
        {TOOLS.map(([one, name]) => <button key={one} type="button" aria-pressed={tool === one} onClick={() => setTool(one)}>{t(name)}</button>)}
      </span>
      {grey && modality === "CT" && (
        <label>
          <span className="sr">{t("preset")}</span>
          <select value={chosen} onChange={(event) => setView((was) => ({ ...was, window: PRESETS.find(([id]) => id === event.target.value)?.[2] ?? null }))}>
            <option value="file">{t("presetFile")}</option>
            {PRESETS.map(([id, name]) => <option key={id} value={id}>{t(name)}</option>)}
          </select>
        </label>
      )}
      <button type="button" className="btn small" aria-label={`${t("zoom")} +`} onClick={() => zoomBy(1.25)}><Icon name="plus" size={14} /></button>
      <button type="button" className="btn small" aria-label={`${t("zoom")} −`} onClick={() => zoomBy(0.8)}>−</button>
      <button type="button" className="btn small" aria-pressed={view.inverted} onClick={() => setView((was) => ({ ...was, inverted: !was.inverted }))}>{t("invert")}</button>
      <button type="button" className="btn small" onClick={reset}>{t("reset")}</button>
    </div>
  );
}

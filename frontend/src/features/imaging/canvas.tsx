// Draws one frame with window, zoom, pan and inversion. Not a state holder: the viewer owns what is shown.
import { useLayoutEffect, useRef, type PointerEvent, type Ref } from "react";
import type { Instance, Window } from "./dicom-json";
import { lookup, paint } from "./pixels";
import type { Loaded } from "./stack-loader";

export interface View { window: Window | null; zoom: number; x: number; y: number; inverted: boolean }

interface Props {
  ref: Ref<HTMLCanvasElement>; label: string; loaded: Loaded | undefined; instance: Instance | undefined; view: View; window: Window;
  drag: (dx: number, dy: number, button: number) => void; wheel: (event: WheelEvent) => void;
}
export function Canvas({ ref, label, loaded, instance, view, window: voi, drag, wheel }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const scratch = useRef<HTMLCanvasElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const draw = useRef(() => {});
  useLayoutEffect(() => {
    draw.current = () => {
      const target = canvas.current;
      const context = target?.getContext("2d");
      if (!target || !context) return;
      const box = target.getBoundingClientRect();
      const ratio = devicePixelRatio || 1;
      target.width = Math.max(1, Math.round(box.width * ratio));
      target.height = Math.max(1, Math.round(box.height * ratio));
      context.fillStyle = "#000";
      context.fillRect(0, 0, target.width, target.height);
      if (!instance || !loaded || loaded.kind === "failed") return;
      let source: CanvasImageSource;
      let [width, height] = [instance.columns, instance.rows];
      if (loaded.kind === "pixels") {
        scratch.current ??= document.createElement("canvas");
        const sheet = scratch.current;
        sheet.width = width;
        sheet.height = height;
        const sheetContext = sheet.getContext("2d");
        if (!sheetContext) return;
        const image = sheetContext.createImageData(width, height);
        paint(loaded.frame, lookup(instance, loaded.frame, voi, view.inverted), new Uint32Array(image.data.buffer));
        sheetContext.putImageData(image, 0, 0);
        source = sheet;
      } else {
        source = loaded.picture;
        [width, height] = [loaded.picture.width, loaded.picture.height];
      }
      const fit = Math.min(target.width / width, target.height / height) * view.zoom;
      context.imageSmoothingEnabled = fit < 3;
      context.filter = view.inverted && loaded.kind === "picture" ? "invert(1)" : "none";
      context.drawImage(source, (target.width - width * fit) / 2 + view.x * ratio, (target.height - height * fit) / 2 + view.y * ratio, width * fit, height * fit);
      target.dataset["drawn"] = loaded.kind;
    };
    draw.current();
  }, [loaded, instance, view, voi]);
  useLayoutEffect(() => {
    const box = host.current;
    if (!box) return;
    const watch = new ResizeObserver(() => draw.current());
    watch.observe(box);
    // React listens to wheel passively; the page must not scroll under the image.
    box.addEventListener("wheel", wheel, { passive: false });
    return () => {
      watch.disconnect();
      box.removeEventListener("wheel", wheel);
    };
  }, [wheel]);
  const move = (event: PointerEvent) => {
    if (event.buttons !== 0) drag(event.movementX, event.movementY, event.buttons);
  };
  return (
    <div className="canvasbox" ref={host} role="img" aria-label={label}>
      <canvas
        ref={(element) => { canvas.current = element; if (typeof ref === "function") ref(element); else if (ref) ref.current = element; }}
        aria-hidden="true" onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove={move} onContextMenu={(event) => event.preventDefault()}
      />
    </div>
  );
}

// The few attributes of DICOM JSON metadata that a viewer needs, parsed once. Pure.
interface Attribute { vr?: string; Value?: unknown[] }
export type Dataset = Record<string, Attribute | undefined>;

const first = (dataset: Dataset, tag: string): unknown => dataset[tag]?.Value?.[0];
function number(dataset: Dataset, tag: string): number | null {
  const value = first(dataset, tag);
  const parsed = typeof value === "string" ? Number.parseFloat(value) : value;
  return typeof parsed === "number" && Number.isFinite(parsed) ? parsed : null;
}
function text(dataset: Dataset, tag: string): string {
  const value = first(dataset, tag);
  if (typeof value === "object" && value !== null && "Alphabetic" in value) return String(value.Alphabetic);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export interface Instance {
  uid: string;
  number: number | null;
  frames: number;
  rows: number;
  columns: number;
  /** Null where the pixels are no plain grey: then the server's picture is shown. */
  grey: { bitsAllocated: 8 | 16; bitsStored: number; signed: boolean; inverted: boolean; slope: number; intercept: number } | null;
  window: Window | null;
  location: number | null;
  overlay: { patient: string; patientId: string; description: string; studyDate: string; modality: string; thickness: number | null };
}
export interface Window { centre: number; width: number }

export function instanceOf(dataset: Dataset): Instance | null {
  const uid = text(dataset, "00080018");
  const rows = number(dataset, "00280010");
  const columns = number(dataset, "00280011");
  if (!uid || !rows || !columns) return null;
  const allocated = number(dataset, "00280100");
  const photometric = text(dataset, "00280004");
  const monochrome = photometric === "MONOCHROME1" || photometric === "MONOCHROME2";
  const grey = monochrome && (number(dataset, "00280002") ?? 1) === 1 && (allocated === 8 || allocated === 16)
    ? { bitsAllocated: allocated as 8 | 16, bitsStored: number(dataset, "00280101") ?? allocated, signed: number(dataset, "00280103") === 1, inverted: photometric === "MONOCHROME1", slope: number(dataset, "00281053") ?? 1, intercept: number(dataset, "00281052") ?? 0 }
    : null;
  const centre = number(dataset, "00281050");
  const width = number(dataset, "00281051");
  return {
    uid, rows, columns, grey,
    number: number(dataset, "00200013"),
    frames: number(dataset, "00280008") ?? 1,
    window: centre !== null && width !== null && width > 0 ? { centre, width } : null,
    location: number(dataset, "00201041"),
    overlay: { patient: text(dataset, "00100010").replaceAll("^", " ").trim(), patientId: text(dataset, "00100020"), description: text(dataset, "0008103E"), studyDate: text(dataset, "00080020"), modality: text(dataset, "00080060"), thickness: number(dataset, "00180050") },
  };
}
/** In the order a reader scrolls: by instance number, then as sent. */
export function stackOf(metadata: readonly Dataset[]): { instance: Instance; frame: number }[] {
  const instances = metadata.map(instanceOf).filter((one) => one !== null);
  instances.sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  return instances.flatMap((instance) => Array.from({ length: Math.max(1, instance.frames) }, (_, i) => ({ instance, frame: i + 1 })));
}

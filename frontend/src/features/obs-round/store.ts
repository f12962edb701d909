// The drafts of a round and their way to the server, outside React so that a keystroke redraws one row.
// Every change is written to lib/drafts at once: a lock, a crash or a dead network loses nothing that was typed.
import { ApiError, newKey, send, type Range, type RoundRow, type VitalCode, type VitalSet } from "@/api";
import { now, nowIso } from "@/lib/clock";
import type { Drafts } from "@/lib/drafts";
import type { Column } from "@/lib/vital-cell";
import { compose, covers, currentOf, type Composed, type RowDraft } from "./row";

export interface RowState { draft: RowDraft | null; phase: "idle" | "saving" | "failed"; error: string | null }
const IDLE: RowState = { draft: null, phase: "idle", error: null };
const PREFIX = "round.";

export interface StoreHooks { saved(row: RoundRow, set: VitalSet): void; typoReason: string }

export class RoundStore {
  private rows = new Map<string, RowState>();
  private known = new Map<string, RoundRow>();
  private listeners = new Set<() => void>();
  private running = new Map<string, Promise<void>>();
  ranges: ReadonlyMap<VitalCode, Range> = new Map();
  /** When the round was measured, if not while typing. */
  measuredAt: string | null = null;
  lastKept: number | null = null;

  constructor(private readonly drafts: Drafts, private readonly hooks: StoreHooks) {
    for (const name of drafts.names(PREFIX)) {
      const draft = drafts.read<RowDraft>(name);
      if (draft) this.rows.set(name.slice(PREFIX.length), { ...IDLE, draft });
    }
  }
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  get = (encounterId: string): RowState => this.rows.get(encounterId) ?? IDLE;
  know(rows: readonly RoundRow[]) {
    this.known = new Map(rows.map((row) => [row.encounterId, row]));
  }
  draftedRows = (): RoundRow[] => [...this.known.values()].filter((row) => this.get(row.encounterId).draft !== null);

  private put(id: string, state: RowState) {
    this.rows.set(id, state);
    const name = PREFIX + id;
    if (state.draft) this.drafts.write(name, state.draft);
    else this.drafts.drop(name);
    this.lastKept = now();
    this.listeners.forEach((call) => call());
  }
  private change(id: string, edit: (draft: RowDraft) => RowDraft) {
    const state = this.get(id);
    const draft = state.draft ?? { cells: {}, reasons: {}, begunAt: this.measuredAt ?? nowIso(), key: newKey() };
    // A draft that changes after a failed save is another write.
    this.put(id, { draft: { ...edit(draft), key: state.phase === "failed" ? newKey() : draft.key }, phase: "idle", error: null });
  }
  type(id: string, column: Column, text: string) {
    this.change(id, (draft) => ({ ...draft, cells: { ...draft.cells, [column]: text } }));
  }
  reason(id: string, code: VitalCode, text: string) {
    this.change(id, (draft) => ({ ...draft, reasons: { ...draft.reasons, [code]: text } }));
  }
  /** Takes a cell back to what it was when it was entered; the last one taken back ends the draft. */
  restore(id: string, column: Column, text: string | undefined) {
    const { draft } = this.get(id);
    if (!draft) return;
    const cells = { ...draft.cells, [column]: text };
    if (text === undefined) delete cells[column];
    this.put(id, { draft: Object.keys(cells).length === 0 ? null : { ...draft, cells }, phase: "idle", error: null });
  }
  compose(row: RoundRow): Composed {
    return compose(this.get(row.encounterId).draft, currentOf(row, now()), this.ranges);
  }

  /** Saves the row when it can be saved; a row that waits for a reason or for F8 stays a draft. */
  leave(row: RoundRow): Promise<void> {
    const { draft, phase } = this.get(row.encounterId);
    if (!draft || phase === "saving") return this.running.get(row.encounterId) ?? Promise.resolve();
    const current = currentOf(row, now());
    if (row.proposed && !current && !covers(draft, row.proposed)) return Promise.resolve();
    const composed = this.compose(row);
    if (composed.kind === "nothing") {
      this.put(row.encounterId, IDLE);
      return Promise.resolve();
    }
    if (composed.kind !== "values") return Promise.resolve();
    const write = current
      ? () => send<VitalSet>("POST", `/vitals/${current.id}/correct`, { version: current.version, reasonCode: "typo", reason: this.hooks.typoReason, values: composed.values }, { ifMatch: current.version, idempotencyKey: draft.key })
      : () => send<VitalSet>("POST", `/encounters/${row.encounterId}/vitals`, { effectiveAt: draft.begunAt, values: composed.values }, { idempotencyKey: draft.key });
    return this.run(row, draft, write);
  }

  /** Takes the device's values over, with what was typed over them; null while something typed is refused or unexplained. */
  accept(row: RoundRow): Promise<void> | null {
    const { proposed } = row;
    const { draft } = this.get(row.encounterId);
    if (!proposed) return null;
    const current = currentOf(row, now());
    // Beside a set that was typed already, the device's is accepted for itself; what is being typed belongs to the other.
    if (!draft || current) return this.run(row, null, () => send<VitalSet>("POST", `/vitals/${proposed.id}/accept`, { version: proposed.version }));
    const composed = compose(draft, proposed, this.ranges);
    if (composed.kind !== "values") return null;
    return this.run(row, draft, () => send<VitalSet>("POST", `/encounters/${row.encounterId}/vitals`, { effectiveAt: proposed.effectiveAt, values: composed.values, basedOn: proposed.id }, { idempotencyKey: draft.key }));
  }

  /** `sent` is the draft that the write carries; it ends with it, unless it was typed on meanwhile. */
  private run(row: RoundRow, sent: RowDraft | null, write: () => Promise<VitalSet>): Promise<void> {
    const id = row.encounterId;
    const work = async () => {
      this.put(id, { draft: this.get(id).draft, phase: "saving", error: null });
      try {
        const set = await write();
        this.hooks.saved(row, set);
        const left = this.get(id).draft;
        this.put(id, left === sent ? IDLE : { draft: left, phase: "idle", error: null });
        void this.retryOffline();
      } catch (error) {
        this.put(id, { draft: this.get(id).draft, phase: "failed", error: error instanceof ApiError ? error.problem.detail : String(error) });
      } finally {
        this.running.delete(id);
      }
    };
    const running = work();
    this.running.set(id, running);
    return running;
  }
  private retrying = false;
  /** Once one save gets through, the ones that failed before it are tried again. */
  async retryOffline(): Promise<void> {
    if (this.retrying) return;
    this.retrying = true;
    for (const row of this.draftedRows()) if (this.get(row.encounterId).phase === "failed") await this.leave(row);
    this.retrying = false;
  }
  /** Forgets a failed acceptance once its device set is gone. */
  forget(id: string) {
    const { draft } = this.get(id);
    this.put(id, { draft, phase: "idle", error: null });
  }
  /** Every draft that can be saved, saved; resolves when the server has answered. */
  async flush(): Promise<void> {
    await Promise.all([...this.running.values()]);
    await Promise.all(this.draftedRows().map((row) => this.leave(row)));
  }
}

// What a screen shows while it has nothing else: waiting, nothing there, or the server's reason for a failure.
import type { ReactNode } from "react";
import { ApiError } from "@/api";
import { useCommon } from "@/i18n";
import "./status.css";

export const Loading = () => <p className="status" role="status">{useCommon()("loading")}</p>;

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="status empty-state">
      <p>{title}</p>
      {children}
    </div>
  );
}

export const detailOf = (error: unknown): string => (error instanceof ApiError ? error.problem.detail : String(error instanceof Error ? error.message : error));

export function Failure({ title, error, retry }: { title: string; error: unknown; retry?: () => void }) {
  const t = useCommon();
  return (
    <div className="status failure" role="alert">
      <p><b>{title}.</b> {detailOf(error)}</p>
      {retry && <button type="button" className="btn small" onClick={retry}>{t("retry")}</button>}
    </div>
  );
}

/** A refusal beside the form that caused it. */
export function Refusal({ error, id }: { error: unknown; id?: string }) {
  if (!error) return null;
  return <p className="refusal" role="alert" id={id}>{detailOf(error)}</p>;
}

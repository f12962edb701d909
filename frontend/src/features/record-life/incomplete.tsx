// A refusal with everything that is still open, where the server names it.
import { ApiError } from "@/api";
import { Refusal } from "@/ui/status";

export function Incomplete({ error }: { error: unknown }) {
  const open = error instanceof ApiError && error.code === "record-incomplete" ? Object.entries(error.problem.fields ?? {}) : [];
  return (
    <>
      <Refusal error={error} />
      {open.length > 0 && <ul className="openlist">{open.map(([what, text]) => <li key={what}>{text}</li>)}</ul>}
    </>
  );
}

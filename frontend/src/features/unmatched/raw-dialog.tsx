import { useQuery } from "@tanstack/react-query";
import { getText } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/status";
import { useText } from "./text";

/** The message as it came. Each look is an audit entry, so the answer is not kept. */
export function RawDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const found = useQuery({ queryKey: ["waiting-raw", id], queryFn: () => getText(`/waiting/${id}/raw`), gcTime: 0, staleTime: 0 });
  return (
    <Dialog title={t("rawTitle")} onClose={onClose} wide>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} />}
      {/* A long message scrolls, so it must take the keyboard's focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      {found.isSuccess && <pre className="raw" tabIndex={0}>{found.data.replaceAll("\r\n", "\n").replaceAll("\r", "\n")}</pre>}
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button></div>
    </Dialog>
  );
}

import { Link, useLocation } from "wouter";
import type { WardBoard } from "@/api";
import { useSession } from "@/lib/session";
import { Icon } from "@/ui/icons";
import { isAt, stopsOf, waitingAt } from "./stops";
import { useText } from "./text";

export function Rail({ waiting }: { waiting: WardBoard["waiting"] | null }) {
  const t = useText();
  const { role } = useSession().session.user;
  const [place] = useLocation();
  return (
    <nav className="rail" aria-label={t("main")}>
      {stopsOf(role).map((stop) => {
        const count = waitingAt(stop, waiting);
        return (
          <Link key={stop.to} href={stop.to} aria-current={isAt(stop, place) ? "page" : undefined}>
            <Icon name={stop.icon} size={20} />
            <span>{t(stop.name)}</span>
            {count > 0 && <b><span aria-hidden="true">{count > 99 ? "99+" : count}</span><span className="sr">{t("waitingCount", { n: count })}</span></b>}
          </Link>
        );
      })}
    </nav>
  );
}

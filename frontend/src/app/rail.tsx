import { Link, useLocation } from "wouter";
import type { Role, WardBoard } from "@/api";
import { useSession } from "@/lib/session";
import { Icon, type IconName } from "@/ui/icons";
import { useText } from "./text";

interface Stop { to: string; icon: IconName; name: "board" | "round" | "patients" | "orders" | "results" | "waiting" | "images" | "devices" | "users" | "audit"; under?: string; for?: readonly Role[] }
const STOPS: readonly Stop[] = [
  { to: "/", icon: "bed", name: "board", under: "/chart" },
  { to: "/round", icon: "pulse", name: "round", for: ["nurse", "head-nurse", "doctor"] },
  { to: "/patients", icon: "people", name: "patients" },
  { to: "/orders", icon: "order", name: "orders" },
  { to: "/results", icon: "flask", name: "results", for: ["lab-technician", "doctor", "head-nurse"] },
  { to: "/waiting", icon: "inbox", name: "waiting" },
  { to: "/studies", icon: "image", name: "images" },
  { to: "/devices", icon: "device", name: "devices" },
  { to: "/users", icon: "user", name: "users", for: ["administrator"] },
  { to: "/audit", icon: "log", name: "audit", for: ["administrator", "auditor"] },
];

export function Rail({ waiting }: { waiting: WardBoard["waiting"] | null }) {
  const t = useText();
  const { role } = useSession().session.user;
  const [place] = useLocation();
  const count = (stop: Stop) => (stop.name === "waiting" ? waiting?.inbox : stop.name === "images" ? waiting?.studies : 0) ?? 0;
  const here = (stop: Stop) => (stop.to === "/" ? place === "/" : place.startsWith(stop.to)) || (stop.under !== undefined && place.startsWith(stop.under));
  return (
    <nav className="rail" aria-label={t("main")}>
      {STOPS.filter((stop) => !stop.for || stop.for.includes(role)).map((stop) => (
        <Link key={stop.to} href={stop.to} aria-current={here(stop) ? "page" : undefined}>
          <Icon name={stop.icon} size={20} />
          <span>{t(stop.name)}</span>
          {count(stop) > 0 && <b><span aria-hidden="true">{count(stop) > 99 ? "99+" : count(stop)}</span><span className="sr">{t("waitingCount", { n: count(stop) })}</span></b>}
        </Link>
      ))}
    </nav>
  );
}

// All that somebody from outside has: what they may read, and one record of it. Every other address is refused.
import { Link, useLocation } from "wouter";
import { Empty } from "@/ui/status";
import { GrantPage } from "./grant-page";
import { GrantsPage } from "./grants-page";
import { placeAt } from "./place";
import { useText } from "./text";

export function ReadingScreens() {
  const t = useText();
  const [path] = useLocation();
  const place = placeAt(path);
  if (place === "grants") return <GrantsPage />;
  if (place !== "elsewhere") return <GrantPage key={place.requestId} {...place} />;
  return (
    <>
      <div className="bar"><h1>{t("notHere")}</h1></div>
      <Empty title={t("notHereHint")}><Link className="btn" href="/">{t("back")}</Link></Empty>
    </>
  );
}

// The server's own trouble with the wards' downtime kits: told here, mended under «Sự cố».
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { get, keys, type Downtime } from "@/api";
import { useText } from "./text";

export function KitsNote() {
  const t = useText();
  const { data } = useQuery({ queryKey: keys.downtime, queryFn: ({ signal }) => get<Downtime>("/downtime", signal), refetchInterval: 60_000 });
  const wards = data?.wards ?? [];
  const without = wards.filter((kit) => kit.lock === null).length;
  const troubled = wards.filter((kit) => kit.behind || kit.trouble !== null || kit.copies.some((copy) => copy.trouble !== null)).length;
  if (without + troubled === 0) return null;
  return (
    <p className="lead" role="status">
      <span className="tag bad">!</span>{" "}
      {troubled > 0 ? t("kitsTroubled", { n: troubled }) : t("kitsWithout", { n: without })} <Link href="/incidents">{t("kitsWhere")}</Link>
    </p>
  );
}

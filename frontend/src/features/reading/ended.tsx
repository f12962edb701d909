// In place of a record that may be read no more: calmly, because it is no fault of whoever reads.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { keys } from "@/api";
import { Icon } from "@/ui/icons";
import { useText } from "./text";

export function Ended() {
  const t = useText();
  const cache = useQueryClient();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What had the focus is gone with the record.
    title.current?.focus();
    // The list that the way back leads to may still name it.
    void cache.invalidateQueries({ queryKey: keys.reading, exact: true });
  }, [cache]);
  return (
    <div className="status">
      <Icon name="clock" size={28} />
      <h1 className="bigname" ref={title} tabIndex={-1}>{t("ended")}</h1>
      <p>{t("endedHint")}</p>
      <Link className="btn" href="/">{t("back")}</Link>
    </div>
  );
}

// Ties the event stream to the query cache of this tab.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys, type WardBoard } from "@/api";
import { hasOccupant, withLive, withOccupant, type ServerEvent } from "./events";
import { follow, type Link } from "./stream";

export function applyEvent(cache: QueryClient, wardId: string, event: ServerEvent, ended: () => void): void {
  const patch = (change: (board: WardBoard) => WardBoard) => cache.setQueryData<WardBoard>(keys.board(wardId), (board) => board && change(board));
  switch (event.name) {
    case "live":
      return void patch((board) => withLive(board, event.data));
    case "occupant": {
      const board = cache.getQueryData<WardBoard>(keys.board(wardId));
      if (board && !hasOccupant(board, event.data.encounterId)) void cache.invalidateQueries({ queryKey: keys.board(wardId) });
      return void patch((known) => withOccupant(known, event.data));
    }
    case "board":
      // Also what the server says after a resumed stream: anything may have changed, so whatever is on the screen is asked again.
      return void cache.invalidateQueries();
    case "chart": {
      const { encounterId, what } = event.data;
      // A record that closes or opens changes what may be done on every part of it.
      void cache.invalidateQueries({ queryKey: keys.encounter(encounterId), exact: what !== "record" });
      void cache.invalidateQueries({ queryKey: keys.chart(encounterId, what) });
      void cache.invalidateQueries({ queryKey: keys.chart(encounterId, "timeline") });
      if (what === "forms") void cache.invalidateQueries({ queryKey: keys.formsToSign });
      if (what === "vitals") void cache.invalidateQueries({ queryKey: keys.round(wardId) });
      return;
    }
    case "waiting":
      void cache.invalidateQueries({ queryKey: ["waiting"] });
      void cache.invalidateQueries({ queryKey: keys.unmatched });
      return void patch((board) => ({ ...board, waiting: event.data }));
    case "ended":
      return ended();
  }
}

/** Follows the ward while mounted; answers the state of the link for the top bar. */
export function useLive(wardId: string | null, ended: () => void): Link {
  const cache = useQueryClient();
  const [link, setLink] = useState<Link>("connecting");
  useEffect(() => {
    if (!wardId) return;
    return follow(wardId, {
      link: setLink,
      gap: () => void cache.invalidateQueries(),
      event: (event) => applyEvent(cache, wardId, event, ended),
    });
  }, [wardId, cache, ended]);
  return link;
}

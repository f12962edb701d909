// The ward in hand, chosen in the top bar.
import { createContext, useContext } from "react";
import type { WardRef } from "@/api";

export const WardContext = createContext<WardRef | null>(null);
export function useWard(): WardRef {
  const ward = useContext(WardContext);
  if (!ward) throw new Error("no ward above this component");
  return ward;
}

// The box in the top bar: it opens the chart of who was found.
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { useHotkey } from "@/lib/hotkey";
import { placeOf } from "@/lib/patient-hits";
import { PatientFinder } from "@/ui/patient-finder";

export function SearchBox() {
  const [, go] = useLocation();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  useHotkey("/", () => input.current?.select());
  return <PatientFinder input={input} hotkey="/" choose={(hit) => go(placeOf(hit))} />;
}

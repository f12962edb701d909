// The name to log in with that is proposed for somebody's account.
import { fold } from "@/lib/fold";

const LEAST = 3;
const MOST = 64;

/** «Nguyễn Văn Con» → nguyen.van.con; empty where nothing of it can be typed. */
export function usernameFor(name: string): string {
  const proposed = fold(name).split(/[^a-z0-9]+/).filter(Boolean).join(".").slice(0, MOST).replace(/\.$/, "");
  return proposed.length < LEAST ? "" : proposed;
}

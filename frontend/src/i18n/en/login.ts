import type { English } from "../dictionary";
import type vi from "../vi/login";

export default {
  title: "Sign in",
  tagline: "On-premise medical records",
  username: "User name",
  password: "Password",
  enter: "Sign in",
  entering: "Signing in…",
  ended: "The session has ended. Sign in again; what you were typing is kept.",
  needBoth: "Enter both user name and password.",
  locked: "Screen locked",
  lockedHint: "What you were typing is kept.",
  unlock: "Unlock",
  switchUser: "Switch user",
  noPin: "This account has no PIN. Sign in again with the password.",
  pin6: "The PIN has 6 digits.",
  unreachable: "The server cannot be reached",
  soon: "No activity: the screen locks in {n} seconds",
  stay: "Keep working",
  theme: "Light/dark",
} as const satisfies English<typeof vi>;

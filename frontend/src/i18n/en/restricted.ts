import type { English } from "../dictionary";
import type vi from "../vi/restricted";

export default {
  tag: "Restricted",
  tagTitle: "Only assigned staff read this record",
  hidden: "for assigned staff only",
} as const satisfies English<typeof vi>;

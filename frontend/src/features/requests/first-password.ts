// The first password of somebody from outside: read from a slip and typed once, then changed.
// Neither vowels nor d and w, so that a Vietnamese keyboard (Telex, VNI) turns nothing into đ, ư or á behind the dots, and
// no word comes about; nothing that is taken for something else on paper.
const SMALL = "bcfghjkmnpqrstvxz";
const LARGE = "BCFGHJKLMNPQRSTVXZ";
const DIGITS = "23456789";
const SIGNS = SMALL + LARGE + DIGITS;
const GROUPS = 4;
const IN_GROUP = 4;
/** Above it the first signs would come up more often than the last. */
const FAIR = 256 - (256 % SIGNS.length);

type Random = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
const ofBrowser: Random = (bytes) => crypto.getRandomValues(bytes);

function sign(random: Random): string {
  for (;;) {
    const [byte = 255] = random(new Uint8Array(1));
    if (byte < FAIR) return SIGNS[byte % SIGNS.length] ?? "";
  }
}
const hasOf = (text: string, kind: string) => [...text].some((one) => kind.includes(one));

/** Four groups of four with dashes between: 19 signs of four kinds, some 87 bits. */
export function firstPassword(random: Random = ofBrowser): string {
  for (;;) {
    const groups = Array.from({ length: GROUPS }, () => Array.from({ length: IN_GROUP }, () => sign(random)).join(""));
    const text = groups.join("-");
    if ([SMALL, LARGE, DIGITS].every((kind) => hasOf(text, kind))) return text;
  }
}

// Figures the Vietnamese way: a comma before the decimals. Thousands are never grouped in clinical values.
export function figure(value: number, decimals = 0): string {
  return value.toFixed(decimals).replace(".", ",");
}
/** "36,8", "36.8" or "36" → 36.8; null when it is not a plain number. */
export function parseFigure(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

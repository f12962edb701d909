export const WARNING_SECONDS = 20;
/** Whole seconds until the lock; zero or less means now. */
export function secondsLeft(now: number, lastWork: number, after: number): number {
  return Math.ceil(after - (now - lastWork) / 1000);
}

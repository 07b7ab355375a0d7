/** Whether somebody is at the machine: told to the app, which tells the others. */

const KEY = "idle-minutes";
const USUAL = 10;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel"] as const;

/** After so many minutes without a key or a move nobody is there; 0: never. */
export function idleMinutes(): number {
  const kept = localStorage.getItem(KEY);
  const minutes = kept === null ? USUAL : Number(kept);
  return Number.isFinite(minutes) && minutes >= 0 ? minutes : USUAL;
}

export function setIdleMinutes(minutes: number): void {
  if (Number.isFinite(minutes) && minutes >= 0) localStorage.setItem(KEY, String(minutes));
}

/** Watches until the answer is called; tells each change once. */
export function watchIdle(tell: (active: boolean) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isIdle = false;
  const seen = (): void => {
    clearTimeout(timer);
    const minutes = idleMinutes();
    if (minutes > 0) {
      timer = setTimeout(() => {
        isIdle = true;
        tell(false);
      }, minutes * 60_000);
    }
    if (!isIdle) return;
    isIdle = false;
    tell(true);
  };
  for (const sign of SIGNS) window.addEventListener(sign, seen, { passive: true });
  seen();
  return () => {
    clearTimeout(timer);
    for (const sign of SIGNS) window.removeEventListener(sign, seen);
  };
}

/** How often what is shown of the time is renewed, in milliseconds. */
const EVERY_MS = 1_000;

/** The time, for what counts down. One clock for all of it; it stands while nobody looks. */
class Now {
  ms = $state(Date.now());
  #lookers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** For an effect: the clock goes until the answer is called. */
  look(): () => void {
    this.#lookers += 1;
    this.#timer ??= setInterval(() => (this.ms = Date.now()), EVERY_MS);
    return () => {
      this.#lookers -= 1;
      if (this.#lookers > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

export const now = new Now();

import { SvelteSet } from "svelte/reactivity";

/** Which spoilers of a message the reader has uncovered. */
export class Uncovered {
  readonly #numbers = new SvelteSet<number>();

  has(number: number): boolean {
    return this.#numbers.has(number);
  }

  toggle(number: number): void {
    if (!this.#numbers.delete(number)) this.#numbers.add(number);
  }
}

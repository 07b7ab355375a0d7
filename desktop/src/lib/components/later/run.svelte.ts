import { asCommandError } from "../../api/client";
import type { CommandError } from "../../api/generated/CommandError";

/** One thing at a time that may go wrong, as a form has it. */
export class Run {
  busy = $state(false);
  error = $state.raw<CommandError | null>(null);

  /** Answers whether it went well. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.error = asCommandError(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

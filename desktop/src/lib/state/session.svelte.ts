import { asCommandError, type Client } from "../api/client";
import type { AccountInfo } from "../api/generated/AccountInfo";
import type { AppEvent } from "../api/generated/AppEvent";
import type { CommandError } from "../api/generated/CommandError";
import type { Limits } from "../api/generated/Limits";
import type { SignedIn } from "../api/generated/SignedIn";
import { Chat } from "./chat.svelte";

/** Which account is open, if any, and the accounts there are. */
export class Session {
  /** Whether the app has answered once. */
  started = $state(false);
  chat = $state.raw<Chat | null>(null);
  accounts = $state.raw<AccountInfo[]>([]);
  /** Why the app could not start, or the last account could not be opened. */
  problem = $state.raw<CommandError | null>(null);

  readonly client: Client;
  #limits: Limits | null = null;
  #heardEarly: AppEvent[] = [];

  constructor(client: Client) {
    this.client = client;
  }

  /** Listens first and asks then, so that nothing falls between. */
  async begin(): Promise<void> {
    try {
      await this.client.listen((event) => this.#heard(event));
      await this.start();
    } catch (thrown) {
      this.problem = asCommandError(thrown);
      this.started = true;
    }
  }

  /** Asks where the app stands; again to try an account that was in use. */
  async start(): Promise<void> {
    try {
      const start = await this.client.start();
      this.#limits = start.limits;
      this.accounts = start.accounts;
      this.problem = start.problem;
      this.started = true;
      if (start.signed_in) this.#open(start.signed_in);
    } catch (thrown) {
      this.problem = asCommandError(thrown);
      this.started = true;
    }
    for (const event of this.#heardEarly.splice(0)) this.#heard(event);
  }

  #heard(event: AppEvent): void {
    if (!this.#limits) {
      this.#heardEarly.push(event);
    } else if (event.type === "update") {
      this.chat?.heard(event.data);
    } else if (event.data) {
      this.#open(event.data);
    } else {
      this.#close();
    }
  }

  #open(signedIn: SignedIn): void {
    if (!this.#limits) return;
    this.problem = null;
    if (this.chat?.account.key === signedIn.account.key) {
      void this.chat.resume(signedIn);
      return;
    }
    this.chat?.end();
    this.chat = new Chat(this.client, signedIn, this.#limits);
    void this.chat.begin();
  }

  #close(): void {
    this.chat = null;
    void this.#accountsAgain();
  }

  /** After signing out only the list is asked for: `start` would open the account again. */
  async #accountsAgain(): Promise<void> {
    this.accounts = await this.client.accounts().catch(() => this.accounts);
  }
}

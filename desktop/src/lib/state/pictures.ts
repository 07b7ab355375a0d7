import type { Client } from "../api/client";
import type { EmojiId } from "../api/generated/EmojiId";

/** So many are kept; those that were not asked for longest go first. */
const KEPT = 200;

/** Pictures of the community's own emoji, as addresses of data. The app fetches them and keeps them on disk. */
export class Pictures {
  readonly #client: Client;
  readonly #kept = new Map<EmojiId, Promise<string>>();

  constructor(client: Client) {
    this.#client = client;
  }

  of(id: EmojiId): Promise<string> {
    const picture = this.#kept.get(id) ?? this.#ask(id);
    this.#kept.delete(id);
    this.#kept.set(id, picture);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return picture;
  }

  #ask(id: EmojiId): Promise<string> {
    const picture = this.#client.emojiPicture(id);
    // What failed is asked for again the next time.
    picture.catch(() => this.#kept.delete(id));
    return picture;
  }
}

/** Finds web links in plain text. */

export interface Piece {
  text: string;
  /** The address, if this piece is a link. */
  href?: string;
}

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const OPENERS: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** The text in pieces; put together again they are the text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const href = withoutTail(match[0]);
    if (!URL.canParse(href)) continue;
    if (match.index > done) found.push({ text: text.slice(done, match.index) });
    found.push({ text: href, href });
    done = match.index + href.length;
  }
  if (done < text.length) found.push({ text: text.slice(done) });
  return found;
}

/** Punctuation at the end belongs to the sentence; a bracket only if it was opened outside. */
function withoutTail(link: string): string {
  for (;;) {
    const last = link.at(-1) ?? "";
    const opener = OPENERS[last];
    const isLoose = opener !== undefined && count(link, last) > count(link, opener);
    if (!isLoose && !".,:;!?*_~".includes(last)) return link;
    link = link.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

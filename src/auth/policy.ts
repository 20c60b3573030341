import type { Identity } from '../contract/identity.ts';

/** May this identity join the room, going by the `rooms` claim of its token? Without the claim: any room. */
export function mayJoin(identity: Identity, room: string): boolean {
  return identity.rooms === undefined || identity.rooms.some((pattern) => matchesWildcard(pattern, room));
}

/**
 * Does `text` match `pattern`, where `*` stands for any number of characters? Linear but for the last `*`: a pattern made
 * to be slow, which a regular expression would follow into the exponential, costs at most length times length here.
 */
function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

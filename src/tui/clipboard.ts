/** The sequence (OSC 52) with which a terminal puts text on its user's clipboard, also over ssh. */
export function toClipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
}

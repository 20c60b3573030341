/** Splits at blanks; a word in double quotes may hold some. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(/"(?<quoted>(?:[^"\\]|\\.)*)"?|(?<plain>\S+)/g)].map(({ groups }) =>
    groups?.['quoted'] === undefined
      ? (groups?.['plain'] ?? '')
      : groups['quoted'].replace(/\\(?<character>.)/g, '$<character>'),
  );
}

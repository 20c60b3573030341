/** The ways in which headers come: a plain object as Node has it. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The id by which one attempt is found again in answers and logs: the client's own `X-Correlation-Id` where it is safe to
 * log, else a new one.
 */
export function correlationIdOf(headers: Headers): string {
  const id = headers['x-correlation-id'];
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : newId();
}

/** In one piece of memory: as Node makes it, it is a tree of twenty pieces until somebody reads it, kept with each connection. */
function newId(): string {
  return Buffer.from(crypto.randomUUID(), 'latin1').toString('latin1');
}

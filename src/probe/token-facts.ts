import type { TokenFacts } from './attempt.ts';

/** Reads what a token says of itself; nothing is verified. */
export function readTokenFacts(token: string): TokenFacts {
  const [header, claims, signature] = token.split('.').map(decodePart);
  if (header === undefined || claims === undefined || signature === undefined) return { kind: 'opaque' };
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const time = (value: unknown) => (typeof value === 'number' && Math.abs(value) < 8.64e12 ? value * 1_000 : undefined);
  const audience: unknown = Array.isArray(claims['aud']) ? claims['aud'].join(', ') : claims['aud'];
  return {
    kind: 'jwt',
    algorithm: text(header['alg']),
    subject: text(claims['sub']),
    issuer: text(claims['iss']),
    audience: text(audience),
    expiresAt: time(claims['exp']),
    notBefore: time(claims['nbf']),
  };
}

/** A part that is not JSON, as the signature never is, counts as an empty object. */
function decodePart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';

export interface TokenRequest {
  userId: string;
  expiresInMs: number;
  claims?: Readonly<Record<string, unknown>>;
}

/** Makes a JWT that the server accepts. */
export type Mint = (request: TokenRequest) => string | Promise<string>;

export function mintWith(secret: string): Mint {
  return ({ userId, expiresInMs, claims = {} }) => {
    const iat = Date.now() / 1_000;
    return jwt.sign({ ...claims, sub: userId, iat, exp: iat + expiresInMs / 1_000 }, secret);
  };
}

/** Well made in everything but its signature. */
export function forgeToken(userId: string): string {
  return jwt.sign({ sub: userId, scope: 'admin' }, randomBytes(32), { expiresIn: '1h' });
}

/** A good token whose owner was changed afterwards: the signature is that of the old one. */
export function tamperWith(token: string, userId: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims: object = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: userId })).toString('base64url');
  return [header, changed, signature].join('.');
}

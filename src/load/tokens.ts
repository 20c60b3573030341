import { createHmac, randomBytes } from 'node:crypto';

/** How the server's tokens are made, or the one token that there is. Plain data: it is handed to Artillery's workers. */
export type TokenMaker =
  | { kind: 'given'; token: string }
  | {
      kind: 'secret';
      secret: string;
      algorithm: 'HS256' | 'HS384' | 'HS512';
      issuer?: string | undefined;
      audience?: string | undefined;
    };

/** What a step wants for a credential. */
export type TokenWish =
  | 'valid'
  | 'expired'
  | 'forged'
  | 'tampered'
  | 'none'
  | { expiresIn?: number | undefined; claims?: Readonly<Record<string, unknown>> | undefined }
  | { literal: string };

const LIFE_MS = 24 * 3_600_000;

/** A credential for a user; `undefined` where it is to have none. */
export function makeToken(maker: TokenMaker, userId: string, wish: TokenWish = 'valid'): string | undefined {
  if (wish === 'none') return undefined;
  if (typeof wish === 'object' && 'literal' in wish) return wish.literal;
  if (maker.kind === 'given') {
    if (wish === 'valid') return maker.token;
    throw new TypeError(
      'this step needs a token of its own, and --token is but one: pass --secret, so that others can be made',
    );
  }
  if (wish === 'expired') return sign(maker, userId, -60_000);
  if (wish === 'forged') return sign({ ...maker, secret: randomBytes(32).toString('hex') }, userId, LIFE_MS);
  if (wish === 'tampered') return tamper(sign(maker, `not-${userId}`, LIFE_MS), userId);
  if (wish === 'valid') return sign(maker, userId, LIFE_MS);
  return sign(maker, userId, wish.expiresIn ?? LIFE_MS, wish.claims);
}

/** Plain HMAC: ten thousand tokens cost less so than through a library, in the very process whose cost is measured. */
function sign(
  { secret, algorithm, issuer, audience }: Extract<TokenMaker, { kind: 'secret' }>,
  userId: string,
  expiresInMs: number,
  claims: Readonly<Record<string, unknown>> = {},
): string {
  const iat = Date.now() / 1_000;
  const body = { ...claims, sub: userId, iat, exp: iat + expiresInMs / 1_000, iss: issuer, aud: audience };
  const text = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(body)}`;
  return `${text}.${createHmac(algorithm.replace('HS', 'sha'), secret).update(text).digest('base64url')}`;
}

/** A good token whose owner was changed afterwards. */
function tamper(token: string, userId: string): string {
  const [head, body = '', signature] = token.split('.');
  const claims: object = JSON.parse(Buffer.from(body, 'base64url').toString());
  return [head, encode({ ...claims, sub: userId }), signature].join('.');
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

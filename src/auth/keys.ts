import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';
import { RtError } from '../contract/errors.ts';

/** Where the key comes from: one of `secret` and `publicKey`, as the options gate has made sure. */
export interface KeySource {
  secret?: string | undefined;
  /** PEM. */
  publicKey?: string | undefined;
  /** Narrows what the key's type allows. */
  algorithms?: readonly string[] | undefined;
}

/** Beside those of jsonwebtoken, the one that only jose knows. */
export type TokenAlgorithm = Algorithm | 'EdDSA';

/**
 * A key made once, at start, with the algorithms that its type allows: a public key can never be taken for an HMAC
 * secret, and `none` is never among them. Making the key from text at each call costs 50 times the verification.
 */
export interface VerificationKey {
  readonly key: KeyObject;
  readonly algorithms: readonly TokenAlgorithm[];
}

const ALGORITHMS_OF_KEY: Readonly<Record<string, readonly TokenAlgorithm[]>> = {
  secret: ['HS256', 'HS384', 'HS512'],
  rsa: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'rsa-pss': ['PS256', 'PS384', 'PS512'],
  ed25519: ['EdDSA'],
};

const ALGORITHM_OF_CURVE: Readonly<Record<string, Algorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/**
 * @throws RtError `CONFIG_INVALID` with the option at fault in `detail.key` when the key cannot be read or none of the
 * asked algorithms fits it
 */
export function createVerificationKey(source: KeySource): VerificationKey {
  const { option, key } = readKey(source);
  const fitting = algorithmsFitting(key);
  if (fitting.length === 0) {
    const reason = `${option}: a key of type ${key.asymmetricKeyType} signs no tokens; use RSA, P-256, P-384, P-521 or Ed25519`;
    throw new RtError('CONFIG_INVALID', { key: option, reason });
  }
  if (source.algorithms === undefined) {
    return { key, algorithms: key.type === 'secret' ? ['HS256'] : fitting };
  }
  const allowed = fitting.filter((algorithm) => source.algorithms?.includes(algorithm));
  const strange = source.algorithms.find((algorithm) => !allowed.includes(algorithm as TokenAlgorithm));
  if (strange !== undefined || allowed.length === 0) {
    throw new RtError('CONFIG_INVALID', {
      key: 'auth.algorithms',
      reason: `auth.algorithms ${strange ?? '(empty)'} does not fit ${option}, which allows ${fitting.join(', ')}`,
    });
  }
  return { key, algorithms: allowed };
}

function readKey({ secret, publicKey }: KeySource): { option: string; key: KeyObject } {
  if (secret !== undefined) {
    return { option: 'auth.secret', key: createSecretKey(Buffer.from(secret, 'utf8')) };
  }
  try {
    return { option: 'auth.publicKey', key: createPublicKey(publicKey ?? '') };
  } catch (cause) {
    throw new RtError(
      'CONFIG_INVALID',
      { key: 'auth.publicKey', reason: 'auth.publicKey is not a public key in PEM form' },
      { cause },
    );
  }
}

function algorithmsFitting(key: KeyObject): readonly TokenAlgorithm[] {
  if (key.type === 'secret') return ALGORITHMS_OF_KEY['secret'] ?? [];
  const type = key.asymmetricKeyType ?? '';
  if (type === 'ec') {
    const algorithm = ALGORITHM_OF_CURVE[key.asymmetricKeyDetails?.namedCurve ?? ''];
    return algorithm === undefined ? [] : [algorithm];
  }
  return ALGORITHMS_OF_KEY[type] ?? [];
}

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

export interface PublishedKey extends GenerateKeyPairResult {
  kid: string;
  alg: string;
}

export interface KeyServer {
  uri: string;
  /** How often the keys were asked for. */
  readonly fetches: number;
  /** Answers in place of the keys; `undefined` for the keys again. */
  answer: RequestListener | undefined;
  publish(kid: string, alg?: string): Promise<PublishedKey>;
  withdraw(kid: string): void;
}

/** Publishes a JWK Set on a port of its own. */
export async function startKeyServer(): Promise<KeyServer> {
  const keys = new Map<string, object>();
  let fetches = 0;
  const http = createServer((request, response) => {
    fetches += 1;
    if (keyServer.answer !== undefined) keyServer.answer(request, response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [...keys.values()] }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const keyServer: KeyServer = {
    uri: `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks.json`,
    get fetches() {
      return fetches;
    },
    answer: undefined,
    async publish(kid, alg = 'ES256') {
      const pair = await generateKeyPair(alg, { extractable: true });
      keys.set(kid, { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
      return { ...pair, kid, alg };
    },
    withdraw: (kid) => void keys.delete(kid),
  };
  return keyServer;
}

export function signWith({ privateKey, kid, alg }: PublishedKey, sub = '42'): Promise<string> {
  return new SignJWT({ sub }).setProtectedHeader({ alg, kid }).setIssuedAt().setExpirationTime('1d').sign(privateKey);
}

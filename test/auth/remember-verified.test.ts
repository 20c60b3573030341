import { expect, test } from 'vitest';
import { rememberVerified } from '../../src/auth/remember-verified.ts';
import type { Identity } from '../../src/contract/identity.ts';

/** Takes a token for `user@expiry`, and counts how often it is asked. */
function startVerifier() {
  const clock = { now: 1_000 };
  const asked: string[] = [];
  const verify = (token: string): Identity => {
    asked.push(token);
    const [sub = '', at] = token.split('@');
    const expiresAt = at === undefined ? undefined : Number(at);
    if (expiresAt !== undefined && expiresAt <= clock.now) throw new Error('expired');
    const claims = { sub, roles: ['reader'] };
    return { userId: sub, claims, kind: 'jwt', expiresAt, issuedAt: 0, credentialId: undefined, rooms: undefined };
  };
  return { clock, asked, remember: rememberVerified(verify, () => clock.now) };
}

test('a token is verified once, and says the same each time', () => {
  const { asked, remember } = startVerifier();
  expect([remember('ann'), remember('bob'), remember('ann')].map(({ userId }) => userId)).toEqual([
    'ann',
    'bob',
    'ann',
  ]);
  expect(asked).toEqual(['ann', 'bob']);
});

test('until it runs out', () => {
  const { clock, remember } = startVerifier();
  remember('ann@2000');
  clock.now = 1_999;
  expect(remember('ann@2000').userId).toBe('ann');
  clock.now = 2_000;
  expect(() => remember('ann@2000')).toThrow('expired');
});

test('what is refused is asked about again', () => {
  const { asked, remember } = startVerifier();
  for (let time = 0; time < 2; time += 1) expect(() => remember('ann@1')).toThrow('expired');
  expect(asked).toHaveLength(2);
});

test('what an application writes into the claims of one socket is not in those of another', () => {
  const { remember } = startVerifier();
  for (let time = 0; time < 3; time += 1) {
    const { claims } = remember('ann');
    expect(claims['roles']).toEqual(['reader']);
    (claims['roles'] as string[]).push('admin');
  }
});

test('a thousand tokens are remembered, and no more', () => {
  const { asked, remember } = startVerifier();
  for (let user = 0; user < 1_001; user += 1) remember(`u${user}`);
  remember('u1');
  remember('u1000');
  expect(asked).toHaveLength(1_001);
  remember('u0');
  expect(asked).toHaveLength(1_002);
});

import { makeToken } from '../tokens.ts';
import { toWish } from './connect.ts';
import { request } from './request.ts';
import { connected, each, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

interface RefreshArgs {
  token?: unknown;
  claims?: Record<string, unknown>;
  /** A token of somebody else. */
  user?: string;
  /** The code of the refusal that is expected. */
  refused?: string;
}

export const refresh = defineStep<RefreshArgs | null>({
  nature: 'both',
  isJudged: () => true,
  describe: (args, label) =>
    `${nameOf(label)} ${args?.refused === undefined ? 'gets a new token accepted' : `has a new token refused (${args.refused})`}`,
  async run(args, stage, { label }) {
    const { token, claims, user, refused } = args ?? {};
    const match = refused === undefined ? {} : { match: { ok: false, error: { code: refused } } };
    const renew = async (member: Parameters<typeof request>[1]) => {
      const fresh = makeToken(stage.host.tokens, user ?? member.entrance.user, toWish(token, claims));
      await request(stage, member, 'auth:refresh', { token: fresh }, match);
    };
    return [await each(connected(stage, label), renew)];
  },
});

export const revoke = defineStep<{ user: string }>({
  nature: 'acts',
  isGlobal: true,
  describe: ({ user }) => `the tokens of ${user} are revoked`,
  run: async ({ user }, stage) => void (await stage.requireAdmin().revokeToken({ userId: String(user) })),
});

export const kick = defineStep<{ user: string }>({
  nature: 'acts',
  isGlobal: true,
  describe: ({ user }) => `${user} is kicked`,
  run: async ({ user }, stage) => void (await stage.requireAdmin().kick({ userId: String(user) })),
});

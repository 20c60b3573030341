import type { Context } from './context.ts';

/** A token that is there already, and what gave it. */
export interface GivenToken {
  token: string;
  from: '--token' | 'RTSERVER_TOKEN';
}

/**
 * `--token`, then RTSERVER_TOKEN, where no other flag asks for a new one.
 *
 * @param isToBeMade `--secret` or `--user` says what a token is to be made with
 */
export function findGivenToken({ io }: Context, flag: string | undefined, isToBeMade = false): GivenToken | undefined {
  if (flag !== undefined) return { token: flag, from: '--token' };
  const variable = io.env['RTSERVER_TOKEN'];
  return variable && !isToBeMade ? { token: variable, from: 'RTSERVER_TOKEN' } : undefined;
}

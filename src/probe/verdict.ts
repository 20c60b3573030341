import type { ProbeTransport, TokenFacts } from './attempt.ts';

/** How one attempt ended. `skipped`: there was nothing to try. */
export type Outcome = 'passed' | 'refused' | 'unreachable' | 'not-socket.io' | 'skipped';

/** Why, and what would change it. */
export interface Explanation {
  /** What decided, in a word or two: a key of the configuration, a part of the server, something on the way. */
  rule: string;
  reason: string;
  /** What to change; `undefined` where nothing has to be. */
  advice?: string | undefined;
}

/** What one refusal of our server is explained from. */
export interface RefusalFacts {
  data: Readonly<Record<string, unknown>>;
  origin: string | undefined;
  token: TokenFacts | undefined;
  now: number;
}

/** An attempt, judged. */
export interface Verdict {
  transport: ProbeTransport;
  origin: string | null;
  /** Was a token sent? */
  token: boolean;
  isAsked: boolean;
  outcome: Outcome;
  status?: number | undefined;
  code?: string | undefined;
  message?: string | undefined;
  correlationId?: string | undefined;
  rule: string | null;
  reason: string | null;
  advice: string | null;
}

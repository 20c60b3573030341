import { formatDuration } from '../contract/units.ts';
import type { Explanation } from './verdict.ts';

/** A `connect_error` without a code of the contract: the server's own words. */
export function explainMiddleware(message: string, hasToken: boolean, namespace: string): Explanation {
  if (message === 'Invalid namespace') {
    return {
      rule: 'namespace',
      reason: `The server has no namespace ${namespace}. The path of a URL names one.`,
      advice: 'Leave the path out of the URL; a Socket.IO server behind another path is named with --path.',
    };
  }
  return {
    rule: 'middleware (io.use)',
    reason: `A middleware of the server refused, in its own words: ${message}.`,
    advice: hasToken
      ? 'Compare what it checks: the token was sent as auth.token, and not as a header, a cookie or in the query.'
      : 'If it wants a token, send one with --token: it goes to the server as auth.token.',
  };
}

/** A connection that was ended by the server without a code of the contract. */
export function explainEnd(message: string): Explanation {
  return {
    rule: 'disconnected',
    reason: `The server took the connection and ended it: ${message}.`,
    advice: 'Look into its `connection` handler, which may check a token after letting in, and into its log.',
  };
}

/** CONNECT was taken and neither granted nor refused. */
export function explainUnanswered(timeoutMs: number): Explanation {
  return {
    rule: 'middleware (io.use)',
    reason: `The server opened the connection and did not answer CONNECT within ${formatDuration(timeoutMs)}.`,
    advice:
      'A middleware of the server probably never calls next(), or waits for something slow (--timeout 30s gives it longer).',
  };
}

import type { Explanation, RefusalFacts } from './verdict.ts';

/** `TOKEN_INVALID`, by the reason that the server gave and what the token says of itself. */
export function explainInvalidToken({ data, token = { kind: 'opaque' } }: RefusalFacts): Explanation {
  const { subject, issuer, audience, algorithm, notBefore } = token;
  const says = (claim: string, value: string | undefined) =>
    value === undefined ? `It has no ${claim}` : `It says ${claim} ${JSON.stringify(value)}`;
  switch (data['reason']) {
    case 'signature':
      return {
        rule: 'auth: signature',
        reason: 'The token was signed with another secret or key than the server verifies with.',
        advice: `Sign it with the server’s own: rtserver token --user ${subject ?? 'ID'} --secret @FILE; or correct auth.secret (auth.publicKey, auth.jwksUri).`,
      };
    case 'algorithm':
      return {
        rule: 'auth.algorithms',
        reason: `${says('alg', algorithm)}, which the server’s key does not allow.`,
        advice: 'Sign with an algorithm of the server’s key (HS256 for a secret), or set auth.algorithms.',
      };
    case 'issuer':
      return {
        rule: 'auth.issuer',
        reason: `${says('iss', issuer)}, and the server wants another issuer.`,
        advice: 'Get the token from the issuer that auth.issuer names, or correct auth.issuer.',
      };
    case 'audience':
      return {
        rule: 'auth.audience',
        reason: `${says('aud', audience)}, and the server wants another audience.`,
        advice: 'Ask the issuer for a token with the audience that auth.audience names, or correct auth.audience.',
      };
    case 'not active':
      return {
        rule: 'auth: not before',
        reason: `The token is not good yet${notBefore === undefined ? '' : `: its nbf is ${new Date(notBefore).toISOString()}`}.`,
        advice: 'Wait, or compare the clocks of issuer and server (auth.clockToleranceSeconds).',
      };
    case 'subject':
      return {
        rule: 'auth: subject',
        reason: 'The token does not say whose it is: sub must be a text of 1 to 128 characters.',
        advice: 'Put the user’s id in the claim sub, as text: rtserver token --user ID does.',
      };
    default:
      return {
        rule: 'auth: token format',
        reason: 'The token has two dots but cannot be read as a JWT.',
        advice: 'Pass the whole token, without quotes, spaces or "Bearer"; rtserver token --user ID makes one.',
      };
  }
}

import { isLoopback } from '../contract/loopback.ts';
import { type CorsAnswer, type ProbeResults, STRANGER } from './attempt.ts';
import { explainCertificate } from './explain-network.ts';
import type { Explanation, Verdict } from './verdict.ts';

/** Something that was noticed beside the attempts themselves. */
export interface Finding extends Explanation {
  /** Is it worth a change, or only good to know? */
  level: 'warning' | 'info';
}

/** What the attempts say when they are compared, and what a browser would make of the answers. */
export function findFindings(results: ProbeResults, attempts: readonly Verdict[]): Finding[] {
  return [...findGuards(results, attempts), ...findBrowserTrouble(results, attempts), ...findCertificate(results)];
}

function findGuards({ cors }: ProbeResults, attempts: readonly Verdict[]): Finding[] {
  const strangers = attempts.filter(({ origin }) => origin === STRANGER);
  if (strangers.length === 0) return [];
  const isOpen = attempts.some(({ token, outcome }) => !token && outcome === 'passed');
  const isOriginOpen = strangers.some(({ outcome }) => outcome === 'passed');
  if (isOpen && isOriginOpen) return [NOTHING_GUARDS];
  const checked = strangers.filter((stranger) => isTheOrigin(stranger, attempts));
  const isReadable = cors.some((answer) => answer.origin === STRANGER && mayRead(answer));
  return [
    ...(isOpen ? [NO_TOKEN_NEEDED] : []),
    ...(checked.length === strangers.length ? [ORIGINS_CHECKED] : []),
    ...(strangers.some(isBeyondOrigin) ? [anyOrigin(strangers, isReadable)] : []),
  ];
}

const NOTHING_GUARDS: Finding = {
  level: 'warning',
  rule: 'no rule at all',
  reason: `Nothing guards this server: any origin connects (a made-up one did, ${STRANGER}), and no token is needed.`,
  advice:
    'Check a token in a middleware (io.use) and the origin in allowRequest, as CORS headers stop no WebSocket; or use rtserver, which does both.',
};

const NO_TOKEN_NEEDED: Finding = {
  level: 'warning',
  rule: 'no token needed',
  reason: 'Connections without a token are let in.',
  advice: 'Check a token in a middleware (io.use), unless everybody may connect.',
};

const ORIGINS_CHECKED: Finding = {
  level: 'info',
  rule: 'origins',
  reason: `Origins are checked, over both transports: a made-up one (${STRANGER}) was refused.`,
};

function anyOrigin(strangers: readonly Verdict[], isReadable: boolean): Finding {
  const open = strangers.filter(isBeyondOrigin).map(({ transport }) => transport);
  const how = open.length === strangers.length ? '' : `, over ${open.join(' and ')},`;
  const isLetIn = strangers.some(({ outcome }) => outcome === 'passed');
  const reached = isLetIn ? 'connects' : 'gets as far as the other checks';
  const cors = isReadable ? '' : ' Its CORS headers keep pages from reading polling, and do not stop a WebSocket.';
  return {
    level: 'warning',
    rule: 'origins',
    reason: `A page of any origin${how} ${reached}: a made-up one did (${STRANGER}).${cors}`,
    advice: 'Check the Origin header in allowRequest, for both transports (cors.origins of rtserver does).',
  };
}

/** Was it for its origin that the stranger was refused? Only if somebody else with the same token got further. */
function isTheOrigin(stranger: Verdict, attempts: readonly Verdict[]): boolean {
  const { transport, token } = stranger;
  return (
    isOriginRefusal(stranger) &&
    attempts.some((other) => other.transport === transport && other.token === token && isBeyondOrigin(other))
  );
}

const isOriginRefusal = ({ code, rule }: Verdict) =>
  code === 'ORIGIN_NOT_ALLOWED' || rule === 'allowRequest' || rule === 'HTTP 403';

/** The server had the origin in its hands and looked at something else. What a middleware of its own looks at, nobody knows. */
const isBeyondOrigin = ({ outcome, rule, status, code }: Verdict) =>
  outcome === 'passed' ||
  (outcome === 'refused' &&
    status === undefined &&
    code !== 'ORIGIN_NOT_ALLOWED' &&
    rule !== 'Upgrade header' &&
    rule !== 'middleware (io.use)');

/** Would a browser let a page of this origin read the answers to polling? */
function mayRead({ origin, allowOrigin }: CorsAnswer): boolean {
  return allowOrigin === '*' || allowOrigin === origin;
}

function findBrowserTrouble({ url, origin, cors }: ProbeResults, attempts: readonly Verdict[]): Finding[] {
  if (origin === undefined) return [];
  const server = new URL(url);
  const page = URL.canParse(origin) ? new URL(origin) : undefined;
  if (origin !== 'null' && page?.origin !== origin) return [describeFormat(origin, page)];
  const isMixed = page?.protocol === 'https:' && server.protocol === 'http:' && !isLoopback(server.hostname);
  const isRefused = attempts.some((verdict) => verdict.isAsked && isOriginRefusal(verdict));
  const answer = cors.find((each) => each.origin === origin);
  const isCrossOrigin = page?.origin !== server.origin;
  return [
    ...(isMixed ? [describeMixedContent(origin, url)] : []),
    ...(answer !== undefined && isCrossOrigin && !isRefused ? [describeCors(answer)] : []),
  ];
}

function describeFormat(origin: string, page: URL | undefined): Finding {
  const meant = page === undefined || page.origin === 'null' ? 'https://app.example' : page.origin;
  return {
    level: 'warning',
    rule: 'origin format',
    reason: `No browser sends "${origin}": an origin is scheme://host, with a port where it is not the usual one, and no path.`,
    advice: `Probe with what a browser sends: --origin ${meant}`,
  };
}

function describeMixedContent(origin: string, url: string): Finding {
  return {
    level: 'warning',
    rule: 'mixed content',
    reason: `Browsers do not let a page of ${origin} (https) connect to ${url} (http).`,
    advice: 'Serve it over TLS: rtserver start --tls-cert FILE --tls-key FILE, or a proxy that does.',
  };
}

function describeCors(answer: CorsAnswer): Finding {
  const { origin, allowOrigin, allowsCredentials } = answer;
  const said = `Access-Control-Allow-Origin: ${allowOrigin ?? 'not there'}`;
  if (!mayRead(answer)) {
    return {
      level: 'warning',
      rule: 'CORS',
      reason: `A browser would not let a page of ${origin} read the answers to polling (${said}); WebSocket is not concerned.`,
      advice: `Allow it: rtserver start --origin ${origin} (cors.origins; cors.origin of a stock server).`,
    };
  }
  // A browser takes no credentials along where the answer is for everybody.
  const withCredentials = allowsCredentials && allowOrigin !== '*';
  return {
    level: 'info',
    rule: 'CORS',
    reason: `A browser lets a page of ${origin} read the answers to polling, ${withCredentials ? 'also with credentials (cookies)' : 'but not with credentials (cookies; withCredentials in the client)'} (${said}).`,
  };
}

function findCertificate({ surroundings: { certificateProblem } }: ProbeResults): Finding[] {
  if (certificateProblem === undefined) return [];
  return [
    {
      level: 'warning',
      rule: 'TLS certificate',
      reason: `${explainCertificate(certificateProblem)} (${certificateProblem}). --insecure looked past it; other clients do not.`,
      advice: 'Install a certificate that clients trust, or have them trust its CA (NODE_EXTRA_CA_CERTS=ca.pem).',
    },
  ];
}

import type { HttpRefusal, ProbeTransport } from './attempt.ts';
import type { Explanation, Outcome } from './verdict.ts';

/** Who says no, and whether it is a Socket.IO server at all. */
export interface HttpVerdict extends Explanation {
  outcome: Outcome;
  code?: string | undefined;
  message?: string | undefined;
}

interface Where {
  transport: ProbeTransport;
  url: string;
  path: string;
}

/** What Engine.IO answers to a handshake, by number: JSON over polling, the bare text over a WebSocket. */
const ENGINE_MESSAGES = [
  'Transport unknown',
  'Session ID unknown',
  'Bad handshake method',
  'Bad request',
  'Forbidden',
  'Unsupported protocol version',
];

/** Reads an answer of a stock server, a proxy or a web server; codes of the contract are not for here. */
export function explainHttp(answer: HttpRefusal, where: Where): HttpVerdict {
  const said = readEngineError(answer);
  if (said !== undefined) {
    const explanation = explainEngineError(said.code, said.message, where);
    return { outcome: 'refused', code: String(said.code), message: said.message, ...explanation };
  }
  return { message: summarize(answer), ...explainStatus(answer, where) };
}

function readEngineError({ status, body }: HttpRefusal): { code: number; message: string } | undefined {
  const known = ENGINE_MESSAGES.indexOf(body.trim());
  if (status === 400 && known >= 0) return { code: known, message: body.trim() };
  try {
    const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown };
    if (typeof code === 'number' && ENGINE_MESSAGES[code] !== undefined) return { code, message: String(message) };
  } catch {
    // Not JSON: not Engine.IO.
  }
  return undefined;
}

function explainEngineError(code: number, message: string, { transport }: Where): Explanation {
  switch (code) {
    case 0:
      return transport === 'polling' ? NO_POLLING : NO_WEBSOCKET;
    case 1:
      return {
        rule: 'sticky sessions',
        reason: 'The request after the first one reached a process that does not know the session.',
        advice: 'Make the load balancer keep a client on one process (sticky sessions), or use WebSocket alone.',
      };
    case 3:
      return transport === 'polling'
        ? {
            rule: 'handshake',
            reason:
              'The server could not make sense of the handshake: something on the way changes it, or its own HTTP middleware (io.engine.use) failed.',
            advice: 'Probe the server itself, without what is in front of it, and compare.',
          }
        : UPGRADE_STRIPPED;
    case 4:
      return {
        rule: 'allowRequest',
        reason: `The server’s own check of the request (allowRequest) refused it: ${message}.`,
        advice: 'Look into allowRequest of the server: it commonly checks Origin, cookies or headers.',
      };
    case 5:
      return {
        rule: 'protocol version',
        reason: 'The server does not speak version 4 of Engine.IO.',
        advice: 'Use server and clients of the same generation (version 3 or 4 of both).',
      };
    default:
      return {
        rule: 'handshake',
        reason: `The handshake did not arrive as it was sent: ${message}.`,
        advice: 'Look at what is between here and the server.',
      };
  }
}

const NO_POLLING: Explanation = {
  rule: 'transports',
  reason: 'The server does not offer polling.',
  advice:
    'Have clients say transports: ["websocket"], or allow polling (engine.transports; `transports` of a stock server).',
};

/** Said by the server, or to be seen from a session that it opens and does not let upgrade. */
export const NO_WEBSOCKET: Explanation = {
  rule: 'transports',
  reason: 'The server does not offer WebSocket.',
  advice: 'Allow websocket (engine.transports; `transports` of a stock server).',
};

/** The server saw a WebSocket handshake as a plain request. */
export const UPGRADE_STRIPPED: Explanation = {
  rule: 'Upgrade header',
  reason: 'The handshake of the WebSocket did not arrive as one: something on the way drops the Upgrade header.',
  advice:
    'Let the proxy pass it on. nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; other proxies and load balancers: switch on WebSockets.',
};

function explainStatus(answer: HttpRefusal, { transport, url, path }: Where): Explanation & { outcome: Outcome } {
  const { status, location } = answer;
  if (status >= 300 && status < 400) {
    return {
      outcome: 'not-socket.io',
      rule: 'redirect',
      reason: `The server sends clients elsewhere${location === undefined ? '' : `: ${location}`}. WebSockets do not follow.`,
      advice: 'Use the address that it leads to.',
    };
  }
  if ([401, 403, 407].includes(status)) {
    return {
      outcome: 'refused',
      rule: `HTTP ${status}`,
      reason: 'Something in front of Socket.IO refused the request: a proxy, a firewall or a check of the HTTP server.',
      advice: 'Look there for a rule about the path, the origin, cookies or a login.',
    };
  }
  if (status === 429) {
    return {
      outcome: 'refused',
      rule: 'HTTP 429',
      reason: 'Too many requests came from here.',
      advice: 'Try again later.',
    };
  }
  if ([502, 503, 504].includes(status)) {
    return {
      outcome: 'unreachable',
      rule: `HTTP ${status}`,
      reason: 'A proxy answered, and the server behind it did not.',
      advice: 'Start the server, or correct where the proxy sends requests to.',
    };
  }
  if (status === 404) {
    return {
      outcome: 'not-socket.io',
      rule: 'path',
      reason: `An HTTP server is there, and it has nothing at ${path}.`,
      advice: 'Say the path of the Socket.IO server with --path, or check host and port.',
    };
  }
  return {
    outcome: 'not-socket.io',
    rule: `HTTP ${status}`,
    reason: `${url} answered the ${transport} handshake in HTTP, and not as a Socket.IO server does.`,
    advice: 'Check host, port and --path: this looks like another server.',
  };
}

function summarize({ status, body, contentType }: HttpRefusal): string {
  const type = contentType?.split(';')[0] ?? '';
  const text = type.includes('html') || body.trimStart().startsWith('<') ? 'an HTML page' : body.trim().slice(0, 80);
  return `HTTP ${status}${text === '' ? '' : `, ${text}`}`;
}

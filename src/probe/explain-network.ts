import { formatDuration } from '../contract/units.ts';
import type { Answer } from './attempt.ts';
import type { Explanation } from './verdict.ts';

/** A connection that failed before anybody spoke HTTP. */
export function explainUnreachable(errno: string, url: string): Explanation {
  const { host, hostname } = new URL(url);
  switch (errno) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        rule: 'DNS',
        reason: `The name ${hostname} has no address${errno === 'EAI_AGAIN' ? ', or the name server does not answer' : ''}.`,
        advice: 'Check the spelling, and the DNS of this machine.',
      };
    case 'ECONNREFUSED':
      return {
        rule: 'port closed',
        reason: `Nothing listens at ${host}.`,
        advice: 'Start the server (rtserver start), or correct host and port.',
      };
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        rule: 'connection reset',
        reason: 'The connection was taken and ended without an answer.',
        advice: 'Check that the port is the one of the Socket.IO server, --path, and what stands in front of it.',
      };
    default:
      return {
        rule: 'network',
        reason: `${host} cannot be reached${errno === '' ? '' : ` (${errno})`}.`,
        advice: 'Check the network, the firewall, host and port.',
      };
  }
}

/** A connection that nobody answered in time. */
export function explainTimeout(timeoutMs: number): Explanation {
  return {
    rule: 'no answer',
    reason: `Nobody answered within ${formatDuration(timeoutMs)}.`,
    advice: 'Check firewalls and proxies on the way; a slow server gets longer with --timeout 30s.',
  };
}

/** A TLS handshake that failed, by the code of the error: over the certificate, or altogether. */
export function explainTls(errno: string): Explanation {
  if (!/CERT|VERIFY|ALTNAME|HOSTNAME|ISSUER|SIGNATURE/.test(errno)) {
    return {
      rule: 'TLS',
      reason: `The TLS handshake failed (${errno}).`,
      advice: 'Check that the port speaks TLS at all.',
    };
  }
  return {
    rule: 'TLS certificate',
    reason: `${explainCertificate(errno)} (${errno}).`,
    advice:
      'Install a certificate that clients trust, or trust its CA (NODE_EXTRA_CA_CERTS=ca.pem). To look further all the same: --insecure.',
  };
}

/** What is wrong with a certificate, as the beginning of a sentence. */
export function explainCertificate(errno: string): string {
  if (errno === 'CERT_HAS_EXPIRED') return 'The certificate of the server has expired';
  if (errno === 'CERT_NOT_YET_VALID') return 'The certificate of the server is not valid yet';
  if (errno.includes('ALTNAME') || errno.includes('HOSTNAME')) {
    return 'The certificate of the server is for another host name';
  }
  if (errno.includes('SELF_SIGNED')) return 'The certificate of the server is self-signed';
  return 'The certificate of the server was issued by nobody that this machine trusts';
}

/** The port speaks the other scheme than the URL says. */
export function explainScheme(speaks: 'http' | 'https', url: string): Explanation {
  return {
    rule: 'scheme',
    reason:
      speaks === 'https'
        ? 'The port speaks TLS, and was spoken to without.'
        : 'The port speaks plain HTTP, and was spoken to in TLS.',
    advice: `Use ${speaks}${url.slice(url.indexOf(':'))}`,
  };
}

/** An answer that is no Engine.IO of version 4. */
export function explainProtocol({ body, message }: Extract<Answer, { kind: 'protocol' }>): Explanation {
  // Version 3 of Engine.IO puts the length of each packet in front.
  if (/^\d+:0\{"sid"/.test(body)) {
    return {
      rule: 'protocol version',
      reason: 'This is a Socket.IO server of version 2, which speaks an older protocol.',
      advice: 'Bring the server to version 4, or connect with a client of version 2.',
    };
  }
  const isHtml = body.trimStart().startsWith('<');
  return {
    rule: 'not Socket.IO',
    reason: isHtml ? 'A web page came where a Socket.IO server should be.' : `${message.slice(0, 160)}.`,
    advice: 'Check host, port and --path: this looks like another server.',
  };
}

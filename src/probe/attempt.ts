/** What is tried; `upgrade` moves a connection that polls to a WebSocket. */
export type ProbeTransport = 'polling' | 'websocket' | 'upgrade';

/** What came back from one try, as it came: no judgement yet. */
export type Answer =
  | { kind: 'connected'; userId?: string | undefined }
  /** CONNECT was answered with an error (`refused`), or the server let in and put out again (`ended`). */
  | {
      kind: 'refused' | 'ended';
      message: string;
      code?: string | undefined;
      data?: Readonly<Record<string, unknown>> | undefined;
    }
  /** HTTP instead of a connection. */
  | HttpRefusal
  /** A connection that speaks something else than Engine.IO. */
  | { kind: 'protocol'; message: string; body: string }
  | { kind: 'unreachable' | 'tls'; message: string; errno: string }
  | { kind: 'timeout'; message: string }
  /** A transport was opened, and CONNECT never answered. */
  | { kind: 'unanswered'; message: string }
  | { kind: 'skipped'; message: string };

/** Did it come from a Socket.IO server, which had opened a transport by then? */
export const isOfSocketIo = ({ kind }: Answer): boolean =>
  kind === 'connected' || kind === 'refused' || kind === 'ended' || kind === 'unanswered';

/** An answer in HTTP that is no connection. */
export interface HttpRefusal {
  kind: 'http';
  status: number;
  body: string;
  location?: string | undefined;
  contentType?: string | undefined;
}

/** One try, and what came of it. */
export interface Attempt {
  transport: ProbeTransport;
  origin: string | undefined;
  hasToken: boolean;
  /** With the origin and token that were given: what the exit code is about. The others show which of the two it hangs on. */
  isAsked: boolean;
  answer: Answer;
}

/** What a server says about who may read its answers to polling, to pages of this origin. */
export interface CorsAnswer {
  origin: string;
  /** `Access-Control-Allow-Origin`. */
  allowOrigin: string | null;
  allowsCredentials: boolean;
}

/** What was found out beside the attempts, where one of them gave a reason to look. */
export interface Surroundings {
  /** The port speaks TLS although the URL says `http`, or plain HTTP although it says `https`. */
  speaks?: 'https' | 'http' | undefined;
  /** A path at which a Socket.IO server does answer. */
  otherPath?: string | undefined;
  /** What is wrong with a certificate that `--insecure` ignored. */
  certificateProblem?: string | undefined;
}

/** Everything that was seen; what `diagnose` reads. */
export interface ProbeResults {
  url: string;
  path: string;
  namespace: string;
  origin: string | undefined;
  token: TokenFacts | undefined;
  timeoutMs: number;
  attempts: readonly Attempt[];
  cors: readonly CorsAnswer[];
  surroundings: Surroundings;
}

/** What a token says of itself, unverified. Never the token. */
export interface TokenFacts {
  kind: 'jwt' | 'opaque';
  algorithm?: string | undefined;
  subject?: string | undefined;
  issuer?: string | undefined;
  audience?: string | undefined;
  /** Milliseconds since 1970. */
  expiresAt?: number | undefined;
  notBefore?: number | undefined;
}

/** An origin that nobody has configured: who lets it in lets in every page. */
export const STRANGER = 'https://stranger.invalid';

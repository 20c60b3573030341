import type { Wire } from '../wire/wire.ts';
import type { Mailbox } from './mailbox.ts';
import type { TokenWish } from './tokens.ts';

/** How a socket connects; kept so that it can come back. */
export interface Entrance {
  user: string;
  token: TokenWish;
  origin?: string | undefined;
  transports: readonly ('websocket' | 'polling')[];
}

/** One socket of a virtual user. Cheap: a cohort has thousands of them. */
export interface Member {
  label: string;
  entrance: Entrance;
  wire: Wire | undefined;
  /** `ended` by the server, and a step expected it. */
  state: 'connected' | 'refused' | 'left' | 'ended';
  /** Which `connect` of its label it came from. */
  batch: number;
  /** When something was last done that the server may answer by ending the connection; clock of `performance.now()`. */
  actedAt: number;
  /** What `closing` said. */
  closingCode: string | undefined;
  /** None on the sockets of a cohort, whose events are only counted. */
  mailbox: Mailbox | undefined;
  /** A slow one does not read. */
  isSlow: boolean;
}

export const isConnected = (member: Member): member is Member & { wire: Wire } =>
  member.state === 'connected' && member.wire !== undefined && member.wire.closing === undefined;

/** Open as far as anybody said, and yet its connection is gone. A slow one may be: servers end those. */
export const isLost = ({ state, wire, isSlow }: Member): boolean =>
  state === 'connected' && wire?.closing !== undefined && !isSlow;

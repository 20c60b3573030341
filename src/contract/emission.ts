import type { RecipientAck } from './ack.ts';
import type { ErrorCode } from './errors.ts';

/** Sockets by whom they belong to, where they are, and what they are. Lists add up; nobody is counted twice. */
export interface TargetSet {
  users?: readonly string[] | undefined;
  rooms?: readonly string[] | undefined;
  /** Socket ids. */
  sockets?: readonly string[] | undefined;
}

/**
 * Who gets an event. None of `users`, `rooms` and `sockets` means everyone; an empty list means nobody on that list,
 * so that `{ users: [] }` reaches nobody.
 */
export interface Target extends TargetSet {
  /** Left out, whatever the rest says. */
  except?: TargetSet | undefined;
}

/** Why an emission did not happen: a code, so that callers can tell the cases apart. */
export type EmitFailureReason = Extract<
  ErrorCode,
  'SERVER_NOT_RUNNING' | 'PAYLOAD_INVALID' | 'EVENT_RESERVED' | 'EVENT_UNKNOWN' | 'ADAPTER_FAILED' | 'INTERNAL'
>;

/** The result of `emit`. `recipients` counts sockets, those of this node; `detail` says more of the reason. */
export type EmitResult = { ok: true; recipients: number } | { ok: false; reason: EmitFailureReason; detail?: string };

/** One emission as `POST /api/emit` takes it. */
export interface EmitRequest {
  event: string;
  payload?: unknown;
  /** Everyone where it is `all` or left out; one that names nobody is refused: it is more likely a mistake. */
  to?: Target | 'all' | undefined;
  except?: TargetSet | undefined;
  ack?: { timeoutMs?: number | undefined } | undefined;
}

/** The answer to one `EmitRequest`; `acks` where acknowledgements were asked for. */
export type EmitResponse = EmitResult & {
  acks?: RecipientAck[];
  /** Nodes of a cluster whose recipients are not counted; `null` for all but one. */
  missingNodes?: number | null;
};

/** The most emissions in one request. */
export const EMIT_BATCH_MAX = 1_000;

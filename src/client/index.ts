export type { RecipientAck } from '../contract/ack.ts';
export type { Closing, ClosingCode, Refusal } from '../contract/closings.ts';
export type {
  EmitFailureReason,
  EmitRequest,
  EmitResponse,
  EmitResult,
  Target,
  TargetSet,
} from '../contract/emission.ts';
export { type ErrorCode, type ErrorDetail, RtError } from '../contract/errors.ts';
export {
  defineEvents,
  type EventSchemas,
  type Pong,
  type ProtocolJoinResult,
  type ProtocolLeaveResult,
  type Ready,
  type RefreshResult,
  type Register,
  type RoomResult,
} from '../contract/events.ts';
export type { Claims } from '../contract/identity.ts';
export type { EventInfo, Page, RefusalInfo, RoomInfo, SocketInfo, UserInfo } from '../contract/resources.ts';
export {
  type AdminClient,
  type AdminClientOptions,
  type ClosedResult,
  createAdminClient,
  type EndedSessions,
  type PageQuery,
} from './admin.ts';
export { connect } from './connect.ts';
export type { Acknowledge, ConnectOptions, RealtimeClient, SystemPayloads } from './realtime-client.ts';

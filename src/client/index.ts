export type { Closing, ClosingCode, Refusal } from '../contract/closings.ts';
export { type ErrorCode, RtError } from '../contract/errors.ts';
export { defineEvents, type Ready, type Register } from '../contract/events.ts';
export { type AdminClient, type AdminClientOptions, createAdminClient, type PageQuery } from './admin.ts';
export { connect } from './connect.ts';
export type { Acknowledge, ConnectOptions, RealtimeClient, SystemPayloads } from './realtime-client.ts';

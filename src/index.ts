// Running a server

export { createRealtimeServer } from './create-server.ts';
export type { AuthenticatedUser, AuthenticateUser } from './custom-check.ts';
export { defineConfig, type ServerConfig } from './define-config.ts';
export type { RealtimeServerOptions } from './options.ts';
export type { RealtimeServer, Users } from './realtime-server.ts';
export type { ReloadReport } from './reload.ts';
export type { ResolvedSettings, Settings } from './settings-schema.ts';

// Declaring events and modules

export { defineEvents, type EventSchemas, type Register } from './contract/events.ts';
export {
  defineHandler,
  defineModule,
  type ModuleContext,
  type ModuleHandler,
  type RealtimeModule,
} from './core/modules.ts';

// Emitting

export type { RecipientAck } from './contract/ack.ts';
export type { EmitFailureReason, EmitResult, Target, TargetSet } from './contract/emission.ts';
export type { Emitter } from './core/emitter.ts';
export { getRealtimeServer, realtime } from './global.ts';

// Who is connected, and why not

export type { Closing, ClosingCode, Refusal } from './contract/closings.ts';
export { type ErrorCode, type ErrorDetail, RtError } from './contract/errors.ts';
export type { Claims } from './contract/identity.ts';
export type { SocketData } from './core/connection.ts';
export type { Handshake } from './core/handshake.ts';

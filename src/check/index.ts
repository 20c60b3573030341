import { allowedOrigins } from './realtime-events/allowed-origins.ts';
import { authentication } from './realtime-events/authentication.ts';
import { clientConnection } from './realtime-events/client-connection.ts';
import { clientDisconnection } from './realtime-events/client-disconnection.ts';
import { connectionErrorLogging } from './realtime-events/connection-error-logging.ts';
import { credentialsHandling } from './realtime-events/credentials-handling.ts';
import { eventEmissionLogging } from './realtime-events/event-emission-logging.ts';
import { failedEmissionHandling } from './realtime-events/failed-emission-handling.ts';
import { infrastructureFailureLogging } from './realtime-events/infrastructure-failure-logging.ts';
import { moduleSpecificRooms } from './realtime-events/module-specific-rooms.ts';
import { reconnection } from './realtime-events/reconnection.ts';
import { roomBroadcastIsolation } from './realtime-events/room-broadcast-isolation.ts';
import { serverInitialization } from './realtime-events/server-initialization.ts';
import { transportMethods } from './realtime-events/transport-methods.ts';
import { typedEventEmission } from './realtime-events/typed-event-emission.ts';
import { userRoomAutoJoin } from './realtime-events/user-room-auto-join.ts';
import { userRoomPattern } from './realtime-events/user-room-pattern.ts';
import { userTargetedBroadcasts } from './realtime-events/user-targeted-broadcasts.ts';
import type { Scenario } from './scenario.ts';
import { broadcastToRoom } from './websocket-server/broadcast-to-room.ts';
import { clientConnects } from './websocket-server/client-connects.ts';
import { clientDisconnects } from './websocket-server/client-disconnects.ts';
import { clientJoinsRoom } from './websocket-server/client-joins-room.ts';
import { clientLeavesRoom } from './websocket-server/client-leaves-room.ts';
import { connectionAuthentication } from './websocket-server/connection-authentication.ts';
import { corsConfiguration } from './websocket-server/cors-configuration.ts';
import { eventAcknowledgment } from './websocket-server/event-acknowledgment.ts';
import { eventToAllClients } from './websocket-server/event-to-all-clients.ts';
import { heartbeatReceived } from './websocket-server/heartbeat-received.ts';
import { heartbeatTimeout } from './websocket-server/heartbeat-timeout.ts';
import { maximumConnectionsPerUser } from './websocket-server/maximum-connections-per-user.ts';
import { serverEmitsEvent } from './websocket-server/server-emits-event.ts';
import { websocketServerStarts } from './websocket-server/websocket-server-starts.ts';

/** Every scenario of the two specifications, in their order. */
export const SCENARIOS: readonly Scenario[] = [
  serverInitialization,
  authentication,
  userRoomAutoJoin,
  typedEventEmission,
  userTargetedBroadcasts,
  failedEmissionHandling,
  clientConnection,
  clientDisconnection,
  reconnection,
  userRoomPattern,
  moduleSpecificRooms,
  roomBroadcastIsolation,
  eventEmissionLogging,
  connectionErrorLogging,
  infrastructureFailureLogging,
  allowedOrigins,
  transportMethods,
  credentialsHandling,

  websocketServerStarts,
  corsConfiguration,
  clientConnects,
  clientDisconnects,
  connectionAuthentication,
  clientJoinsRoom,
  clientLeavesRoom,
  broadcastToRoom,
  serverEmitsEvent,
  eventToAllClients,
  eventAcknowledgment,
  maximumConnectionsPerUser,
  heartbeatReceived,
  heartbeatTimeout,
];

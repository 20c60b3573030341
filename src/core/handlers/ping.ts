import type { Handler } from './context.ts';

/** The heartbeat. Its payload means nothing. */
export const ping: Handler = (_payload, connection, { beat }) => {
  beat(connection);
  const { lastSeen } = connection.socket.data;
  return { lastSeen, serverTime: lastSeen };
};

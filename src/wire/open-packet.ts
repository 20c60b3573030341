/** The first packet of the server. Times are milliseconds. */
export interface OpenPacket {
  sid: string;
  upgrades: string[];
  pingInterval: number;
  pingTimeout: number;
  maxPayload: number;
}

/** The text of an open packet, read; `undefined` where it is none. */
export function readOpenPacket(data: unknown): OpenPacket | undefined {
  try {
    const value: unknown = JSON.parse(String(data));
    return typeof value === 'object' && value !== null && 'sid' in value ? (value as OpenPacket) : undefined;
  } catch {
    return undefined;
  }
}

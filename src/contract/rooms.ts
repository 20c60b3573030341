/** The room that only the server fills: every socket of one user. */
export function personalRoom(userId: string): string {
  return `user:${userId}`;
}

/** The room of a protocol; a socket is in at most one, entered by `protocol:join` alone. */
export function protocolRoom(protocolId: string | number): string {
  return `protocol:${protocolId}`;
}

export const isPersonalRoom = (room: string): boolean => room.startsWith('user:');
export const isProtocolRoom = (room: string): boolean => room.startsWith('protocol:');

/** Whose room a personal room is. */
export function userIdOf(room: string): string {
  return room.slice('user:'.length);
}

/** The `protocolId` of a protocol room's name. */
export function protocolIdOf(room: string): string {
  return room.slice('protocol:'.length);
}

const ROOM_NAME_MAX_CHARACTERS = 128;

/** 1 to 128 characters, none of them a control character or white space. */
export function isRoomName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= ROOM_NAME_MAX_CHARACTERS &&
    !/[\p{Cc}\p{Zl}\p{Zp}\s]/u.test(value)
  );
}

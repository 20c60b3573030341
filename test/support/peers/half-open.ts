import { once } from 'node:events';
import { connect } from 'node:net';
import { openWire } from '../../../src/wire/open-wire.ts';
import type { WireOptions } from '../../../src/wire/wire-options.ts';
import type { Peer, WirePeer } from './connected-peer.ts';

export interface TcpPeer extends Peer {
  /** Resolves when the connection has ended, by whomever. */
  closed: Promise<void>;
}

/** A WebSocket (or a polling session) that never sends CONNECT. */
export async function unconnectedPeer(url: string, options: WireOptions = {}): Promise<WirePeer> {
  const wire = await openWire(url, options);
  return { wire, close: () => wire.close() };
}

/** A TCP connection that never says a word. */
export function tcpPeer(url: string): Promise<TcpPeer> {
  return openTcp(url, '');
}

/** A TCP connection with half a request, as of a client that died while writing it. */
export function halfRequestPeer(url: string): Promise<TcpPeer> {
  return openTcp(url, UPGRADE_REQUEST.slice(0, UPGRADE_REQUEST.length / 2));
}

/** A TCP connection with the whole request for a WebSocket, that does not care for the answer. */
export function requestPeer(url: string): Promise<TcpPeer> {
  return openTcp(url, UPGRADE_REQUEST);
}

const UPGRADE_REQUEST = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

async function openTcp(url: string, text: string): Promise<TcpPeer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}).resume();
  const closed = once(socket, 'close').then(() => {});
  await once(socket, 'connect');
  if (text !== '') await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  const close = (): Promise<void> => {
    socket.destroy();
    return closed;
  };
  return { closed, close };
}

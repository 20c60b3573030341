import { Wire } from './wire.ts';
import type { WireOptions } from './wire-options.ts';

/** Opens a connection up to the open packet of Engine.IO. Rejects with a `WireError` that holds the server's answer. */
export async function openWire(url: string, options: WireOptions = {}): Promise<Wire> {
  const wire = new Wire(url, options);
  await wire.opened();
  return wire;
}
